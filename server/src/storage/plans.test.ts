import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database as Handle } from 'better-sqlite3'
import { type CompiledQuery, Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SealedPlace, sealedPlaces, type Store } from '../store.ts'
import { createStore } from './queries.ts'
import type { Schema } from './schema.ts'
import { ImmediateSqliteDialect } from './sqlite_dialect.ts'
import { openHandle, openSqlite, sqliteEngine } from './sqlite.ts'
import * as record from './suite/fixtures.ts'

const { now } = record
const folder = mkdtempSync(join(tmpdir(), 'mooring-plans-'))
let handle: Handle
let store: Store
const ran: CompiledQuery[] = []

beforeAll(async () => {
  const path = join(folder, 'plans.sqlite')
  const first = await openSqlite({ path })
  await first.close()
  handle = openHandle(path, 'full')
  const db = new Kysely<Schema>({
    dialect: new ImmediateSqliteDialect(handle, 1000),
    log: ({ query }) => void ran.push(query),
  })
  store = createStore({ db, engine: sqliteEngine(db, handle, undefined) })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

function plan(sql: string, parameters: readonly unknown[]): string {
  const steps = handle.prepare(`explain query plan ${sql}`).all(...parameters)
  return steps
    .map((step) => (typeof step === 'object' && step !== null && 'detail' in step ? String(step.detail) : ''))
    .join('; ')
}

/** The plans of the queries that this work runs. */
async function plans(work: () => Promise<unknown>): Promise<string> {
  ran.length = 0
  await work()
  const queries = ran.filter(({ sql }) => !/^(begin|commit|rollback)/.test(sql))
  return queries.map(({ sql, parameters }) => plan(sql, parameters)).join('; ')
}

/** One row, however much there is; indexes that hold only rows that are asked for, read in order up to a limit. */
const bounded =
  /SCAN (change_horizon|authorizations USING INDEX authorizations_(due|unwiped)|\w+ USING INDEX (\w+_unkeyed|jobs_running))/g

const page = { limit: 10 }
const later = (at: number | string, id = '') => ({
  limit: 10,
  cursor: Buffer.from(`${at}.${id}`).toString('base64url'),
})
const take = { owner: 'p1', now, until: now }

const indexOf = ({ table, field }: SealedPlace): string => `${table}_${field}`

/** Each query with the index that must answer it. */
const hot: [name: string, index: string, work: () => Promise<unknown>][] = [
  ['services.find by link name', 'services_link_name', () => store.services.find('w1', 'x')],
  ['services.findByCallbackId', 'services_callback_id', () => store.services.findByCallbackId('x')],
  ['services.list', 'services_newest', () => store.services.list('w1', {}, later(now, 'x'))],
  ['services.list with a query', 'services_newest', () => store.services.list('w1', { query: 'x' }, page)],
  ['services.linkNames', 'services_link_name', () => store.services.linkNames('w1', 'x')],
  ['services.count', 'services_', () => store.services.count('w1')],
  ['services.logo', 'sqlite_autoindex_service_logos', () => store.services.logo('w1', 'x')],
  ['services.update', 'sqlite_autoindex_services', () => store.services.update(record.service('x'))],
  ['services.delete', 'sqlite_autoindex_services', () => store.services.delete('w1', 'x')],
  ['connections.find by link name', 'connections_link_name', () => store.connections.find('w1', 'x')],
  ['connections.find by id', 'sqlite_autoindex_connections', () => store.connections.find('w1', 'x')],
  ['connections.list', 'connections_newest', () => store.connections.list('w1', {}, later(now, 'x'))],
  ['connections.list by status', 'connections_by_status', () => store.connections.list('w1', { status: 'x' }, page)],
  [
    'connections.list by service',
    'connections_of_service',
    () => store.connections.list('w1', { serviceId: 'x' }, later(now, 'x')),
  ],
  ['connections.linkNames', 'connections_link_name', () => store.connections.linkNames('w1', 'x')],
  ['connections.ofService', 'connections_of_service', () => store.connections.ofService('x', 1)],
  ['connections.countByService', 'connections_of_service', () => store.connections.countByService(['x', 'y'])],
  ['connections.count', 'connections_', () => store.connections.count('w1')],
  ['authorizations.find', 'authorizations_user', () => store.authorizations.find('x', '')],
  ['authorizations.findById', 'authorizations_id', () => store.authorizations.findById('x')],
  ['authorizations.list', 'authorizations_newest', () => store.authorizations.list('x', later(now, 'x'))],
  ['authorizations.ofConnection', 'authorizations_newest', () => store.authorizations.ofConnection('x', 1)],
  ['authorizations.sharedOf', 'authorizations_user', () => store.authorizations.sharedOf(['x', 'y'])],
  ['authorizations.lease', 'authorizations_id', () => store.authorizations.lease('x', take)],
  ['authorizations.breakLease', 'authorizations_id', () => store.authorizations.breakLease('x', 'p1')],
  ['authorizations.settle', 'authorizations_id', () => store.authorizations.settle('x', 1, record.settlement(), now)],
  ['authorizations.due', 'authorizations_due', () => store.authorizations.due(now, 1)],
  ['authorizations.nextDueAt', 'authorizations_due', () => store.authorizations.nextDueAt(now)],
  [
    'authorizations.touch',
    'authorizations_id',
    () => store.authorizations.touch([{ id: 'x', usedAt: now, eagerUntil: now }]),
  ],
  [
    'authorizations.unfinishedRevocations',
    'authorizations_unwiped',
    () => store.authorizations.unfinishedRevocations(1),
  ],
  ['attempts.find', 'attempts_id', () => store.attempts.find('x', 'y')],
  ['attempts.findByToken', 'attempts_token', () => store.attempts.findByToken('x')],
  ['attempts.findByCorrelation', 'attempts_correlation', () => store.attempts.findByCorrelation('y')],
  ['attempts.list', 'attempts_newest', () => store.attempts.list('x', later(now, 'x'))],
  ['attempts.expire', 'attempts_waiting', () => store.attempts.expire(now)],
  ['connectSessions.findByToken', 'connect_sessions_token', () => store.connectSessions.findByToken('x')],
  ['connectSessions.find', 'sqlite_autoindex_connect_sessions', () => store.connectSessions.find('w1', 'x')],
  ['connectSessions.bind', 'sqlite_autoindex_connect_sessions', () => store.connectSessions.bind('w1', 'x', 'y')],
  ['connectSessions.prune', 'connect_sessions_ended', () => store.connectSessions.prune(now)],
  ['events.ofConnection', 'events_of_connection', () => store.events.ofConnection('x', later(now, '9'))],
  ['events.after', 'events_of_workspace', () => store.events.after('w1', 9, 1)],
  ['events.newest', 'events_newest', () => store.events.newest('w1', {}, later(now, '9'))],
  ['events.newest between times', 'events_newest', () => store.events.newest('w1', { from: 1, to: now }, page)],
  ['events.newest of one type', 'events_by_type', () => store.events.newest('w1', { types: ['x'] }, later(now, '9'))],
  [
    'events.newest of calls',
    'events_newest',
    () => store.events.newest('w1', { types: ['connection.invoked'] }, later(now, '9')),
  ],
  ['events.newest by actor', 'events_by_actor', () => store.events.newest('w1', { actor: 'x' }, later(now, '9'))],
  ['events.newest that failed', 'events_failed', () => store.events.newest('w1', { ok: false }, later(now, '9'))],
  [
    'events.newest of a connection',
    'events_of_connection',
    () => store.events.newest('w1', { connectionId: 'x' }, later(now, '9')),
  ],
  [
    'events.newest of a service',
    'events_of_service',
    () => store.events.newest('w1', { serviceId: 'x' }, later(now, '9')),
  ],
  [
    'callCounts.add',
    '',
    () =>
      store.callCounts.add([
        { connectionId: 'x', actor: 'y', name: 'y', day: 1, calls: 1, failed: 0, lastUsedAt: now },
      ]),
  ],
  ['callCounts.of', 'sqlite_autoindex_call_counts', () => store.callCounts.of('x', 1)],
  ['callCounts.prune', 'call_counts_old', () => store.callCounts.prune(1)],
  ['auditLog.append', 'sqlite_autoindex_audit_heads', () => store.auditLog.append('w1', record.auditEntry)],
  ['auditLog.head', 'sqlite_autoindex_audit_heads', () => store.auditLog.head('w1')],
  ['auditLog.list', 'sqlite_autoindex_audit_log', () => store.auditLog.list('w1', {}, later(9))],
  ['auditLog.list after', 'sqlite_autoindex_audit_log', () => store.auditLog.list('w1', { after: 9 }, later(9))],
  ['auditLog.list by actor', 'audit_log_by_actor', () => store.auditLog.list('w1', { actor: 'x' }, later(9))],
  ['auditLog.list by action', 'audit_log_by_action', () => store.auditLog.list('w1', { action: 'x' }, later(9))],
  ['auditLog.list by object', 'audit_log_by_object', () => store.auditLog.list('w1', { object: 'x' }, later(9))],
  ['authorizations.verified', 'authorizations_id', () => store.authorizations.verified('x', now)],
  ['events.prune of calls', 'events_old_calls', () => store.events.prune(now, now)],
  ['events.prune of the rest', 'events_old_rest', () => store.events.prune(now, now)],
  ['apiKeys.findByHash', 'api_keys_hash', () => store.apiKeys.findByHash('x')],
  ['apiKeys.find', 'api_keys', () => store.apiKeys.find('w1', 'x')],
  ['apiKeys.list', 'api_keys_newest', () => store.apiKeys.list('w1', later(now, 'x'))],
  ['apiKeys.touch', 'api_keys_id', () => store.apiKeys.touch([{ id: 'x', usedAt: now }])],
  ['apiKeys.delete', 'api_keys', () => store.apiKeys.delete('w1', 'x')],
  ['apiKeys.replace', 'api_keys', () => store.apiKeys.replace('w1', 'x', { by: 'y', expiresAt: now })],
  ['users.find', 'users_id', () => store.users.find('w1', 'x')],
  ['users.findByEmail', 'users_email', () => store.users.findByEmail('w1', 'x')],
  ['users.findByIdentity', 'users_identity', () => store.users.findByIdentity('w1', 'x')],
  ['users.list', 'users_newest', () => store.users.list('w1', later(now, 'x'))],
  ['users.update', 'users_id', () => store.users.update(record.user('x'))],
  ['users.delete', 'users_id', () => store.users.delete('w1', 'x')],
  ['users.count', 'users_', () => store.users.count('w1')],
  ['users.countActive', 'users_by_role', () => store.users.countActive('w1', 'owner')],
  ['sessions.findByHash', 'sessions_token', () => store.sessions.findByHash('x')],
  ['sessions.ofUser', 'sessions_of_user', () => store.sessions.ofUser('w1', 'x', 1)],
  ['sessions.delete', 'sessions_', () => store.sessions.delete('w1', 'x', 'y')],
  ['sessions.deleteOthers', 'sessions_of_user', () => store.sessions.deleteOthers('w1', 'x', null)],
  ['sessions.touch', 'sessions_id', () => store.sessions.touch([{ id: 'x', userId: 'y', usedAt: now }])],
  ['sessions.touch of the user', 'users_id', () => store.sessions.touch([{ id: 'x', userId: 'y', usedAt: now }])],
  ['sessions.prune of the ended', 'sessions_ended', () => store.sessions.prune(now, now)],
  ['sessions.prune of the idle', 'sessions_idle', () => store.sessions.prune(now, now)],
  ['oneTimeLinks.findByHash', 'one_time_links_token', () => store.oneTimeLinks.findByHash('x')],
  ['oneTimeLinks.find', 'sqlite_autoindex_one_time_links', () => store.oneTimeLinks.find('w1', 'x')],
  [
    'oneTimeLinks.invitations',
    'one_time_links_newest',
    () => store.oneTimeLinks.invitations('w1', now, later(now, 'x')),
  ],
  ['oneTimeLinks.invitationFor', 'one_time_links_email', () => store.oneTimeLinks.invitationFor('w1', 'x', now)],
  ['oneTimeLinks.take', 'sqlite_autoindex_one_time_links', () => store.oneTimeLinks.take('w1', 'x')],
  ['oneTimeLinks.deleteAll', 'one_time_links_', () => store.oneTimeLinks.deleteAll('w1', 'setup', null)],
  ['oneTimeLinks.deleteAll of a user', 'one_time_links_', () => store.oneTimeLinks.deleteAll('w1', 'password', 'x')],
  ['oneTimeLinks.prune', 'one_time_links_ended', () => store.oneTimeLinks.prune(now)],
  [
    'signInTries.put',
    'sqlite_autoindex_sign_in_tries',
    () => store.signInTries.put({ id: 'x', failures: 2, at: now }, 1),
  ],
  ['providerGates.prune', 'provider_gates_old', () => store.providerGates.prune(now)],
  ['signInTries.prune', 'sign_in_tries_old', () => store.signInTries.prune(now)],
  ['idempotency.finish', 'sqlite_autoindex_idempotency', () => store.idempotency.finish('x', 200, null)],
  ['idempotency.prune', 'idempotency_old', () => store.idempotency.prune(now)],
  ['dataKeys.rewrap', 'data_keys_id', () => store.dataKeys.rewrap(record.dataKey('x'), 'y')],
  ...sealedPlaces.flatMap((place): typeof hot => [
    [`sealed.under ${place.field}`, `${indexOf(place)}_by_key`, () => store.sealed.under(place, 'x', 'y', 1)],
    [
      `sealed.under of ${place.field} without a key`,
      `${indexOf(place)}_unkeyed`,
      () => store.sealed.under(place, null, 'y', 1),
    ],
    [
      `sealed.replace ${place.field}`,
      place.table === 'authorizations' ? 'authorizations_id' : `sqlite_autoindex_${place.table}`,
      () => store.sealed.replace(place, { workspaceId: 'w1', row: 'x', bytes: record.bytes(1) }, record.bytes(2)),
    ],
    [`dataKeys.deleteUnused of ${place.field}`, `${indexOf(place)}_by_key`, () => store.dataKeys.deleteUnused('x')],
    [`sealed.count of ${place.field}`, `${indexOf(place)}_by_key`, () => store.sealed.count()],
    [`sealed.count of ${place.field} without a key`, `${indexOf(place)}_unkeyed`, () => store.sealed.count()],
  ]),
  ['jobs.find', 'sqlite_autoindex_jobs', () => store.jobs.find('x')],
  ['jobs.list', 'jobs_newest', () => store.jobs.list(later(now, 'x'))],
  ['jobs.newest', 'jobs_of_kind', () => store.jobs.newest('key_rotation')],
  ['jobs.active', 'jobs_active', () => store.jobs.active('key_rotation')],
  ['jobs.running', 'jobs_running', () => store.jobs.running()],
  ['jobs.lease', 'sqlite_autoindex_jobs', () => store.jobs.lease('x', take)],
  ['jobs.progress', 'sqlite_autoindex_jobs', () => store.jobs.progress('x', 'p1', {}, { now, until: now })],
  ['changes.since', 'INTEGER PRIMARY KEY', () => store.changes.since(9, 1)],
]

test.each(hot)('%s is answered by %s', async (_name, index, work) => {
  const steps = await plans(work)
  expect(steps).toContain(index)
  expect(steps.replaceAll(bounded, '')).not.toMatch(/SCAN|TEMP B-TREE/)
})

test.each([
  ['connections of a deleted service', 'connections', 'service_id', 'connections_of_service'],
  ['authorizations of a deleted connection', 'authorizations', 'connection_id', '(connection_id=?'],
  ['sessions of a deleted user', 'sessions', 'user_id', 'sessions_of_user'],
  ['links of a deleted user', 'one_time_links', 'user_id', 'one_time_links_of_user'],
  ['attempts of a deleted connection', 'attempts', 'connection_id', '(connection_id=?'],
])('a foreign key finds the %s by index', (_name, table, column, index) => {
  expect(plan(`select rowid from ${table} where workspace_id = ? and ${column} = ?`, ['w1', 'x'])).toContain(index)
})
