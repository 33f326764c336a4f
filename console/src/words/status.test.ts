import type { Authorization, Connection } from '@mooring/sdk'
import { describe, expect, test } from 'vitest'
import { scopeDiff } from './scopes.ts'
import { nextStep, statusOf } from './status.ts'

const now = Date.UTC(2026, 0, 1, 12)
const inMinutes = (minutes: number): string => new Date(now + minutes * 60_000).toISOString()

const healthy: Connection = {
  id: 'con_1',
  name: 'CRM',
  linkName: 'crm',
  service: { linkName: 'crm', name: 'CRM', authType: 'some' },
  status: 'active',
  authorizationLevel: 'shared',
  scopes: ['read'],
  grantedScopes: ['read'],
  parameters: {},
  enabled: true,
  autoRefresh: true,
  expiresAt: inMinutes(30),
  nextRefreshAt: inMinutes(12),
  lastRefreshedAt: null,
  lastUsedAt: null,
  lastError: null,
  reauthorizationNeeded: false,
  account: null,
  verifiedAt: inMinutes(-5),
  createdAt: inMinutes(-60),
  updatedAt: inMinutes(-60),
}
const failure = { at: inMinutes(-1), code: 'server_error', detail: 'It answered 503.', hint: null }
const unrenewed = { autoRefresh: false, nextRefreshAt: null }

describe('the status word', () => {
  test.each<[string, Partial<Connection>, string, string | null]>([
    ['Active', {}, '', null],
    ['Not connected', { status: 'created' }, 'Never authorized', 'connect'],
    ['Revoked', { status: 'revoked' }, '', 'connect_again'],
    ['Disabled', { enabled: false, status: 'disabled' }, 'Switched off here', 'enable'],
    ['Reconnect needed', { status: 'reauthorization_required', lastError: failure }, failure.detail, 'reconnect'],
    ['Reconnect needed', { ...unrenewed, expiresAt: inMinutes(-1) }, 'The access token has ended', 'reconnect'],
    ['Expires soon', { ...unrenewed, expiresAt: inMinutes(3) }, 'Expires in 3 min, sign in again', 'reconnect'],
    ['Active', { ...unrenewed, expiresAt: inMinutes(3000) }, '', null],
    ['Retrying', { lastError: failure }, 'Refresh failed, next try in 12 min', 'refresh'],
    ['Retrying', { lastError: failure, nextRefreshAt: null }, 'Refresh failed, next try at the next call', 'refresh'],
    ['Missing scopes', { scopes: ['read', 'write'] }, '1 of 2 scopes not granted', 'review'],
    ['Missing scopes', { reauthorizationNeeded: true }, 'Scopes were changed since it was authorized', 'review'],
    ['Active', { scopes: ['read', 'write'], grantedScopes: null }, '', null],
    ['Saved, not tested', { ...unrenewed, expiresAt: null, verifiedAt: null }, 'No request was accepted yet', 'test'],
    ['Active', { ...unrenewed, expiresAt: null, verifiedAt: null, authorizationLevel: 'per_user' }, '', null],
  ])('%s: %o', (word, facts, reason, action) => {
    expect(statusOf({ ...healthy, ...facts }, now)).toMatchObject({ word, reason, action })
  })

  test.each<[string, Partial<Connection>]>([
    ['in 12 min', {}],
    ['due now', { nextRefreshAt: inMinutes(-1) }],
    ['at the next call', { nextRefreshAt: null }],
    ['expires in 3 min', { ...unrenewed, expiresAt: inMinutes(3) }],
    ['does not expire', { ...unrenewed, expiresAt: null }],
    ['per user', { ...unrenewed, expiresAt: null, authorizationLevel: 'per_user' }],
    ['–', { status: 'revoked' }],
  ])('has its next step: %s', (words, facts) => {
    expect(nextStep({ ...healthy, ...facts }, now)).toBe(words)
  })
})

describe('the difference of scopes', () => {
  const shared = { requestedScopes: ['read'] } as Authorization

  test('is between what was asked for then and what is wanted now', () => {
    expect(scopeDiff({ ...healthy, scopes: ['write'] }, shared)).toEqual({
      added: ['write'],
      removed: ['read'],
      refused: [],
    })
  })

  test('tells what was asked for and not granted, but not what was never asked for', () => {
    const asked = { ...shared, requestedScopes: ['read', 'write'] }
    const connection = { ...healthy, scopes: ['read', 'write', 'admin'] }
    expect(scopeDiff(connection, asked)).toEqual({ added: ['admin'], removed: [], refused: ['write'] })
  })

  test.each<[string, Partial<Connection>]>([
    ['nothing differs', {}],
    ['the provider granted more than it was asked for', { grantedScopes: ['read', 'extra'] }],
    ['nobody has authorized it', { status: 'created', scopes: ['read', 'write'] }],
    ['it was revoked', { status: 'revoked', scopes: ['read', 'write'] }],
  ])('is none where %s', (_, facts) => {
    expect(scopeDiff({ ...healthy, ...facts }, shared)).toBeUndefined()
    expect(scopeDiff({ ...healthy, ...facts, status: 'active' }, undefined)).toBeUndefined()
  })
})
