import { describe, expect, test } from 'vitest'
import { same, withoutPresets } from './files.ts'

const schema = {
  properties: {
    pkce: { type: 'boolean', default: true },
    issuer: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
    prefix: { type: 'string', default: 'Bearer' },
    params: { type: 'object', default: {} },
    revocation: {
      type: 'object',
      properties: { method: { default: 'POST' }, which: { default: 'refresh_token' } },
      default: { method: 'POST', which: 'refresh_token' },
    },
    list: { type: 'array', items: { type: 'object', properties: { key: {}, prefix: { default: '' } } } },
    answer: {
      anyOf: [{ type: 'object', properties: { path: {}, kind: { default: 'text' } } }, { type: 'null' }],
      default: null,
    },
  },
}

describe('a value without what is preset', () => {
  test.each<[object, unknown]>([
    [{ pkce: true, issuer: null, params: {}, issuedFor: undefined }, {}],
    [
      { pkce: false, issuer: 'https://a.example', params: { a: '1' } },
      { pkce: false, issuer: 'https://a.example', params: { a: '1' } },
    ],
    [{ prefix: 'Bearer' }, {}],
    [{ prefix: '' }, { prefix: '' }],
    [{ issuer: '' }, {}],
    [{ revocation: { which: 'refresh_token', method: 'POST' } }, {}],
    [{ revocation: { method: 'GET', which: 'refresh_token' } }, { revocation: { method: 'GET' } }],
    [
      {
        list: [
          { key: 'a', prefix: '' },
          { key: 'b', prefix: 'x' },
        ],
      },
      { list: [{ key: 'a' }, { key: 'b', prefix: 'x' }] },
    ],
    [{ answer: { path: 'a', kind: 'text' } }, { answer: { path: 'a' } }],
    [{ unknown: { kept: 1 } }, { unknown: { kept: 1 } }],
  ])('%j is %j', (value, left) => {
    expect(withoutPresets(value, schema)).toEqual(left)
  })

  test('says the same again when it is put through once more', () => {
    const value = { revocation: { method: 'GET', which: 'refresh_token' }, list: [{ key: 'a', prefix: '' }] }
    const once = withoutPresets(value, schema)
    expect(withoutPresets(once, schema)).toEqual(once)
  })
})

test('two values are the same whatever the order of their names, and not of their items', () => {
  expect(same({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 })).toBe(true)
  expect(same([1, 2], [2, 1])).toBe(false)
  expect(same({ a: null }, {})).toBe(false)
})
