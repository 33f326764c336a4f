import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { event } from '../events/event.ts'
import { openSqlite } from '../storage/sqlite.ts'
import type { Store } from '../store.ts'
import { type Act, type AlikeTold, type AuditLog, createAuditLog } from './log.ts'

let store: Store
let audit: AuditLog

beforeEach(async () => {
  store = await openSqlite({ path: ':memory:' })
  audit = createAuditLog({ store, now: () => 1_750_000_000_000 })
})
afterEach(() => store.close())

const act: Act = {
  actor: 'api_key:k',
  actorName: 'CI',
  action: 'connection.read_credentials',
  object: 'crm',
  address: null,
  outcome: 'done',
  detail: '',
}
const told =
  (word: string) =>
  (count: number): AlikeTold => ({
    act: { ...act, detail: `${word} ${count}` },
    event: event('w1', 1, 'connection.credentials_read', { detail: `${word} ${count}` }),
  })
const read = (word: string, workspaceId = 'w1') => audit.appendAlike(workspaceId, word, told(word))
const entries = async (workspaceId = 'w1') =>
  (await audit.list(workspaceId, { after: 0 }, { limit: 99 })).items.map(({ detail }) => detail)
const events = async () => (await store.events.after('w1', 0, 99)).map(({ detail }) => detail)

describe('S-53 acts that are alike and come at once', () => {
  test('share an entry and an event that say how many they are; others have their own', async () => {
    await Promise.all([read('a'), read('b'), read('a'), read('a'), read('a', 'w2')])
    expect((await entries()).toSorted()).toEqual(['a 3', 'b 1'])
    expect(await entries('w2')).toEqual(['a 1'])
    expect((await events()).toSorted()).toEqual(['a 1', 'a 3', 'b 1'])
    expect(await audit.verify('w1')).toMatchObject({ ok: true, entries: 2 })
  })

  test('do not share with what was written before, nor with what is being written', async () => {
    await read('a')
    const second = read('a')
    await second
    let late: Promise<void> | undefined
    // While the number is being written down: whoever comes now is not in it.
    await audit.appendAlike('w1', 'b', (count) => {
      late ??= read('b')
      return told('b')(count)
    })
    await late
    expect(await entries()).toEqual(['a 1', 'a 1', 'b 1', 'b 1'])
  })

  test('all fail where the entry cannot be written, and the next begin anew', async () => {
    const append = store.auditLog.append.bind(store.auditLog)
    store.auditLog.append = () => Promise.reject(new Error('disk full'))
    expect(await Promise.allSettled([read('a'), read('a')])).toMatchObject([
      { reason: new Error('disk full') },
      { reason: new Error('disk full') },
    ])
    store.auditLog.append = append
    await Promise.all([read('a'), read('a')])
    expect(await entries()).toEqual(['a 2'])
  })

  test('say the same number where their transaction is run again', async () => {
    const append = store.auditLog.append.bind(store.auditLog)
    let late: Promise<void> | undefined
    store.auditLog.append = (workspaceId, entry, along) =>
      append(
        workspaceId,
        (place) => {
          // The run that was undone; somebody comes before it is run again.
          entry(place)
          late ??= read('a')
          return entry(place)
        },
        along,
      )
    await Promise.all([read('a'), read('a')])
    await late
    expect(await entries()).toEqual(['a 2', 'a 1'])
    expect(await events()).toEqual(['a 2', 'a 1'])
  })
})
