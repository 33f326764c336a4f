import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import { hmac } from './hmac.ts'
import { header } from './request.ts'
import type { OutgoingRequest } from './scheme.ts'
import { outlook, schemeSuite } from './scheme_suite.ts'

const now = Date.UTC(2026, 0, 31, 12, 0, 0, 789)
const planted = { keyId: 'planted-key-id', secret: 'planted-secret' }

schemeSuite({
  scheme: hmac,
  required: [],
  samples: [
    { name: 'headers', definition: {}, credentialValues: planted },
    {
      name: 'one header, with a passphrase',
      definition: {
        stringToSign: '{method}\\n{header:content-type}\\n{bodyHash}\\n{nonce}',
        headers: { Authorization: 'Sig {keyId}:{signature}:{nonce}', 'X-Passphrase': '{passphrase}' },
        prompts: [{ key: 'passphrase', label: 'Passphrase' }],
      },
      credentialValues: { ...planted, passphrase: 'planted-passphrase' },
      request: { method: 'POST', headers: ['content-type', 'application/json'], body: Buffer.from('{"a":1}') },
    },
    {
      name: 'the query',
      definition: {
        stringToSign: '{query}',
        headers: {},
        parameters: { key: '{keyId}', timestamp: '{timestamp}', signature: '{signature}' },
      },
      credentialValues: planted,
    },
  ],
})

/** Signs a request made of this, and gives it as it goes out. */
function signed(
  definition: object,
  values: Record<string, string>,
  {
    method = 'GET',
    url = 'https://api.example.com/',
    headers = [],
    body = null,
  }: Partial<Omit<OutgoingRequest, 'url'> & { url: string }> = {},
  at = now,
): OutgoingRequest {
  const read = hmac.read(definition, values, at)
  if ('errors' in read) throw new Error(JSON.stringify(read.errors))
  const request = { method, url: new URL(url), headers: [...headers], body }
  hmac.apply(definition, read.grant.credential).inject(request, at)
  return request
}

describe('published examples', () => {
  test('RFC 4231 section 4.3: HMAC of each hash', () => {
    const of = (algorithm: string): unknown => {
      const definition = { stringToSign: 'what do ya want for nothing?', algorithm, headers: { 'X-S': '{signature}' } }
      return header(signed(definition, { secret: 'Jefe' }), 'x-s')
    }
    expect(of('sha256')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
    expect(of('sha512')).toBe(
      '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
    )
    // RFC 2202 section 3, test case 2.
    expect(of('sha1')).toBe('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79')
  })

  // Binance, "SIGNED endpoint example for POST /api/v3/order": all parameters as a query string.
  test('an exchange that signs the query string', () => {
    const definition = {
      stringToSign: '{query}',
      headers: { 'X-MBX-APIKEY': '{keyId}' },
      parameters: { timestamp: '{timestamp}', signature: '{signature}' },
      timestampFormat: 'milliseconds',
    }
    const query = 'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000'
    const keys = { keyId: 'vmPUZE6mv9SD', secret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j' }
    const request = signed(
      definition,
      keys,
      { method: 'POST', url: `https://api.binance.com/api/v3/order?signature=forged&${query}` },
      1_499_827_319_559,
    )
    expect(request.url.search).toBe(
      `?${query}&timestamp=1499827319559&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71`,
    )
    expect(header(request, 'x-mbx-apikey')).toBe('vmPUZE6mv9SD')
  })

  // Slack, "Verifying requests from Slack": the version, the time and the body, with colons between.
  test('a webhook signed over version, time and body', () => {
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
    const definition = { stringToSign: 'v0:{timestamp}:{body}', headers: { 'X-Slack-Signature': 'v0={signature}' } }
    const request = signed(
      definition,
      { secret: '8f742231b10e8888abcd99yyyzzz85a5' },
      { method: 'POST', body: Buffer.from(body) },
      1_531_420_618_000,
    )
    expect(header(request, 'x-slack-signature')).toBe(
      'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    )
  })
})

describe('what a server that checks the signature makes of the request', () => {
  const definition = {
    stringToSign:
      '{method}\\n{host}\\n{path}\\n{sortedQuery}\\n{timestamp}\\n{nonce}\\n{keyId}\\n{header:x-trace}\\n{body}',
    headers: { Authorization: '{keyId}:{signature}', 'X-Date': '{timestamp}', 'X-Nonce': '{nonce}' },
    signatureEncoding: 'base64',
    algorithm: 'sha512',
  }
  /** Knows nothing but the request and the key. */
  const accepts = ({ method, url, headers, body }: OutgoingRequest, secret: string): boolean => {
    const value = (name: string): string => headers[headers.findIndex((each) => each.toLowerCase() === name) + 1] ?? ''
    const [keyId = '', claimed = ''] = value('authorization').split(':')
    const query = url.search.replace('?', '').split('&').filter(Boolean)
    const byName = query.map((pair) => [pair.split('=')[0] ?? '', pair] as const)
    byName.sort(([a, pa], [b, pb]) => (a === b ? (pa < pb ? -1 : 1) : a < b ? -1 : 1))
    const lines = [
      method,
      url.host,
      url.pathname,
      byName.map(([, pair]) => pair).join('&'),
      value('x-date'),
      value('x-nonce'),
      keyId,
      value('x-trace'),
    ]
    const whole = Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), body ?? Buffer.alloc(0)])
    return createHmac('sha512', secret).update(whole).digest('base64') === claimed
  }

  test('holds for any request, and for no other one', () => {
    const word = fc.string({ minLength: 1, maxLength: 12 }).map((text) => encodeURIComponent(text.toWellFormed()))
    fc.assert(
      fc.property(
        fc.record({
          method: fc.constantFrom('GET', 'POST', 'DELETE'),
          path: fc.array(word, { maxLength: 3 }),
          query: fc.array(fc.tuple(word, word), { maxLength: 4 }),
          body: fc.uint8Array({ minLength: 1, maxLength: 40 }),
          secret: fc.stringMatching(/^[!-~]{1,30}$/),
        }),
        ({ method, path, query, body, secret }) => {
          const url = `https://api.example.com/${path.join('/')}?${query.map((pair) => pair.join('=')).join('&')}`
          const headers = ['X-Trace', 'abc']
          const request = signed(definition, { keyId: 'k1', secret }, { method, url, headers, body })
          expect(accepts(request, secret)).toBe(true)
          expect(accepts(request, `${secret}x`)).toBe(false)
          expect(accepts({ ...request, body: Buffer.concat([body, Buffer.from('x')]) }, secret)).toBe(false)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('the parts of a string to sign', () => {
  const one = (stringToSign: string, more: object = {}, request: Parameters<typeof signed>[2] = {}): string => {
    const definition = { stringToSign, headers: { 'X-S': '{signature}' }, ...more }
    const secret = 'secret'
    const made = header(signed(definition, { keyId: 'k', secret }, request), 'x-s')
    return made ?? ''
  }
  const mac = (text: string): string => createHmac('sha256', 'secret').update(text).digest('hex')

  test.each([
    ['seconds', '1769860800'],
    ['milliseconds', '1769860800789'],
    ['iso', '2026-01-31T12:00:00Z'],
    ['iso_milliseconds', '2026-01-31T12:00:00.789Z'],
    ['basic', '20260131T120000Z'],
    ['http', 'Sat, 31 Jan 2026 12:00:00 GMT'],
  ])('a timestamp in %s', (timestampFormat, wanted) => {
    expect(one('{timestamp}', { timestampFormat, headers: { 'X-K': '{keyId}', 'X-S': '{signature}' } })).toBe(
      mac(wanted),
    )
  })

  test('read the request as it goes out', () => {
    const request = {
      method: 'post',
      url: 'https://api.example.com:8443/a%20b?b=2&a=%20&a=1',
      headers: ['Content-Type', 'text/plain', 'X-Custom', 'v'],
      body: Buffer.from('hello'),
    }
    const keyed = { headers: { 'X-K': '{keyId}', 'X-S': '{signature}' } }
    const parts: Record<string, string> = {
      '{method}/{methodLower}': 'POST/post',
      '{host}|{path}|{query}': 'api.example.com:8443|/a%20b|b=2&a=%20&a=1',
      '{sortedQuery}': 'a=%20&a=1&b=2',
      '{target} {url}': '/a%20b?b=2&a=%20&a=1 https://api.example.com:8443/a%20b?b=2&a=%20&a=1',
      '{contentType};{header:X-Custom};{header:x-none}': 'text/plain;v;',
      '{body}\\n{bodyHash}\\\\n': 'hello\n2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\\n',
      '{"a":1} {x y} {keyId}': '{"a":1} {x y} k',
    }
    for (const [template, wanted] of Object.entries(parts))
      expect(one(template, keyed, request), template).toBe(mac(wanted))
  })

  test('without a body are the hash of nothing, or nothing', () => {
    const keyed = { headers: { 'X-K': '{keyId}', 'X-S': '{signature}' } }
    expect(one('{bodyHash}', { ...keyed, bodyHashAlgorithm: 'sha1', bodyHashEncoding: 'base64' })).toBe(
      mac('2jmj7l5rSw0yVb/vlWAYkK/YBwk='),
    )
    expect(one('{bodyHash}.', { ...keyed, noBody: 'nothing' })).toBe(mac('.'))
  })

  test('cannot be made of a body that was not read', () => {
    const definition = { headers: { 'X-S': '{signature}' } }
    const applied = hmac.apply(definition, { secret: 's', values: {} })
    expect(applied.bodyUse).toBe('bytes')
    const request = { method: 'POST', url: new URL('https://api.example.com/'), headers: [], body: undefined }
    expect(() => applied.inject(request, now)).toThrow(MooringError)
    expect(hmac.apply({ ...definition, stringToSign: '{path}' }, { secret: 's', values: {} }).bodyUse).toBe('none')
  })
})

test('a secret may be written in base64 or hexadecimal, and is refused where it is not', () => {
  const definition = (keyEncoding: string) => ({ keyEncoding, stringToSign: 'x', headers: { 'X-S': '{signature}' } })
  const wanted = createHmac('sha256', Buffer.from([0, 255, 16]))
    .update('x')
    .digest('hex')
  expect(header(signed(definition('base64'), { secret: 'AP8Q' }), 'x-s')).toBe(wanted)
  expect(header(signed(definition('hex'), { secret: '00ff10' }), 'x-s')).toBe(wanted)
  expect(hmac.read(definition('hex'), { secret: '0xff' }, now)).toMatchObject({ errors: [{ path: 'secret' }] })
  expect(hmac.read(definition('base64'), { secret: 'ü' }, now)).toMatchObject({ errors: [{ path: 'secret' }] })
})

test('nobody is asked for a Key ID that goes nowhere', () => {
  const keys = (definition: object): string[] => hmac.prompt(definition).map(({ key }) => key)
  expect(keys({})).toEqual(['keyId', 'secret'])
  expect(keys({ headers: { 'X-S': '{signature}' } })).toEqual(['secret'])
})

test.each([
  [{ stringToSign: '{timestmap}' }, 'stringToSign unknown_placeholder'],
  [{ stringToSign: '{signature}' }, 'stringToSign unknown_placeholder'],
  [{ headers: { 'X-S': '{signature}{body}' } }, 'headers.X-S unknown_placeholder'],
  [{ headers: { 'X-K': '{keyId}' } }, 'headers no_signature'],
])('a definition that could not be checked is refused: %j', (definition, wanted) => {
  expect(hmac.check(definition, 'ready').map(({ path, code }) => `${path} ${code}`)).toEqual([wanted])
})

test('the preview shows the string line by line, and dots for the signature', () => {
  const definition = { stringToSign: '{method}\\n{path}', headers: { Authorization: '{keyId}:{signature}' } }
  expect(hmac.describe(definition, outlook).map(({ lines }) => lines)).toEqual([
    ['{method}', '{path}'],
    ['GET https://api.example.com/me', 'X-Version: 2', 'Authorization: {keyId}:••••••'],
  ])
})
