import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { basic } from './basic.ts'
import type { OutgoingRequest } from './scheme.ts'
import { outlook, schemeSuite } from './scheme_suite.ts'

const named = [
  { name: 'Account', key: 'acct' },
  { name: 'Pass phrase', key: 'phrase' },
]

schemeSuite({
  scheme: basic,
  required: [],
  samples: [
    { name: 'header', definition: {}, credentialValues: { username: 'planted-user', password: 'planted-password' } },
    {
      name: 'query',
      definition: { delivery: 'query', parameters: named },
      credentialValues: { acct: 'planted:user', phrase: 'planted pass&phrase' },
    },
    {
      name: 'expected',
      definition: { expected: { password: 'planted-password' } },
      credentialValues: { username: 'planted-user', password: 'planted-password' },
    },
  ],
})

function sent(definition: Record<string, unknown>, values: Record<string, string>): OutgoingRequest {
  const read = basic.read(definition, values, 0)
  if ('errors' in read) throw new Error(JSON.stringify(read.errors))
  const request: OutgoingRequest = {
    method: 'GET',
    url: new URL('https://api.example.com/?a=%7e'),
    headers: [],
    body: null,
  }
  basic.apply(definition, read.grant.credential).inject(request, 0)
  return request
}

function errorsOf(definition: Record<string, unknown>, values: Record<string, unknown>): unknown {
  const read = basic.read(definition, values, 0)
  return 'errors' in read ? read.errors : undefined
}

describe('a value that everybody has', () => {
  const key = { name: 'API key', key: 'username' }
  const password = { name: 'Password', key: 'password' }

  test('is not asked for, and the user name is then the secret', () => {
    const definition = { parameters: [key, { ...password, fixed: '' }] }
    expect(basic.prompt(definition)).toEqual([{ key: 'username', label: 'API key', secret: true, required: true }])
    expect(sent(definition, { username: 'k1' }).headers[1]).toBe(`Basic ${btoa('k1:')}`)
    expect(errorsOf(definition, { username: 'k1', password: 'x' })).toMatchObject([{ path: 'password' }])
  })

  test('may be the user name, and something may stand behind a value', () => {
    const fixed = { parameters: [{ ...key, fixed: 'api' }, password] }
    expect(basic.prompt(fixed)).toEqual([{ key: 'password', label: 'Password', secret: true, required: true }])
    expect(sent(fixed, { password: 'p' }).headers[1]).toBe(`Basic ${btoa('api:p')}`)
    const behind = { parameters: [{ ...key, suffix: '/token' }, password] }
    expect(sent(behind, { username: 'ann@example.com', password: 'p' }).headers[1]).toBe(
      `Basic ${btoa('ann@example.com/token:p')}`,
    )
  })

  test('cannot be both: a service holds no credential', () => {
    const both = {
      parameters: [
        { ...key, fixed: 'a' },
        { ...password, fixed: 'b' },
      ],
    }
    expect(basic.check(both, 'draft')).toMatchObject([{ path: 'parameters.1.fixed', code: 'not_allowed' }])
  })
})

describe('in the header', () => {
  test('R-083, R-092 sends the example of RFC 7617 section 2 as it stands there', () => {
    expect(sent({}, { username: 'Aladdin', password: 'open sesame' }).headers).toEqual([
      'authorization',
      'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
    ])
  })

  test('encodes as UTF-8, by the example of RFC 7617 section 2.1', () => {
    expect(sent({}, { username: 'test', password: '123£' }).headers).toEqual([
      'authorization',
      'Basic dGVzdDoxMjPCow==',
    ])
  })

  test('takes an empty password, as APIs do that have a key for a user name', () => {
    expect(sent({}, { username: 'sk_1' }).headers).toEqual(['authorization', `Basic ${btoa('sk_1:')}`])
    expect(sent({}, { username: 'sk_1', password: '' }).headers).toEqual(['authorization', `Basic ${btoa('sk_1:')}`])
  })

  test('refuses a user name with a colon, and takes one in the password', () => {
    expect(errorsOf({}, { username: 'a:b', password: 'c' })).toMatchObject([
      { path: 'username', code: 'invalid_format' },
    ])
    expect(sent({}, { username: 'a', password: 'b:c' }).headers[1]).toBe(`Basic ${btoa('a:b:c')}`)
  })

  test('refuses control characters by their field', () => {
    expect(errorsOf({}, { username: 'a\n', password: 'b\0' })).toMatchObject([
      { path: 'username', code: 'invalid_format' },
      { path: 'password', code: 'invalid_format' },
    ])
  })
})

describe('in the query', () => {
  const definition = { delivery: 'query', parameters: named }

  test('R-081, R-086 sends each value under its key, encoded, and leaves the rest of the query as it was', () => {
    const request = sent(definition, { acct: 'a:b', phrase: 'ü &=' })
    expect(request.url.search).toBe('?a=%7e&acct=a%3Ab&phrase=%C3%BC%20%26%3D')
    expect(request.headers).toEqual([])
  })

  test('S-12 lists both parameters for masking', () => {
    const applied = basic.apply(definition, { username: 'a', password: 'b' })
    expect(applied).toMatchObject({ headers: [], parameters: ['acct', 'phrase'] })
  })

  test('shows its keys and no value', () => {
    expect(basic.describe(definition, outlook)).toEqual([
      {
        title: 'Every request',
        lines: ['GET https://api.example.com/me?acct=••••••&phrase=••••••', 'X-Version: 2'],
      },
    ])
  })
})

describe('the prompt', () => {
  test('R-084, R-085 asks under the configured labels, the password hidden', () => {
    expect(basic.prompt({ parameters: named })).toEqual([
      { key: 'acct', label: 'Account', secret: false, required: true },
      { key: 'phrase', label: 'Pass phrase', secret: true, required: false },
    ])
    expect(basic.prompt({}).map(({ key, label }) => [key, label])).toEqual([
      ['username', 'Username'],
      ['password', 'Password'],
    ])
  })

  test('names what is missing and what nobody asked for', () => {
    expect(errorsOf({}, { user: 'a' })).toMatchObject([
      { path: 'username', code: 'required' },
      { path: 'user', code: 'unknown_field' },
    ])
  })

  test.each([
    ['one parameter', named.slice(0, 1)],
    ['three parameters', [...named, { name: 'PIN', key: 'pin' }]],
    ['the same key twice', [named[0], named[0]]],
    ['R-088 a label that starts with _', [{ name: '_Account', key: 'acct' }, named[1]]],
    ['a key with a space', [{ name: 'Account', key: 'a b' }, named[1]]],
  ])('refuses %s', (_, parameters) => {
    expect(basic.fields.safeParse({ parameters }).success).toBe(false)
  })
})

describe('expected values', () => {
  const definition = basic.fields.parse({ expected: { username: 'admin-user', password: 'right-password' } })
  const mismatch = [{ path: 'password', code: 'mismatch' }]

  test('R-091 connects only with the expected values', () => {
    const read = (username: string, password: string): unknown => basic.read(definition, { username, password }, 0)
    expect(read('admin-user', 'right-password')).toHaveProperty('grant')
    expect(read('admin-user', 'wrong-password')).toMatchObject({ errors: mismatch })
    expect(read('other-user', 'right-password')).toMatchObject({ errors: mismatch })
    expect(read('admin-user', '')).toMatchObject({ errors: mismatch })
  })

  test('does not tell which of the two was wrong', () => {
    expect(basic.read(definition, { username: 'admin-user', password: 'x' }, 0)).toEqual(
      basic.read(definition, { username: 'x', password: 'right-password' }, 0),
    )
  })

  test('compares only what is expected', () => {
    const onlyUser = basic.fields.parse({ expected: { username: 'admin-user' } })
    expect(basic.read(onlyUser, { username: 'admin-user', password: 'any' }, 0)).toHaveProperty('grant')
    expect(basic.read(onlyUser, { username: 'x', password: 'any' }, 0)).toMatchObject({
      errors: [{ path: 'username', code: 'mismatch' }],
    })
  })

  test('keeps salted hashes alone, with another salt each time', () => {
    const stored = JSON.stringify(definition)
    expect(stored).not.toContain('admin-user')
    expect(stored).not.toContain('right-password')
    expect(JSON.stringify(basic.fields.parse({ expected: { username: 'admin-user' } }))).not.toBe(
      JSON.stringify(basic.fields.parse({ expected: { username: 'admin-user' } })),
    )
    expect(basic.secretFields).toEqual(['expected'])
  })

  test('passes what is already hashed, also as a draft and after storage', () => {
    const stored: unknown = JSON.parse(JSON.stringify(definition))
    expect(basic.fields.parse(stored)).toEqual(definition)
    expect(basic.partialFields.parse(stored)).toEqual(definition)
    expect(basic.read(stored, { username: 'admin-user', password: 'right-password' }, 0)).toHaveProperty('grant')
  })

  test('holds nothing where nothing is expected', () => {
    expect(basic.fields.parse({ expected: {} })).toMatchObject({ expected: null })
    expect(basic.fields.parse({})).toMatchObject({ expected: null })
  })

  test.each([
    ['a salt of another length', { salt: 'AAAA', password: 'x' }],
    ['a plain value beside a salt', { salt: `${'A'.repeat(22)}==`, password: 'plain' }],
    ['an unknown field', { user: 'x' }],
    ['a control character', { password: 'a\n' }],
  ])('refuses %s', (_, expected) => {
    expect(basic.fields.safeParse({ expected }).success).toBe(false)
  })

  test('writes its input form as JSON Schema', () => {
    const schema = z.toJSONSchema(basic.fields, { io: 'input' })
    expect(JSON.stringify(schema.properties?.['expected'])).toContain('"username"')
  })
})
