/** Tokens that are all due when a server comes back: how fast they are renewed, and that each is renewed once and in time. */
import { setTimeout as delay } from 'node:timers/promises'
import { find, type Row } from '../row.ts'
import { eachOf, openRenewing } from './provider.ts'

/** Renewals of one process at once. */
const atOnce = 32
/** Of the lives that tokens begin with half lies before they are due: time to make them, and to renew them. */
const lifeMs = (tokens: number): number => Math.max(40_000, tokens * 40)

export const storm: Row = {
  id: 'storm',
  what: 'Renewing tokens that are due at once',
  async run(options) {
    const { tokens } = options
    const stage = await openRenewing(options)
    const { mooring } = stage
    try {
      const expiresAt = Date.now() + lifeMs(tokens)
      const names = Array.from({ length: tokens }, (_, index) => `storm_${index}`)
      await eachOf(names, 8, (name) => stage.connect(name, expiresAt))
      const last = Date.now()
      await mooring.end()
      // The margin is half of what a token had left to live.
      const dueAt = last + (expiresAt - last) / 2
      if (dueAt - last < 1000) throw new Error('the tokens were due before all of them were made')
      await delay(dueAt + 1000 - Date.now())

      const url = `http://127.0.0.1:${stage.port}/token`
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'refresh.none.0' })
      const ask = async (): Promise<void> => void (await (await fetch(url, { method: 'POST', body })).text())
      await eachOf(names.slice(0, 500), atOnce, ask)
      await stage.seen()
      await eachOf(names.slice(0, 3000), atOnce, ask)
      const alone = await stage.seen()

      await mooring.start()
      let late = tokens
      while (late > 0 && Date.now() < expiresAt) {
        await delay(500)
        late = await notRenewed(mooring.ask, expiresAt)
      }
      await delay(2000)
      const through = await stage.seen()
      const count = (what: string, ours: number) =>
        find({ what, unit: 'tokens', kind: 'difference', aim: { atMost: 0 } }, [{ ours, reference: 0 }])
      return [
        find(
          {
            what: `Storm of ${tokens} renewals, beside the provider alone`,
            unit: 'renewals/s',
            kind: 'ratio',
            aim: null,
          },
          [
            {
              ours: (through.requests / through.tookMs) * 1000,
              reference: (alone.requests / alone.tookMs) * 1000,
              tookMs: through.tookMs,
            },
          ],
        ),
        count('Tokens that ended before they were renewed', late),
        count('Token requests beyond one for each', through.requests - tokens + late),
        count('Refresh tokens used twice', through.duplicates),
      ]
    } finally {
      await stage.stop()
    }
  },
}

type Ask = (method: string, path: string) => Promise<{ status: number; text: string }>

/** Connections that are not active with a token that lives beyond this moment. */
async function notRenewed(ask: Ask, expiresAt: number): Promise<number> {
  let count = 0
  let cursor = ''
  do {
    const { status, text } = await ask('GET', `/v1/connections?limit=100${cursor}`)
    if (status !== 200) throw new Error(`the list of connections: ${status} ${text}`)
    const page = JSON.parse(text) as {
      items: { status: string; expiresAt: string | null }[]
      nextCursor: string | null
    }
    for (const one of page.items) if (one.status !== 'active' || Date.parse(one.expiresAt ?? '') <= expiresAt) count++
    cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`
  } while (cursor !== '')
  return count
}
