/** Many callers at the moment at which their token has ended: one token request, and everybody gets the new token. */
import { alternate, find, type Row } from '../row.ts'
import { openRenewing } from './provider.ts'

const callers = 200
/** What the provider takes for a token, so that all callers come while it thinks. */
const thinkingMs = 300

export const herd: Row = {
  id: 'herd',
  what: '200 callers at once on one ended token',
  async run(options) {
    const stage = await openRenewing(options)
    try {
      let made = 0
      const crowd = async (count: number): Promise<{ ms: number; requests: number; refused: number }> => {
        const name = `herd_${made++}`
        await stage.connect(name, Date.now() - 60_000)
        await stage.seen(thinkingMs)
        const from = performance.now()
        const answers = await Promise.all(
          Array.from({ length: count }, () => stage.mooring.ask('GET', `/v1/proxy/${name}/me`)),
        )
        const ms = performance.now() - from
        const { requests } = await stage.seen()
        return { ms, requests, refused: answers.filter(({ status }) => status !== 200).length }
      }
      await crowd(callers)
      const rounds = await alternate(
        options.rounds,
        () => crowd(callers),
        () => crowd(1),
      )
      const most = (figure: 'requests' | 'refused'): number => Math.max(...rounds.map(({ ours }) => ours[figure]))
      const count = (what: string, unit: string, ours: number, atMost: number) =>
        find({ what, unit, kind: 'difference', aim: { atMost } }, [{ ours, reference: 0 }])
      return [
        find(
          {
            what: `The last of ${callers} callers on an ended token, beside one`,
            unit: 'ms',
            kind: 'difference',
            aim: null,
          },
          rounds.map(({ ours, reference }) => ({ ours: ours.ms, reference: reference.ms })),
        ),
        count('Token requests for them', 'requests', most('requests'), 1),
        count('Callers that were refused', 'callers', most('refused'), 0),
      ]
    } finally {
      await stage.stop()
    }
  },
}
