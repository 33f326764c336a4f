import type { Connection, Service } from '@mooring/sdk'
import { expect, test } from 'vitest'
import {
  callOf,
  type Draft,
  draftOf,
  emptyDraft,
  faultsOf,
  jsonFault,
  newPair,
  withQuery,
  writtenBody,
} from './draft.ts'

const shared = { authorizationLevel: 'shared' } as Connection
const perUser = { authorizationLevel: 'per_user' } as Connection
const draft = (more: Partial<Draft>): Draft => ({ ...emptyDraft, path: '/me', ...more })

test('a plain request is its method and its path', () => {
  expect(faultsOf(draft({}), shared)).toEqual({})
  expect(callOf(draft({ path: ' /me ' }), shared)).toEqual({ url: '/me', method: 'GET' })
})

test('rows without a name and a value are no rows; a value without a name is a fault', () => {
  const rows = [newPair('page', '2'), newPair(), newPair(' a b ', '')]
  expect(callOf(draft({ parameters: rows, headers: [newPair()] }), shared)).toEqual({
    url: '/me',
    method: 'GET',
    parameters: { page: '2', 'a b': '' },
  })
  expect(faultsOf(draft({ headers: [newPair('', 'x')] }), shared).headers).toContain('“x”')
})

test('what an object cannot hold twice is told, whatever its case', () => {
  const { headers, parameters } = faultsOf(
    draft({ headers: [newPair('Accept', 'a'), newPair('accept', 'b')], parameters: [newPair('q', '1')] }),
    shared,
  )
  expect([headers, parameters]).toEqual([expect.stringContaining('twice'), undefined])
})

test('a body goes out as what it is said to be, and not at all with a GET', () => {
  const json = draft({ method: 'POST', body: '{"a": [1, null]}' })
  expect(callOf(json, shared)).toMatchObject({ body: { a: [1, null] }, bodyFormat: 'json' })
  expect(writtenBody(json)).toEqual({ type: 'application/json', text: '{"a": [1, null]}' })
  expect(callOf({ ...json, method: 'GET', body: 'not json' }, shared)).toEqual({ url: '/me', method: 'GET' })
  const form = draft({ method: 'PUT', bodyFormat: 'form', form: [newPair('a b', 'c&d'), newPair()] })
  expect(callOf(form, shared)).toMatchObject({ body: { 'a b': 'c&d' }, bodyFormat: 'form' })
  expect(writtenBody(form)?.text).toBe('a+b=c%26d')
  expect(callOf(draft({ method: 'POST', bodyFormat: 'text', body: '{' }), shared)).toMatchObject({ body: '{' })
  expect(callOf(draft({ method: 'POST' }), shared)).toEqual({ url: '/me', method: 'POST' })
})

test('wrong JSON is told before it is sent, only where it would be', () => {
  expect(jsonFault('{"a":')).toContain('no JSON')
  expect(jsonFault('null')).toBeUndefined()
  expect(faultsOf(draft({ method: 'POST', body: '{"a":' }), shared).body).toContain('no JSON')
  expect(faultsOf(draft({ method: 'GET', body: '{"a":' }), shared)).toEqual({})
})

test('a per-user connection asks whose authorization', () => {
  expect(faultsOf(draft({}), perUser).user).toBeDefined()
  expect(callOf(draft({ user: ' ada ' }), perUser)).toMatchObject({ user: 'ada' })
  expect(callOf(draft({ user: 'ada' }), shared)).not.toHaveProperty('user')
})

test('it begins with what the service is tested with', () => {
  const probe = { method: 'POST', path: '/whoami', headers: { 'X-A': 'b' }, body: 'ping' }
  expect(callOf(draftOf({ probe } as unknown as Service), shared)).toEqual({
    url: '/whoami',
    method: 'POST',
    headers: { 'X-A': 'b' },
    body: 'ping',
    bodyFormat: 'text',
  })
  expect(draftOf({ probe: null } as Service).path).toBe('/')
})

test('parameters stand behind the path as the API gets them', () => {
  expect(withQuery(draft({ parameters: [newPair('q', 'a b&c')] }))).toBe('/me?q=a%20b%26c')
  expect(withQuery(draft({ path: '/me?x=1', parameters: [newPair('q', '')] }))).toBe('/me?x=1&q=')
})
