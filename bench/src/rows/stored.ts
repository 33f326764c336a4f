/** What a full database costs: a call, a start, and memory at rest. */
import { nextMessage, processorTime, residentMegabytes, startNode } from '../process.ts'
import type { Answer } from '../client/main.ts'
import { type RunningMooring, startMooring } from '../mooring.ts'
import { alternate, find, median, type Row } from '../row.ts'
import { apiKey } from './authentications.ts'

const [few, many] = [1000, 1_000_000]
const clients = 50
const path = '/small'
/** After a start, before memory counts as idle, in milliseconds. */
const rest = 5000

export const stored: Row = {
  id: 'stored',
  what: 'One million connections stored',
  // Filled by copying rows of a file that no server has open.
  engine: 'sqlite',
  async run({ seconds, rounds, cores, nodeArgs }) {
    const client = startNode(['bench/src/client/main.ts'], { core: cores.client, channel: true })
    const open: RunningMooring[] = []
    try {
      const { port: upstreamPort } = await nextMessage<{ port: number }>(client, 30_000)
      for (const count of [few, many])
        open.push(await startMooring(apiKey, { core: cores.server, upstreamPort, nodeArgs, stored: count }))
      const [small, large] = open
      if (small === undefined || large === undefined) throw new Error('not started')
      const measure = async (server: RunningMooring, ms: number) => {
        const before = processorTime(server.started.pid)
        const answered = nextMessage<Answer>(client, ms + 30_000)
        client.child.send({ kind: 'closed', target: server.target(path), clients, ms })
        const answer = await answered
        if ('error' in answer) throw new Error(answer.error)
        const { answers = 0, perSecond = 0 } = answer.figures
        const after = processorTime(server.started.pid)
        return { perSecond, each: before === null || after === null ? null : (after - before) / answers }
      }
      for (const server of open) await measure(server, 2000)
      const calls = await alternate(
        rounds,
        () => measure(large, seconds * 1000),
        () => measure(small, seconds * 1000),
      )
      const byTime = calls.flatMap(({ ours, reference }) =>
        ours.each === null || reference.each === null ? [] : [reference.each / ours.each],
      )
      const starts = await alternate(
        rounds,
        () => large.restart(path),
        () => small.restart(path),
      )
      await new Promise((resolve) => setTimeout(resolve, rest))
      const memory = open.map(({ started }) => residentMegabytes(started.pid) ?? NaN)
      const alone = (what: string, unit: string, atMost: number, values: number[]) =>
        find(
          { what, unit, kind: 'difference', aim: { atMost } },
          values.map((ours) => ({ ours, reference: 0 })),
        )
      return [
        find(
          {
            what: `A call with ${many} stored, beside ${few}`,
            unit: 'calls/s',
            kind: 'ratio',
            aim: { atLeast: 0.95 },
            byProcessorTime: byTime.length === 0 ? null : median(byTime),
          },
          calls.map(({ ours, reference }) => ({ ours: ours.perSecond, reference: reference.perSecond })),
        ),
        alone(
          `Start to first call, ${many} stored`,
          'ms',
          1500,
          starts.map(({ ours }) => ours),
        ),
        alone(
          `Start to first call, ${few} stored`,
          'ms',
          1000,
          starts.map(({ reference }) => reference),
        ),
        alone(`Idle memory, ${few} stored`, 'MB', 120, memory.slice(0, 1)),
        alone(`Idle memory, ${many} stored`, 'MB', 120, memory.slice(1)),
      ]
    } finally {
      for (const server of open) await server.stop()
      await client.stop()
    }
  },
}
