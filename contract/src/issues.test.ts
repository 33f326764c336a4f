import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ConnectionInput, ConnectionPatch, InvokeInput } from './connection.ts'
import { ApiKeyInput } from './access.ts'
import { headerName } from './fields.ts'
import { fieldErrors } from './issues.ts'
import { Page } from './problem.ts'
import { newService, ScopeIds, ServiceInput, ServicePatch } from './service.ts'

function told(schema: z.ZodType, value: unknown): Record<string, string> {
  const parsed = schema.safeParse(value)
  const errors = parsed.error ? fieldErrors(parsed.error.issues, [], value) : []
  for (const { message } of errors) expect(message).toMatch(/^[A-Z].*\.$/s)
  expect(errors.map(({ message }) => message).join(' ')).not.toMatch(/Invalid|Too (big|small)|received/)
  return Object.fromEntries(errors.map(({ path, code }) => [path, code]))
}

const wrongService = {
  name: '-books',
  linkName: '1a',
  description: 'a;b',
  stage: 'done',
  auth: {},
  scopes: ['ok', 'not ok', { name: '_', value: '' }, 7],
  scopeDelimiter: 'tab',
  hosts: [1],
  anyHost: 'yes',
  baseUrl: 'example.com',
  probe: { method: 'FETCH', path: '', extra: true },
  headers: { 'a b': 'x', ok: 'a\nb' },
  placeholders: [{ name: '1', label: '', pattern: '(' }],
  callbackId: 'short',
  colour: 'red',
}
const wrongServiceTold = {
  name: 'invalid_format',
  linkName: 'invalid_format',
  description: 'invalid_format',
  stage: 'invalid_value',
  'auth.type': 'required',
  'scopes.1.value': 'invalid_format',
  'scopes.2.name': 'invalid_format',
  'scopes.2.value': 'required',
  'scopes.3': 'invalid_type',
  scopeDelimiter: 'invalid_value',
  'hosts.0': 'invalid_type',
  anyHost: 'invalid_type',
  baseUrl: 'invalid_url',
  'probe.method': 'invalid_value',
  'probe.path': 'required',
  'probe.extra': 'unknown_field',
  'headers.a b': 'invalid_format',
  'headers.ok': 'invalid_format',
  'placeholders.0.name': 'invalid_format',
  'placeholders.0.label': 'required',
  'placeholders.0.pattern': 'invalid_format',
  callbackId: 'too_short',
  colour: 'unknown_field',
}

describe('every wrong field in one answer', () => {
  test('of a service', () => {
    expect(told(ServiceInput, wrongService)).toEqual(wrongServiceTold)
    expect(told(ServiceInput, {})).toEqual({ name: 'required' })
  })

  test('of a change to a service', () => {
    const { callbackId: _, ...patch } = wrongService
    const { callbackId: __, ...rest } = wrongServiceTold
    expect(told(ServicePatch, patch)).toEqual(rest)
    expect(told(ServicePatch, {})).toEqual({})
  })

  test('R-218 of a connection and the service inside it, under `service.`', () => {
    const inside = Object.fromEntries(Object.entries(wrongServiceTold).map(([path, code]) => [`service.${path}`, code]))
    expect(
      told(ConnectionInput, {
        linkName: 'a-b',
        service: wrongService,
        scopes: ['a b'],
        parameters: { domain: 1 },
        authorizationLevel: 'mine',
        credentials: [],
        extra: 1,
      }),
    ).toEqual({
      ...inside,
      name: 'required',
      linkName: 'invalid_format',
      'scopes.0': 'invalid_format',
      'parameters.domain': 'invalid_type',
      authorizationLevel: 'invalid_value',
      credentials: 'invalid_type',
      extra: 'unknown_field',
    })
  })

  test('of the way a connection names its service', () => {
    const connection = { name: 'Books' }
    expect(told(ConnectionInput, connection)).toEqual({ service: 'required' })
    expect(told(ConnectionInput, { ...connection, service: 7 })).toEqual({ service: 'invalid_type' })
    expect(told(ConnectionInput, { ...connection, service: 'a'.repeat(101) })).toEqual({ service: 'too_long' })
    expect(told(ConnectionInput, { ...connection, service: {} })).toEqual({ 'service.name': 'required' })
    expect(told(ConnectionInput, { ...connection, service: 'books' })).toEqual({})
  })

  test('of a service from the catalogue, which `from` tells from a whole one', () => {
    const wrong = { from: 7, name: '!', auth: [], scopes: ['a b'], hosts: ['api.example.com'] }
    const rest = {
      from: 'invalid_type',
      name: 'invalid_format',
      auth: 'invalid_type',
      'scopes.0.value': 'invalid_format',
      hosts: 'unknown_field',
    }
    const inside = Object.fromEntries(Object.entries(rest).map(([path, code]) => [`service.${path}`, code]))
    expect(told(z.union(newService), wrong)).toEqual(rest)
    expect(told(ConnectionInput, { name: 'Books', service: wrong })).toEqual(inside)
    expect(told(z.union(newService), { from: 'books' })).toEqual({})
    expect(told(z.union(newService), { hosts: [1] })).toEqual({ name: 'required', 'hosts.0': 'invalid_type' })
    expect(told(z.union(newService), [])).toEqual({ '': 'invalid_type' })
  })

  test('of a call, a change to a connection, a key and a page', () => {
    expect(
      told(InvokeInput, { url: '', method: 'G T', headers: { 'x:': '' }, parameters: { a: {} }, timeoutMs: 0 }),
    ).toEqual({
      url: 'required',
      method: 'invalid_format',
      'headers.x:': 'invalid_format',
      'parameters.a': 'invalid_type',
      timeoutMs: 'too_small',
    })
    expect(told(ConnectionPatch, { linkName: 'x', enabled: 1 })).toEqual({
      linkName: 'unknown_field',
      enabled: 'invalid_type',
    })
    expect(told(ApiKeyInput, { expiresAt: 'soon' })).toEqual({
      name: 'required',
      role: 'required',
      expiresAt: 'invalid_format',
    })
    expect(told(Page, { limit: '101', cursor: 'a'.repeat(501) })).toEqual({ limit: 'too_large', cursor: 'too_long' })
    expect(told(Page, { limit: 'x', page: '2' })).toEqual({ limit: 'invalid_type', page: 'unknown_field' })
    expect(told(ScopeIds, { ids: [] })).toEqual({ ids: 'too_few' })
  })

  test('R-174 of a list of scopes: the 51st and the repeated one', () => {
    const scopes = Array.from({ length: 51 }, (_, n) => `scope.${n}`)
    expect(told(ServiceInput, { name: 'Books', scopes: scopes.slice(1) })).toEqual({})
    expect(told(ServiceInput, { name: 'Books', scopes })).toEqual({ scopes: 'too_many' })
    expect(told(ServiceInput, { name: 'Books', scopes: ['a', 'b', { value: 'a' }] })).toEqual({
      'scopes.2.value': 'duplicate',
    })
  })

  test('of a body that is no object', () => {
    for (const body of [null, [], 'x', 7]) expect(told(ServiceInput, body)).toEqual({ '': 'invalid_type' })
    expect(told(ServiceInput, undefined)).toEqual({ '': 'required' })
  })
})

describe('fieldErrors', () => {
  const schema = z.strictObject({
    n: z.number({ error: 'Give a number.' }),
    s: z.string(),
    u: z.union([z.string(), z.number()]),
    e: z.enum(['a', 'b']),
  })
  const errorsOf = (value: unknown, input?: unknown): unknown =>
    fieldErrors(schema.safeParse(value).error?.issues ?? [], ['auth', 0], input)

  test('puts `under` before each path and writes sentences where a rule has none', () => {
    const value = { n: 1, s: 2, u: true, e: 'c', x: 1, y: 2 }
    expect(errorsOf(value)).toEqual([
      { path: 'auth.0.s', code: 'invalid_type', message: 'Write this as a string.' },
      { path: 'auth.0.u', code: 'invalid_type', message: 'Write this as a string or a number.' },
      { path: 'auth.0.e', code: 'invalid_value', message: 'Use one of: a, b.' },
      {
        path: 'auth.0.x',
        code: 'unknown_field',
        message: 'There is no field "x" here; remove it or check its spelling.',
      },
      {
        path: 'auth.0.y',
        code: 'unknown_field',
        message: 'There is no field "y" here; remove it or check its spelling.',
      },
    ])
  })

  test('tells missing from wrong where it is given the input', () => {
    const codes = (value: unknown): unknown =>
      fieldErrors(schema.safeParse(value).error?.issues ?? [], [], value).map(({ code }) => code)
    expect(codes({})).toEqual(['required', 'required', 'required', 'required'])
    expect(codes({ n: 'x', s: null, u: null, e: null })).toEqual([
      'invalid_type',
      'invalid_type',
      'invalid_type',
      'invalid_value',
    ])
  })

  test('keeps the sentence of a rule that has one', () => {
    expect(errorsOf({ s: '', u: '', e: 'a' }, { s: '', u: '', e: 'a' })).toEqual([
      { path: 'auth.0.n', code: 'required', message: 'Give a number.' },
    ])
  })

  test("says of a record's key what the key's own rule says", () => {
    const headers = z.record(headerName, z.string())
    expect(fieldErrors(headers.safeParse({ 'a b': 'x' }).error?.issues ?? [], ['headers'])).toEqual([
      {
        path: 'headers.a b',
        code: 'invalid_format',
        message: 'Use letters, digits and hyphens, such as X-Api-Version.',
      },
    ])
  })

  test('never repeats the value it refuses', () => {
    const value = { n: 'planted', s: ['planted'], u: { planted: 1 }, e: 'planted' }
    expect(JSON.stringify(errorsOf(value, value))).not.toContain('planted')
  })
})
