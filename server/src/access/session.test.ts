import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqlite } from '../storage/sqlite.ts'
import * as record from '../storage/suite/fixtures.ts'
import type { Store } from '../store.ts'
import { createSessions, idleLimit, type NewSession, sessionLife, type Sessions } from './session.ts'

const hour = 3_600_000
let store: Store
let at: number
let begun: NewSession
/** Two processes on one store. */
let here: Sessions
let there: Sessions

beforeEach(async () => {
  at = record.now
  store = await openSqlite({ path: ':memory:' })
  const process = () => createSessions({ store, now: () => at, log: { warn: () => undefined } })
  here = process()
  there = process()
  const ana = record.user('u1')
  await store.users.insert(ana)
  begun = await here.begin(store, ana, { userAgent: 'Browser', address: '192.0.2.1', token: undefined })
})
afterEach(() => store.close())

const known = async (by: Sessions, use = true): Promise<boolean> => (await by.caller(begun.token, use)) !== undefined

test('ends twelve hours after its last use', async () => {
  at += idleLimit - 1
  expect(await known(here)).toBe(true)
  at += idleLimit - 1
  expect(await known(here)).toBe(true)
  at += idleLimit
  expect(await known(here)).toBe(false)
})

test('does not live longer by what is no use of it, as a stream that is left open', async () => {
  at += 6 * hour
  expect(await known(here, false)).toBe(true)
  at += 6 * hour
  expect(await known(here, false)).toBe(false)
})

test('ends thirty days after signing in, however much it is used', async () => {
  for (const end = at + sessionLife; at < end; at += hour) expect(await known(here)).toBe(true)
  expect(await known(here)).toBe(false)
})

test('lives by its use through another process, which is written within a minute', async () => {
  await known(there)
  at += idleLimit - hour
  await known(here)
  await here.flush(false)
  at += 2 * hour
  expect(await known(there)).toBe(true)
})

test('has its last use written once a minute at the most', async () => {
  const lastSeen = async (): Promise<number | undefined> => (await store.sessions.ofUser('w1', 'u1', 1))[0]?.lastSeenAt
  const uses = async (): Promise<void> => {
    await known(here)
    await here.flush(false)
  }
  await uses()
  const first = at
  at += 59_000
  await uses()
  expect(await lastSeen()).toBe(first)
  at += 1000
  await uses()
  expect(await lastSeen()).toBe(at)
})

test('is kept hashed, and its CSRF token is not kept at all', async () => {
  const caller = await here.caller(begun.token, true)
  const stored = JSON.stringify(await store.sessions.ofUser('w1', 'u1', 1))
  expect(stored).not.toContain(begun.token)
  expect(stored).not.toContain(caller?.session?.csrfToken)
  expect(caller).toMatchObject({ kind: 'user', id: 'u1', role: 'developer', workspaceId: 'w1' })
})

test('of somebody who is not active is none, cached or not', async () => {
  await known(here)
  await store.users.update(record.user('u1', { active: false, version: 2 }))
  expect(await known(there)).toBe(false)
  here.dropUser('u1')
  expect(await known(here)).toBe(false)
})
