/** What a call waits longer than one made directly, at half of what the server can do. */
import { alternate, find, type Row } from '../row.ts'
import { openStage } from '../stage.ts'
import { apiKey } from './authentications.ts'

const clients = 50
const path = '/small'

export const latency: Row = {
  id: 'latency',
  what: 'Added latency at half of saturation',
  async run({ seconds, rounds, ...stageOptions }) {
    const stage = await openStage(apiKey, stageOptions)
    try {
      const ours = stage.mooring.target(path)
      const bare = stage.passThrough.target(path)
      const saturate = async (target: typeof ours, ms: number): Promise<number> => {
        const { perSecond = 0 } = await stage.load({ kind: 'closed', target, clients, ms }, ms + 30_000)
        return perSecond
      }
      await saturate(bare, 1500)
      await saturate(ours, 2000)
      const perSecond = Math.floor((await saturate(ours, 2000)) / 2)
      const measure = async (target: typeof ours): Promise<Record<'p50' | 'p99' | 'max', number>> => {
        const ms = seconds * 1000
        const figures = await stage.load({ kind: 'open', target, clients, perSecond, ms }, 4 * ms + 30_000)
        return { p50: figures['p50'] ?? NaN, p99: figures['p99'] ?? NaN, max: figures['max'] ?? NaN }
      }
      const direct = stage.direct(path)
      await measure(direct)
      const through = await alternate(
        rounds,
        () => measure(ours),
        () => measure(direct),
      )
      const throughBare = await alternate(
        rounds,
        () => measure(bare),
        () => measure(direct),
      )
      const finding = (name: string, results: typeof through, quantile: 'p50' | 'p99', atMost: number | null) =>
        find(
          {
            what: `${name}, ${quantile} at ${perSecond}/s`,
            unit: 'ms',
            kind: 'difference',
            aim: atMost === null ? null : { atMost },
          },
          results.map((each) => ({ ours: each.ours[quantile], reference: each.reference[quantile] })),
        )
      return [
        finding('Added latency', through, 'p50', 0.3),
        finding('Added latency', through, 'p99', 2),
        finding('The same of the bare pass-through', throughBare, 'p50', null),
        finding('The same of the bare pass-through', throughBare, 'p99', null),
      ]
    } finally {
      await stage.stop()
    }
  },
}
