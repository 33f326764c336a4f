/** Calls a second through a connection, beside the bare pass-through. */
import type { Authentication } from '../mooring.ts'
import { processorTime } from '../process.ts'
import { alternate, find, median, type Row } from '../row.ts'
import { openStage, type Server } from '../stage.ts'

const clients = 50
const path = '/small'

interface Round {
  perSecond: number
  /** Of the server's processor time; null where the system does not tell. */
  microsecondsPerCall: number | null
  /** The share of one core the server was busy; well below 1, it was not the server that was measured. */
  busy: number | null
}

export function throughput(id: string, what: string, authentication: Authentication, atLeast: number): Row {
  return {
    id,
    what,
    async run({ seconds, rounds, ...stageOptions }) {
      const stage = await openStage(authentication, stageOptions)
      const measure = async ({ pid, target }: Server, ms: number): Promise<Round> => {
        const before = processorTime(pid)
        const figures = await stage.load({ kind: 'closed', target: target(path), clients, ms }, ms + 30_000)
        const after = processorTime(pid)
        const { answers = 0, perSecond = 0 } = figures
        const used = before === null || after === null ? null : after - before
        return {
          perSecond,
          microsecondsPerCall: used === null ? null : (used * 1000) / answers,
          busy: used === null ? null : used / ((answers / perSecond) * 1000),
        }
      }
      try {
        for (const server of [stage.mooring, stage.passThrough]) await measure(server, 2000)
        const results = await alternate(
          rounds,
          () => measure(stage.mooring, seconds * 1000),
          () => measure(stage.passThrough, seconds * 1000),
        )
        const byTime = results.flatMap(({ ours, reference }) =>
          ours.microsecondsPerCall === null || reference.microsecondsPerCall === null
            ? []
            : [reference.microsecondsPerCall / ours.microsecondsPerCall],
        )
        return [
          find(
            {
              what,
              unit: 'calls/s',
              kind: 'ratio',
              aim: { atLeast },
              byProcessorTime: byTime.length === 0 ? null : median(byTime),
            },
            results.map(({ ours, reference }) => ({
              ours: ours.perSecond,
              reference: reference.perSecond,
              oursMicrosecondsPerCall: ours.microsecondsPerCall,
              referenceMicrosecondsPerCall: reference.microsecondsPerCall,
              oursBusy: ours.busy,
              referenceBusy: reference.busy,
            })),
          ),
        ]
      } finally {
        await stage.stop()
      }
    },
  }
}
