/** Reading a raw credential, with its rights, its event and its audit entry, beside Fastify that sends as many bytes. */
import { nextMessage, processorTime, startNode } from '../process.ts'
import { alternate, find, median, type Row } from '../row.ts'
import { openStage, type Server } from '../stage.ts'
import { oauth2 } from './authentications.ts'

const clients = 50

export const credentials: Row = {
  id: 'credentials',
  what: 'GET /credentials beside a constant answer of Fastify',
  async run({ seconds, rounds, ...stageOptions }) {
    const stage = await openStage(oauth2, stageOptions)
    const asked = { ...stage.mooring.target(''), path: '/v1/connections/bench/credentials' }
    const { headers, port, path } = asked
    const bytes = (await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).arrayBuffer()).byteLength
    const { core, nodeArgs } = { core: stageOptions.cores.server, nodeArgs: stageOptions.nodeArgs }
    const constant = startNode([...nodeArgs, 'bench/src/constant.ts', String(bytes)], { core, channel: true })
    try {
      const { port: constantPort } = await nextMessage<{ port: number }>(constant, 30_000)
      const reference: Server = {
        pid: constant.pid,
        target: () => ({ port: constantPort, path: '/constant', headers }),
      }
      const ours: Server = { pid: stage.mooring.pid, target: () => asked }
      const measure = async ({ pid, target }: Server, ms: number) => {
        const before = processorTime(pid)
        const { answers = 0, perSecond = 0 } = await stage.load(
          { kind: 'closed', target: target(''), clients, ms },
          ms + 30_000,
        )
        const after = processorTime(pid)
        return { perSecond, each: before === null || after === null ? null : (after - before) / answers }
      }
      for (const server of [ours, reference]) await measure(server, 2000)
      const results = await alternate(
        rounds,
        () => measure(ours, seconds * 1000),
        () => measure(reference, seconds * 1000),
      )
      const byTime = results.flatMap((each) =>
        each.ours.each === null || each.reference.each === null ? [] : [each.reference.each / each.ours.each],
      )
      return [
        find(
          {
            what: `GET /credentials, ${bytes} bytes`,
            unit: 'calls/s',
            kind: 'ratio',
            aim: null,
            byProcessorTime: byTime.length === 0 ? null : median(byTime),
          },
          results.map((each) => ({ ours: each.ours.perSecond, reference: each.reference.perSecond })),
        ),
      ]
    } finally {
      await constant.stop()
      await stage.stop()
    }
  },
}
