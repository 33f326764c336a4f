import type { WorkspaceActivity } from '@mooring/sdk'
import { expect, test } from 'vitest'
import { foldEntries } from './fold.ts'

let id = 100
function entry(type: string, connection: string | null, more: Partial<WorkspaceActivity> = {}): WorkspaceActivity {
  return {
    id: String(id--),
    at: '2026-01-31T12:00:00.000Z',
    type,
    ok: true,
    detail: '',
    cause: null,
    actor: null,
    user: null,
    connection: connection === null ? null : { linkName: connection, name: connection },
    service: null,
    ...more,
  }
}

const told = (entries: WorkspaceActivity[]): [string, string | undefined, number][] =>
  foldEntries(entries).map(({ entry: { type, connection }, more }) => [type, connection?.linkName, more.length + 1])

test('retries of one refresh are one row, even with other connections and calls in between', () => {
  expect(
    told([
      entry('connection.refresh_failed', 'crm', { ok: false, detail: '503' }),
      entry('connection.invoked', 'crm'),
      entry('connection.refreshed', 'mail'),
      entry('connection.refresh_failed', 'crm', { ok: false, detail: '503' }),
      entry('connection.refresh_failed', 'crm', { ok: false, detail: '503' }),
    ]),
  ).toEqual([
    ['connection.refresh_failed', 'crm', 3],
    ['connection.invoked', 'crm', 1],
    ['connection.refreshed', 'mail', 1],
  ])
})

test('another end, another person, or something else that happened begins a new row', () => {
  const failed = 'connection.refresh_failed'
  expect(
    told([
      entry(failed, 'crm', { detail: 'invalid_grant' }),
      entry(failed, 'crm', { detail: '503' }),
      entry(failed, 'crm', { detail: '503', user: 'ada' }),
      entry('connection.refreshed', 'crm'),
      entry('connection.updated', 'crm'),
      entry('connection.refreshed', 'crm'),
      entry('connection.refreshed', 'crm'),
    ]),
  ).toEqual([
    [failed, 'crm', 1],
    [failed, 'crm', 1],
    [failed, 'crm', 1],
    ['connection.refreshed', 'crm', 1],
    ['connection.updated', 'crm', 1],
    ['connection.refreshed', 'crm', 2],
  ])
})

test('what happened to no connection is never folded', () => {
  expect(told([entry('api_key.created', null), entry('api_key.created', null)])).toHaveLength(2)
})
