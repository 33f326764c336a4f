import { routes } from '@mooring/contract'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Caller } from '../access/caller.ts'
import { type AuditLog, createAuditLog } from '../audit/log.ts'
import { invalid, MooringError } from '../errors.ts'
import { event } from '../events/event.ts'
import { createLog } from '../log.ts'
import { openSqlite } from '../storage/sqlite.ts'
import type { Store } from '../store.ts'
import { actOf } from './acts.ts'
import { type Auditor, createAuditor } from './auditor.ts'

let store: Store
let audit: AuditLog
let logged = ''
const log = createLog('info', { write: (line: string) => void (logged += line) })

beforeEach(async () => {
  logged = ''
  store = await openSqlite({ path: ':memory:' })
  await store.workspaces.insert({ id: 'w1', name: 'Main', createdAt: 1 })
  audit = createAuditLog({ store, now: () => 1_750_000_000_000 })
})
afterEach(() => store.close())

const request = { ip: '192.0.2.7', method: 'POST', params: {} }
const signIn = actOf(routes.signIn)
const refused = new MooringError('unauthenticated', { detail: 'Address or password are wrong.' })
const entries = async () => (await audit.list('w1', { after: 0 }, { limit: 99 })).items
const auditor = (): Auditor => createAuditor({ audit, store, log })
const attempt = (email: string, error: unknown = refused): Promise<void> =>
  auditor().failed(signIn, request, { body: { email, password: 'a-password' } }, error)

describe('S-53 somebody who is not known yet', () => {
  test('and fails to sign in is recorded with the address, and without the password', async () => {
    await attempt('ana@example.com')
    expect(await entries()).toMatchObject([
      {
        actor: 'anonymous',
        actorName: '',
        action: 'session.create',
        object: 'ana@example.com',
        address: '192.0.2.7',
        outcome: 'refused',
        detail: 'Address or password are wrong.',
      },
    ])
    expect(JSON.stringify(await entries())).not.toContain('a-password')
  })

  test('and writes a password where the address belongs does not have it recorded', async () => {
    await attempt('a-password-by-mistake')
    expect(await entries()).toMatchObject([{ object: null }])
    expect(JSON.stringify(await entries())).not.toContain('mistake')
  })

  test('cannot fill the log: neither by asking too often nor by what cannot be read nor elsewhere', async () => {
    await attempt('ana@example.com', new MooringError('rate_limited', { detail: 'Wait.' }))
    await attempt('', invalid([{ path: 'email', code: 'required', message: 'Fill this in.' }]))
    for (const route of [routes.setUp, routes.acceptInvitation, routes.resetPassword, routes.createApiKey])
      await auditor().failed(actOf(route), request, { body: { token: 'x' } }, refused)
    expect(await entries()).toEqual([])
  })

  test('and signs in is known by the reply', async () => {
    const reply = { user: { id: 'usr_1', name: 'Ana' }, workspace: 'Main', csrfToken: 'secret-of-the-session' }
    const body = { email: 'ana@example.com', password: 'a-password' }
    await auditor().done(signIn, request, { params: {}, query: undefined, body, reply })
    expect(await entries()).toMatchObject([
      { actor: 'user:usr_1', actorName: 'Ana', object: 'ana@example.com', outcome: 'done', detail: 'Signed in.' },
    ])
    expect(JSON.stringify(await entries())).not.toMatch(/secret-of-the-session|a-password/)
  })
})

describe('S-53 a log that cannot be written', () => {
  const caller: Caller = { workspaceId: 'w1', kind: 'api_key', id: 'k', name: 'CI', role: 'owner', connections: null }
  const told = { caller, params: { connection: 'crm' }, query: undefined, body: undefined, reply: {} }
  const full = () => Promise.reject(new Error('disk full'))
  const broken = (): Auditor => createAuditor({ audit: { ...audit, append: full, appendAlike: full }, store, log })

  test.each([
    ['', undefined],
    [
      ', also where it shares its entry',
      { connectionId: 'c1', event: () => event('w1', 1, 'connection.credentials_read', { detail: 'Read.' }) },
    ],
  ])('keeps a credential from being shown%s', async (_where, along) => {
    const done = broken().done(actOf(routes.getCredentials), { ...request, method: 'GET' }, { ...told, along })
    await expect(done).rejects.toThrow('disk full')
  })

  test('leaves a write that was made as it is, and tells the log of the process', async () => {
    await broken().done(actOf(routes.revokeConnection), request, told)
    await broken().failed(actOf(routes.revokeConnection), request, told, refused)
    const lines = logged.trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain('connection.revoke')
  })
})

describe('S-53 what is told', () => {
  test('is bounded, and the same when it is read back', async () => {
    const odd = { actor: 'api_key:k', actorName: 'A\ud800\u0000B', action: 'a.b', object: null, address: null }
    await audit.append('w1', { ...odd, outcome: 'done', detail: `${'x'.repeat(499)}😀 more` })
    const [entry] = await entries()
    expect(entry?.actorName).toBe('A\ufffd B')
    expect(entry?.detail).toHaveLength(500)
    expect(await audit.verify('w1')).toMatchObject({ ok: true, entries: 1 })
  })

  test.each(Object.entries(routes).filter(([, { method }]) => method !== 'GET'))(
    '%s says something for a request of which nothing is known',
    (_name, route) => {
      const act = actOf(route)
      const told = { params: undefined, query: undefined, body: undefined, reply: undefined }
      expect(act?.object(told) ?? null).toBeNull()
      expect(act?.detail(told) ?? 'not recorded').toMatch(/\S/)
    },
  )
})
