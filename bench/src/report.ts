/** Findings as a table for a terminal. */
import type { Machine } from './machine.ts'
import type { Finding } from './row.ts'

export function describe(machine: Machine, rounds: number, seconds: number): string {
  return [
    `Mooring ${machine.mooring} at ${machine.commit}`,
    `node ${machine.node}, undici ${machine.undici}, ${machine.platform}, ${machine.processor}`,
    `${machine.cores} cores, ${machine.memoryGiB} GiB; pinned: ${machine.pinned}`,
    `${rounds} alternating rounds of ${seconds} s, after warm-up, on loopback; ${machine.at}`,
    ...(rounds < 5 ? ['Fewer than five rounds: a look, not a result.'] : []),
  ].join('\n')
}

const titles = ['What', 'Ours', 'Reference', 'Compared', 'Spread', 'By CPU time', 'Aim', '']

/** `ratio`: ours to the reference, more is better. `difference`: ours less the reference, written with its sign. */
export function table(findings: Finding[]): string {
  const lines = [titles, ...findings.map(cells)]
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const [head = '', ...rest] = lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  return [head, '-'.repeat(head.length), ...rest].join('\n')
}

function cells({ what, unit, ours, reference, comparison, aim, byProcessorTime }: Finding): string[] {
  const { kind, median, lowest, highest } = comparison
  const compared = (value: number): string =>
    kind === 'ratio' ? value.toFixed(2) : `${value < 0 ? '-' : '+'}${amount(Math.abs(value), unit)}`
  return [
    what,
    `${amount(ours, unit)} ${unit}`,
    `${amount(reference, unit)} ${unit}`,
    compared(median),
    `${compared(lowest)} .. ${compared(highest)}`,
    byProcessorTime === null ? '' : byProcessorTime.toFixed(2),
    aim === null ? '' : 'atLeast' in aim ? `>= ${aim.atLeast.toFixed(2)}` : `<= ${aim.atMost} ${unit}`,
    aim === null ? '' : isReached(median, aim) ? 'reached' : 'missed',
  ]
}

function isReached(value: number, aim: NonNullable<Finding['aim']>): boolean {
  return 'atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost
}

function amount(value: number, unit: string): string {
  if (unit === 'ms') return value.toFixed(3)
  return unit === 'MB' ? value.toFixed(1) : String(Math.round(value))
}
