/** Two servers on one PostgreSQL database beside one of them: calls a second, and processor time a call. */
import { availableParallelism } from 'node:os'
import type { Answer } from '../client/main.ts'
import { type RunningMooring, startMooring } from '../mooring.ts'
import { nextMessage, processorTime, startNode, type Started } from '../process.ts'
import { alternate, find, median, type Row } from '../row.ts'
import { oauth2 } from './authentications.ts'

const clients = 50
const path = '/small'

interface Figures {
  perSecond: number
  /** Milliseconds of the servers' processor time; null where the system does not tell. */
  each: number | null
}

export const nodes: Row = {
  id: 'nodes',
  what: 'Two servers on one PostgreSQL beside one',
  engine: 'postgres',
  async run({ seconds, rounds, cores, nodeArgs, databases }) {
    const client = startNode(['bench/src/client/main.ts'], { core: cores.client, channel: true })
    // A load of its own for the second: one process would be the end of both.
    const secondClient = startNode(['bench/src/client/main.ts'], { core: cores.client, channel: true })
    const open: RunningMooring[] = []
    try {
      const { port: upstreamPort } = await nextMessage<{ port: number }>(client, 30_000)
      await nextMessage<{ port: number }>(secondClient, 30_000)
      const environment = await databases.environment('nodes')
      // The first beside whoever else is on the server's core in other rows, the second on the core of the load.
      for (const core of [cores.server, cores.client])
        open.push(await startMooring(oauth2, { core, upstreamPort, nodeArgs, environment }))
      const used = (servers: RunningMooring[]): number =>
        servers.reduce((sum, { started }) => sum + (processorTime(started.pid) ?? NaN), 0)
      const load = async (from: Started, server: RunningMooring, count: number, ms: number) => {
        const answered = nextMessage<Answer>(from, ms + 30_000)
        from.child.send({ kind: 'closed', target: server.target(path), clients: count, ms })
        const answer = await answered
        if ('error' in answer) throw new Error(answer.error)
        return answer.figures
      }
      const measure = async (servers: RunningMooring[], ms: number): Promise<Figures> => {
        const before = used(servers)
        const all = await Promise.all(
          servers.map((server, n) => load(n === 0 ? client : secondClient, server, clients / servers.length, ms)),
        )
        const sum = (figure: string): number => all.reduce((total, figures) => total + (figures[figure] ?? 0), 0)
        const spent = used(servers) - before
        return { perSecond: sum('perSecond'), each: Number.isNaN(spent) ? null : spent / sum('answers') }
      }
      for (const server of open) await measure([server], 2000)
      const results = await alternate(
        rounds,
        () => measure(open, seconds * 1000),
        () => measure(open.slice(0, 1), seconds * 1000),
      )
      const byTime = results.flatMap(({ ours, reference }) =>
        ours.each === null || reference.each === null ? [] : [reference.each / ours.each],
      )
      // Both servers, the load, the API and the database want a core each.
      const enough = availableParallelism() >= 5
      return [
        find(
          {
            what: `Two servers beside one${enough ? '' : ', which share their cores with the load: see CPU time'}`,
            unit: 'calls/s',
            kind: 'ratio',
            aim: enough ? { atLeast: 1.8 } : null,
            byProcessorTime: byTime.length === 0 ? null : median(byTime),
          },
          results.map(({ ours, reference }) => ({ ours: ours.perSecond, reference: reference.perSecond })),
        ),
      ]
    } finally {
      for (const server of open) await server.stop()
      await client.stop()
      await secondClient.stop()
    }
  },
}
