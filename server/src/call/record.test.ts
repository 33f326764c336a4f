import { expect, test } from 'vitest'
import type { Caller } from '../access/caller.ts'
import type { CallCount, EventRecord } from '../store.ts'
import type { Live } from './live.ts'
import { createRecorder } from './record.ts'

const caller: Caller = { workspaceId: 'w', kind: 'api_key', id: 'k', name: 'K', role: 'owner', connections: null }
const liveOf = (id: string): Live =>
  ({
    bound: { connection: { id, workspaceId: 'w' }, service: { id: 's' } },
    authorization: { id: `a${id}`, user: '' },
  }) as unknown as Live
const url = new URL('https://api.example.com/x')

test('what calls leave is bounded while the store does not answer, and told again when it does', async () => {
  const events: EventRecord[] = []
  const counts: CallCount[] = []
  const touched: string[] = []
  let answers: (() => void) | undefined
  let hanging = true
  let appends = 0
  const store = {
    events: {
      append: async (list: EventRecord[]) => {
        appends++
        if (hanging) await new Promise<void>((resolve) => (answers = resolve))
        events.push(...list)
      },
    },
    authorizations: { touch: async (uses: { id: string }[]) => void touched.push(...uses.map(({ id }) => id)) },
    callCounts: { add: async (list: CallCount[]) => void counts.push(...list) },
  }
  const recorder = createRecorder({
    store: store as unknown as Parameters<typeof createRecorder>[0]['store'],
    now: () => 1_800_000_000_000,
    count: () => undefined,
    log: { warn: () => undefined },
  })
  const call = (id: string): void => recorder.record(caller, liveOf(id), { method: 'GET', url, status: 200, ms: 1 })
  call('first')
  const flushes = Array.from({ length: 100 }, () => recorder.flush(false))
  await expect.poll(() => answers !== undefined).toBe(true)
  for (let index = 0; index < 120_000; index++) call(`c${index}`)
  for (let index = 0; index < 100; index++) flushes.push(recorder.flush(false))
  // Of 120 000 calls 50 000 are counted, 5000 of them with an entry.
  expect(recorder.dropped()).toBe(120_000 - 5000)
  hanging = false
  answers?.()
  await Promise.all(flushes)
  await recorder.flush(true)
  expect([events.length, counts.length, touched.length]).toEqual([5001, 50_001, 50_001])
  // Two hundred flushes did not queue up behind the one that hung.
  expect(appends).toBeLessThanOrEqual(3)

  call('again')
  await recorder.flush(true)
  expect(counts.at(-1)).toMatchObject({ connectionId: 'again', calls: 1 })
})
