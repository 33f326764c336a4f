/** What a row is and what it hands over. */
import type { Engine } from './database.ts'
import type { StageOptions } from './stage.ts'

export interface RowOptions extends StageOptions {
  seconds: number
  rounds: number
  /** Of a storm of renewals. */
  tokens: number
}

/** One line of the table. */
export interface Finding {
  what: string
  unit: string
  /** Medians over the rounds. */
  ours: number
  reference: number
  /** Over the rounds: of `ours / reference`, or of `ours - reference` where the aim is a difference. */
  comparison: { kind: 'ratio' | 'difference'; median: number; lowest: number; highest: number }
  aim: { atLeast: number } | { atMost: number } | null
  /** The same comparison by processor time a request, which other programs on the machine hardly change. */
  byProcessorTime: number | null
  rounds: { ours: number; reference: number; [figure: string]: number | null }[]
}

export interface Row {
  id: string
  what: string
  /** Where it is made on one engine alone. */
  engine?: Engine
  run: (options: RowOptions) => Promise<Finding[]>
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

/** Sums up the rounds of a row. */
export function find(
  about: Pick<Finding, 'what' | 'unit' | 'aim'> & { kind: 'ratio' | 'difference'; byProcessorTime?: number | null },
  rounds: Finding['rounds'],
): Finding {
  const { what, unit, aim, kind, byProcessorTime = null } = about
  const each = rounds.map(({ ours, reference }) => (kind === 'ratio' ? ours / reference : ours - reference))
  return {
    what,
    unit,
    aim,
    ours: median(rounds.map(({ ours }) => ours)),
    reference: median(rounds.map(({ reference }) => reference)),
    comparison: { kind, median: median(each), lowest: Math.min(...each), highest: Math.max(...each) },
    byProcessorTime,
    rounds,
  }
}

/** Alternates between the two, the other one first every second round, so that a drift of the machine hits both. */
export async function alternate<Figures>(
  rounds: number,
  ours: () => Promise<Figures>,
  reference: () => Promise<Figures>,
): Promise<{ ours: Figures; reference: Figures }[]> {
  const results: { ours: Figures; reference: Figures }[] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await ours()
      results.push({ ours: first, reference: await reference() })
    } else {
      const first = await reference()
      results.push({ reference: first, ours: await ours() })
    }
  }
  return results
}
