import { fieldErrors } from '@mooring/contract'
import { describe, expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import { apiKey } from './api_key.ts'
import type { OutgoingRequest } from './scheme.ts'
import { outlook, schemeSuite } from './scheme_suite.ts'

const form = 'application/x-www-form-urlencoded'

schemeSuite({
  scheme: apiKey,
  required: ['parameters'],
  samples: [
    {
      name: 'query',
      definition: { parameters: [{ name: 'Key', key: 'appid', location: 'query' }] },
      credentialValues: { appid: 'planted key+value' },
    },
    {
      name: 'header with a prefix',
      definition: { parameters: [{ name: 'Key', key: 'X-Api-Key', location: 'header', prefix: 'Token ' }] },
      credentialValues: { 'X-Api-Key': 'planted-key' },
    },
    {
      name: 'cookies',
      definition: {
        parameters: [
          { name: 'Session', key: 'sid', location: 'cookie' },
          { name: 'Tenant', key: 'tenant', location: 'cookie' },
        ],
      },
      credentialValues: { sid: 'planted-session', tenant: 'planted-tenant' },
    },
    {
      name: 'form',
      definition: { parameters: [{ name: 'Key', key: 'api_key', location: 'form' }] },
      credentialValues: { api_key: 'planted-key' },
      request: { method: 'POST', headers: ['content-type', form], body: Buffer.from('a=1') },
    },
    {
      name: 'every place at once',
      definition: {
        parameters: ['query', 'form', 'header', 'cookie'].map((location) => ({ name: location, key: 'key', location })),
      },
      credentialValues: {
        key: 'planted-in-query',
        key_2: 'planted-in-form',
        key_3: 'planted-in-header',
        key_4: 'planted-in-cookie',
      },
      request: { method: 'PUT', headers: ['content-type', form], body: Buffer.from('a=1') },
    },
  ],
})

function errorsOf(...parameters: unknown[]): unknown {
  const parsed = apiKey.fields.safeParse({ parameters })
  return parsed.error ? fieldErrors(parsed.error.issues, ['auth']) : []
}

function send(
  parameters: unknown[],
  values: Record<string, string>,
  request: Partial<OutgoingRequest>,
): OutgoingRequest {
  const definition = { parameters }
  const read = apiKey.read(definition, values, 0)
  if ('errors' in read) throw new Error(JSON.stringify(read.errors))
  const whole = { method: 'GET', url: new URL('https://api.example.com/'), headers: [], body: null, ...request }
  apiKey.apply(definition, read.grant.credential).inject(whole, 0)
  return whole
}

describe('the definition', () => {
  const query = { name: 'Key', key: 'key', location: 'query' }

  test('R-105 needs one to ten parameters', () => {
    expect(errorsOf()).toMatchObject([{ path: 'auth.parameters', code: 'too_few' }])
    const eleven = Array.from({ length: 11 }, (_, n) => ({ ...query, key: `k${n}` }))
    expect(errorsOf(...eleven.slice(1))).toEqual([])
    expect(errorsOf(...eleven)).toMatchObject([{ path: 'auth.parameters', code: 'too_many' }])
  })

  test('R-101, R-102 takes query, form, header and cookie for a location', () => {
    for (const location of ['query', 'form', 'header', 'cookie']) expect(errorsOf({ ...query, location })).toEqual([])
    expect(errorsOf({ ...query, location: 'path' })).toMatchObject([
      { path: 'auth.parameters.0.location', code: 'invalid_value', message: 'Use query, form, header or cookie.' },
    ])
  })

  test('R-103 tells every wrong field of every row at once', () => {
    expect(
      errorsOf({ name: '_', key: 'a b', location: 'query' }, { name: 'Ok', key: '', location: 'form', x: 1 }),
    ).toMatchObject([
      { path: 'auth.parameters.0.name', code: 'invalid_format' },
      { path: 'auth.parameters.0.key', code: 'invalid_format' },
      { path: 'auth.parameters.1.key', code: 'required' },
      { path: 'auth.parameters.1.x', code: 'unknown_field' },
    ])
  })

  test('refuses the same key twice in one place, where headers ignore case', () => {
    expect(errorsOf(query, query)).toMatchObject([{ path: 'auth.parameters.1.key', code: 'duplicate' }])
    expect(errorsOf(query, { ...query, location: 'form' })).toEqual([])
    const header = { ...query, location: 'header' }
    expect(errorsOf({ ...header, key: 'X-Key' }, { ...header, key: 'x-key' })).toMatchObject([{ code: 'duplicate' }])
    expect(errorsOf({ ...query, key: 'K' }, query)).toEqual([])
  })

  test.each(['header', 'cookie'])('holds the key of a %s to an HTTP token', (location) => {
    expect(errorsOf({ ...query, location, key: 'a:b' })).toMatchObject([
      { path: 'auth.parameters.0.key', code: 'invalid_format' },
    ])
    expect(errorsOf({ ...query, key: 'a:b' })).toEqual([])
  })

  test.each([
    'Host',
    'content-length',
    'Transfer-Encoding',
    'connection',
    'Keep-Alive',
    'TE',
    'upgrade',
    'proxy-authorization',
    'Mooring-User',
    'Cookie',
  ])('S-37 refuses the header %s, and says why', (key) => {
    expect(errorsOf({ ...query, location: 'header', key })).toMatchObject([
      { path: 'auth.parameters.0.key', code: 'invalid_format', message: expect.stringMatching(/\w \w.*\.$/) },
    ])
    expect(errorsOf({ ...query, key })).toEqual([])
  })
})

describe('the prompt', () => {
  test('R-103, R-107 asks for one secret a parameter, under its label', () => {
    const parameters = [{ name: 'App id', key: 'appid', location: 'query' }]
    expect(apiKey.prompt({ parameters })).toEqual([{ key: 'appid', label: 'App id', secret: true, required: true }])
  })

  test('numbers a key that occurs in several places, past keys that are taken', () => {
    const parameters = [
      { name: 'One', key: 'key', location: 'query' },
      { name: 'Two', key: 'key', location: 'header' },
      { name: 'Three', key: 'key_2', location: 'query' },
      { name: 'Four', key: 'key', location: 'cookie' },
    ]
    expect(apiKey.prompt({ parameters }).map(({ key }) => key)).toEqual(['key', 'key_3', 'key_2', 'key_4'])
  })

  test('refuses values that the place cannot hold', () => {
    const read = (location: string, value: string): unknown =>
      apiKey.read({ parameters: [{ name: 'Key', key: 'k', location }] }, { k: value }, 0)
    const refused = { errors: [{ path: 'k', code: 'invalid_format' }] }
    expect(read('header', 'a\r\nb')).toMatchObject(refused)
    expect(read('query', 'a\0')).toMatchObject(refused)
    expect(read('cookie', 'a; admin=1')).toMatchObject(refused)
    expect(read('query', 'a; admin=1')).toHaveProperty('grant')
  })
})

describe('in the query, a header and a cookie', () => {
  test('R-104 sends prefix and value as they are, encoded where the query needs it', () => {
    const request = send(
      [
        { name: 'Q', key: 'q[key]', location: 'query' },
        { name: 'H', key: 'X-Key', location: 'header', prefix: 'Token token=' },
        { name: 'C', key: 'sid', location: 'cookie', prefix: 's.' },
      ],
      { 'q[key]': 'a b&c', 'X-Key': 'v', sid: 'w' },
      {},
    )
    expect(request.url.search).toBe('?q%5Bkey%5D=a%20b%26c')
    expect(request.headers).toEqual(['x-key', 'Token token=v', 'cookie', 'sid=s.w'])
  })

  test("finds the caller's parameter however it is written", () => {
    const url = new URL('https://api.example.com/?%6Bey=x&key&KEY=kept&key=y')
    expect(send([{ name: 'K', key: 'key', location: 'query' }], { key: 'v' }, { url }).url.search).toBe(
      '?KEY=kept&key=v',
    )
  })

  test('adds to the cookies there are, in one header', () => {
    const headers = ['Cookie', 'a=1; sid=old', 'cookie', 'sid=older; b=2; ']
    expect(send([{ name: 'S', key: 'sid', location: 'cookie' }], { sid: 'v' }, { headers }).headers).toEqual([
      'cookie',
      'a=1; b=2; sid=v',
    ])
  })

  test('reads no body for them', () => {
    const parameters = [{ name: 'K', key: 'key', location: 'query' }]
    expect(apiKey.apply({ parameters }, { values: { key: 'v' } }).bodyUse).toBe('none')
  })
})

describe('in a form', () => {
  const parameters = [{ name: 'Key', key: 'api_key', location: 'form', prefix: 'p ' }]
  const values = { api_key: 'v&w' }
  const typed = ['Content-Type', `${form}; charset=UTF-8`]

  function refusal(request: Partial<OutgoingRequest>): MooringError {
    try {
      send(parameters, values, request)
    } catch (error) {
      if (error instanceof MooringError) return error
      throw error
    }
    throw new Error('not refused')
  }

  test("replaces the caller's field, keeps the rest byte for byte and corrects the length", () => {
    const body = Buffer.concat([Buffer.from('a=%7e+1&api_key=x&b=\xff', 'latin1'), Buffer.from('&api%5Fkey=y')])
    const request = send(parameters, values, {
      method: 'POST',
      headers: [...typed, 'Content-Length', String(body.length)],
      body,
    })
    expect(Buffer.from(request.body ?? []).toString('latin1')).toBe('a=%7e+1&b=\xff&api_key=p%20v%26w')
    expect(request.headers).toEqual([...typed, 'content-length', String(request.body?.length)])
  })

  test.each([
    ['no body', null],
    ['an empty body', new Uint8Array()],
  ])('makes the form where there is %s', (_, body) => {
    const request = send(parameters, values, { method: 'DELETE', headers: ['content-type', 'application/json'], body })
    expect(Buffer.from(request.body ?? []).toString()).toBe('api_key=p%20v%26w')
    expect(request.headers).toEqual(['content-type', form])
  })

  test.each(['GET', 'HEAD'])('refuses a %s and says what to do', (method) => {
    expect(refusal({ method })).toMatchObject({
      code: 'validation_failed',
      message: expect.stringContaining(`A ${method} carries no form`),
      hint: expect.stringContaining('POST'),
    })
  })

  test.each([
    [
      'another content type',
      { headers: ['content-type', 'application/json'], body: Buffer.from('{}') },
      /application\/json/,
    ],
    ['a body without a type', { body: Buffer.from('x') }, /no content type/],
    ['a streamed body of another type', { headers: ['content-type', 'text/csv'], body: undefined }, /text\/csv/],
    ['a form too long to read', { headers: typed, body: undefined }, /too long/],
    ['a compressed form', { headers: [...typed, 'content-encoding', 'gzip'], body: Buffer.from('x') }, /compressed/],
  ])('refuses %s', (_, request, says) => {
    const refused = refusal({ method: 'POST', ...request })
    expect(refused).toMatchObject({ code: 'validation_failed', message: expect.stringMatching(says) })
    expect(refused.hint).toMatch(/^Send .*\.$/)
    expect(refused.message).not.toContain(values.api_key)
  })

  test('leaves the request as it was where it refuses', () => {
    const both = [...parameters, { name: 'H', key: 'x-key', location: 'header' }]
    const request: OutgoingRequest = {
      method: 'GET',
      url: new URL('https://api.example.com/'),
      headers: [],
      body: null,
    }
    const applied = apiKey.apply({ parameters: both }, { values: { api_key: 'v', 'x-key': 'w' } })
    expect(() => applied.inject(request, 0)).toThrow(MooringError)
    expect(request.headers).toEqual([])
  })
})

test('describes what is sent, every value as dots', () => {
  const parameters = ['query', 'form', 'header', 'cookie'].map((location) => ({
    name: 'K',
    key: 'k',
    location,
    prefix: 'p-',
  }))
  expect(apiKey.describe({ parameters }, outlook)).toEqual([
    {
      title: 'Every request',
      lines: [
        'POST https://api.example.com/me?k=p-••••••',
        'X-Version: 2',
        'k: p-••••••',
        'Cookie: k=p-••••••',
        `Content-Type: ${form}`,
        '',
        'k=p-••••••',
      ],
    },
  ])
})
