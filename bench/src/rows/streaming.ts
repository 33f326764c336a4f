/** One long answer through the server, and what memory it takes meanwhile. */
import { processorTime, residentMegabytes } from '../process.ts'
import { alternate, find, median, type Row } from '../row.ts'
import { openStage, type Server } from '../stage.ts'
import { apiKey } from './authentications.ts'

const bytes = 1_000_000_000
const sampleEvery = 20

interface Taken {
  speed: number
  /** Resident megabytes. */
  peak: number
  /** Milliseconds of the server's processor time; null where the system does not tell. */
  used: number | null
}

export const streaming: Row = {
  id: 'streaming',
  what: 'Streaming 1 GB',
  async run({ rounds, ...stageOptions }) {
    const stage = await openStage(apiKey, stageOptions)
    const take = async ({ pid, target }: Server, length: number): Promise<Taken> => {
      const before = processorTime(pid)
      let peak = 0
      const sample = (): void => void (peak = Math.max(peak, residentMegabytes(pid) ?? NaN))
      const sampling = setInterval(sample, sampleEvery)
      try {
        const path = `/stream/${length}`
        const figures = await stage.load({ kind: 'drain', target: target(path) }, 120_000)
        sample()
        const after = processorTime(pid)
        const used = before === null || after === null ? null : after - before
        return { speed: figures['megabytesPerSecond'] ?? NaN, peak, used }
      } finally {
        clearInterval(sampling)
      }
    }
    try {
      const servers = [stage.mooring, stage.passThrough]
      // Idle is after a first call: what only starts up with it is not the stream's.
      for (const { target } of servers) {
        await stage.load({ kind: 'closed', target: target('/small'), clients: 1, ms: 200 }, 30_000)
      }
      const [oursIdle = NaN, referenceIdle = NaN] = servers.map(({ pid }) => residentMegabytes(pid) ?? NaN)
      for (const server of servers) await take(server, bytes / 4)
      const results = await alternate(
        rounds,
        () => take(stage.mooring, bytes),
        () => take(stage.passThrough, bytes),
      )
      const byTime = results.flatMap(({ ours, reference }) =>
        ours.used === null || reference.used === null ? [] : [reference.used / ours.used],
      )
      const byProcessorTime = byTime.length === 0 ? null : median(byTime)
      return [
        find(
          { what: 'Streaming 1 GB', unit: 'MB/s', kind: 'ratio', aim: { atLeast: 0.9 }, byProcessorTime },
          results.map(({ ours, reference }) => ({
            ours: ours.speed,
            reference: reference.speed,
            oursProcessorMs: ours.used,
            referenceProcessorMs: reference.used,
          })),
        ),
        find(
          { what: 'Memory over idle while streaming: peak, idle', unit: 'MB', kind: 'difference', aim: { atMost: 32 } },
          results.map(({ ours }) => ({ ours: ours.peak, reference: oursIdle })),
        ),
        find(
          { what: 'The same of the bare pass-through', unit: 'MB', kind: 'difference', aim: null },
          results.map(({ reference }) => ({ ours: reference.peak, reference: referenceIdle })),
        ),
      ]
    } finally {
      await stage.stop()
    }
  },
}
