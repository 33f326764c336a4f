import type { AuthType, FormField, Service } from '@mooring/sdk'
import { describe, expect, test } from 'vitest'
import { withValue } from '../../forms/paths.ts'
import { valuesOfService } from './definition.ts'
import {
  blockedParts,
  changedParts,
  changedThere,
  formParts,
  isOpen,
  patchOf,
  storedParts,
  withStored,
} from './parts.ts'

const field = (name: string, kind: FormField['kind'], more: Partial<FormField> = {}): FormField => ({
  name,
  title: name,
  kind,
  required: false,
  advanced: false,
  ...more,
})
const general = [field('name', 'text'), field('baseUrl', 'url'), field('hosts', 'strings')]
const type = (name: string, fields: FormField[]): AuthType => ({
  type: name,
  title: name,
  summary: '',
  fields,
  schema: {},
  redirects: false,
  scopes: false,
})
const way = field('way', 'choice', { choices: [], default: 'person' })
const types = [
  type('tokens', [
    way,
    field('signIn', 'url', { shownWhen: { field: 'way', in: ['person'] } }),
    field('mode', 'text', { default: 'query', shownWhen: { field: 'way', in: ['person'] } }),
    field('secret', 'secret', { shownWhen: { field: 'way', in: ['person'] } }),
    field('tokenUrl', 'url'),
  ]),
  type('key', [field('key', 'text')]),
]
const shape = { general, types }
const service = {
  name: 'Books',
  baseUrl: 'https://api.example',
  hosts: ['a.example'],
  auth: {
    type: 'tokens',
    way: 'person',
    signIn: 'https://a.example/in',
    mode: 'query',
    secret: { set: true },
    tokenUrl: null,
  },
  scopes: [],
} as unknown as Service
const values = valuesOfService(service, general, types)
const stored = storedParts(shape, service)
const changed = (after: typeof values, sent = new Map<string, string>()): string[] =>
  changedParts(formParts(shape, after, stored), stored, sent)

describe('the parts of a draft that are to be saved', () => {
  test('are none of one that was just loaded', () => {
    expect(changed(values)).toEqual([])
  })

  test('are what differs, once; what the server wrote its own way is not sent again', () => {
    const after = withValue(withValue(values, 'hosts.0', 'A.example'), 'auth.tokenUrl', 'https://a.example/t')
    expect(changed(after)).toEqual(['hosts', 'auth.tokenUrl'])
    expect(changed(after, new Map([['hosts', '["A.example"]']]))).toEqual(['auth.tokenUrl'])
  })

  test('take back what is hidden, but neither secrets nor what stands as usual', () => {
    const after = withValue(values, 'auth.way', 'machine')
    expect(changed(after)).toEqual(['auth.way', 'auth.signIn'])
    expect(patchOf(formParts(shape, after, stored), changed(after))).toEqual({
      auth: { type: 'tokens', way: 'machine', signIn: null },
    })
  })

  test('are all of those of another type', () => {
    const after = { ...values, auth: { type: 'key', key: 'X' } }
    expect(patchOf(formParts(shape, after, stored), changed(after))).toEqual({ auth: { type: 'key', key: 'X' } })
  })

  test('are kept back by what no draft can hold, and not by what is merely missing', () => {
    const problem = (path: string, code: string): { path: string; code: string; message: string } => ({
      path,
      code,
      message: '',
    })
    expect([
      ...blockedParts([
        problem('auth.tokenUrl', 'invalid_url'),
        problem('auth.signIn', 'required'),
        problem('hosts', 'required'),
        problem('name', 'required'),
        problem('auth.rows.0.key', 'required'),
      ]),
    ]).toEqual(['auth.tokenUrl', 'name', 'auth.rows'])
  })

  test('R-238 are not those of auth once the service is Ready', () => {
    expect(['name', 'auth.way', 'linkName', 'baseUrl'].filter((part) => isOpen(part, 'ready'))).toEqual([
      'name',
      'baseUrl',
    ])
  })
})

describe('what somebody else changed', () => {
  test('is told part by part, and can be taken over part by part', () => {
    const theirs = {
      ...service,
      name: 'Ledger',
      auth: { ...service.auth, type: 'tokens', tokenUrl: 'https://b.example/t' },
    }
    const there = changedThere(stored, storedParts(shape, theirs))
    expect(there).toEqual(['name', 'auth.tokenUrl'])
    const mine = withValue(values, 'name', 'Mine')
    expect(withStored(shape, mine, ['auth.tokenUrl'], theirs)).toMatchObject({
      name: 'Mine',
      auth: { tokenUrl: 'https://b.example/t', signIn: 'https://a.example/in' },
    })
  })

  test('brings all fields of another type', () => {
    const theirs = { ...service, auth: { type: 'key', key: 'X' } }
    expect(withStored(shape, values, ['auth.type'], theirs)['auth']).toEqual({ type: 'key', key: 'X' })
  })
})
