import { hash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MooringError } from '../../errors.ts'
import { formType, header } from '../request.ts'
import type { OutgoingRequest } from '../scheme.ts'
import { prepareInjector, type Signing } from './inject.ts'
import { percentEncode, readParameters, sign, signatureBaseString, signingKey } from './signature.ts'

const signing: Signing = {
  consumerKey: 'key',
  consumerSecret: 'secret',
  signatureMethod: 'HMAC-SHA1',
  parameterLocation: 'header',
  realm: null,
  bodyHash: false,
}
const token = { token: 'token', tokenSecret: 'token secret' }
const now = 1_318_622_958_999
const formHeaders = ['Content-Type', `${formType}; charset=utf-8`]

function inject(part: Partial<OutgoingRequest> = {}, changes: Partial<Signing> = {}): OutgoingRequest {
  const request = { method: 'GET', url: new URL('https://api.example.com/a?b=c'), headers: [], body: null, ...part }
  prepareInjector({ ...signing, ...changes }, token, () => 'nonce')(request, now)
  return request
}

const formOf = ({ body }: OutgoingRequest): string => Buffer.from(body ?? []).toString('latin1')

/** The protocol parameters of a request, wherever they are, with their encoding undone. */
function sentParameters(request: OutgoingRequest): Map<string, string> {
  const quoted = (header(request, 'authorization') ?? '').matchAll(/(oauth_\w+)="([^"]*)"/g)
  const pairs = [...quoted].map(([, name, value]) => `${name}=${value}`)
  const all = [...pairs, ...request.url.search.slice(1).split('&'), ...formOf(request).split('&')]
  return new Map(new URLSearchParams(all.filter((pair) => pair.startsWith('oauth_')).join('&')))
}

/** What a provider computes from the bytes that came in. */
function expectedSignature(request: OutgoingRequest): string {
  const sent = new URL(request.url.href)
  const form = header(request, 'content-type')?.startsWith(formType) === true ? formOf(request) : ''
  const inHeader = header(request, 'authorization') === undefined ? [] : [...sentParameters(request)]
  const parameters = [
    ...readParameters(sent.search.slice(1)),
    ...readParameters(form),
    ...inHeader.map(([name, value]) => [percentEncode(name), percentEncode(value)] as const),
  ].filter(([name]) => name !== 'oauth_signature')
  const base = signatureBaseString(request.method, sent, parameters)
  return sign('HMAC-SHA1', signingKey('HMAC-SHA1', signing.consumerSecret, token.tokenSecret), base)
}

describe.each(['header', 'query', 'form'] as const)('in the %s', (parameterLocation) => {
  const form = { method: 'POST', headers: [...formHeaders], body: Buffer.from('c2&a3=2+q&d=%ff\xe9', 'latin1') }

  test('S-37 signs the bytes that go out, and leaves what the caller wrote', () => {
    const url = new URL("https://api.example.com:8443/a%2fb/'c;d?b5=%3D%253D&a3=a&c%40=&a2=r%20b+c&%c3=1")
    const request = inject({ ...form, url: new URL(url) }, { parameterLocation })
    const sent = sentParameters(request)
    expect(Object.fromEntries(sent)).toEqual({
      oauth_consumer_key: 'key',
      oauth_token: 'token',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '1318622958',
      oauth_nonce: 'nonce',
      oauth_version: '1.0',
      oauth_signature: expectedSignature(request),
    })
    expect(request.url.href.startsWith(url.href)).toBe(true)
    expect(formOf(request).startsWith('c2&a3=2+q&d=%ff\xe9')).toBe(true)
    expect(request.url.href === url.href).toBe(parameterLocation !== 'query')
    expect(formOf(request) === 'c2&a3=2+q&d=%ff\xe9').toBe(parameterLocation !== 'form')
    expect(header(request, 'authorization') === undefined).toBe(parameterLocation !== 'header')
  })

  test("S-37 takes out the caller's own protocol parameters", () => {
    const clean = inject(form, { parameterLocation })
    const theirs = 'oauth_token=theirs&oauth%5Fsignature=theirs&oauth_verifier=theirs&oauth_consumer_key'
    const request = inject(
      {
        method: 'POST',
        url: new URL(`https://api.example.com/a?${theirs}&b=c`),
        headers: [...formHeaders],
        body: Buffer.from(`c2&${theirs}&a3=2+q&d=%ff\xe9`, 'latin1'),
      },
      { parameterLocation },
    )
    expect(request).toEqual(clean)
  })
})

test('replaces the Authorization header, and puts a realm into it', () => {
  const request = inject({ headers: ['Authorization', 'Basic theirs'] }, { realm: 'Photos' })
  expect(request.headers.filter((_, index) => index % 2 === 0)).toEqual(['authorization'])
  expect(header(request, 'authorization')).toMatch(/^OAuth realm="Photos", oauth_consumer_key="key", oauth_token=/)
})

test('leaves oauth_token out before there is one', () => {
  const request: OutgoingRequest = { method: 'POST', url: new URL('https://a.example/r'), headers: [], body: null }
  prepareInjector(signing, null, () => 'nonce', { oauth_callback: 'https://b.example/cb?x=1' })(request, now)
  expect([...sentParameters(request).keys()]).not.toContain('oauth_token')
  expect(header(request, 'authorization')).toContain('oauth_callback="https%3A%2F%2Fb.example%2Fcb%3Fx%3D1"')
})

test('keeps a parameter whose name begins with a question mark', () => {
  const request = inject(
    { url: new URL('https://api.example.com/a??b=c&oauth_token=theirs') },
    { parameterLocation: 'query' },
  )
  expect(request.url.search).toMatch(/^\?\?b=c&oauth_consumer_key=key&/)
  expect(sentParameters(request).get('oauth_signature')).toBe(expectedSignature(request))
})

describe('a signature in a form', () => {
  const form: Partial<Signing> = { parameterLocation: 'form' }

  test('makes a form of a request without a body, and corrects the content length', () => {
    const request = inject({ method: 'POST', headers: ['Content-Length', '0'] }, form)
    expect(header(request, 'content-type')).toBe(formType)
    expect(formOf(request)).toMatch(/^oauth_consumer_key=key&.*&oauth_signature=/)
    expect(header(request, 'content-length')).toBe(String(request.body?.length))
  })

  test.each(['GET', 'HEAD'])('is refused on %s, which carries no form', (method) => {
    expect(() => inject({ method }, form)).toThrow(
      expect.objectContaining({ code: 'validation_failed', hint: expect.stringContaining('POST') }),
    )
  })

  test('is refused where the body is another kind, read or not', () => {
    for (const body of [Buffer.from('{}'), undefined]) {
      const json = { method: 'POST', headers: ['content-type', 'application/json'], body }
      expect(() => inject(json, form)).toThrow(
        expect.objectContaining({ code: 'validation_failed', message: expect.stringContaining('application/json') }),
      )
    }
  })
})

test('refuses a form that it cannot read: too long, or compressed', () => {
  const long = { method: 'POST', headers: [...formHeaders], body: undefined }
  expect(() => inject(long)).toThrow(expect.objectContaining({ code: 'too_large' }))
  const gzip = { method: 'POST', headers: [...formHeaders, 'Content-Encoding', 'gzip'], body: Buffer.from('x') }
  expect(() => inject(gzip)).toThrow(expect.objectContaining({ code: 'validation_failed' }))
})

describe('oauth_body_hash', () => {
  const json = { method: 'POST', headers: ['content-type', 'application/json'] }
  const hashSent = (request: OutgoingRequest): string | undefined => sentParameters(request).get('oauth_body_hash')

  test('covers bodies that are not forms, by the digest of the signature, and the lack of one', () => {
    const body = Buffer.from('{"a":1}')
    expect(hashSent(inject({ ...json, body }, { bodyHash: true }))).toBe(hash('sha1', body, 'base64'))
    expect(hashSent(inject({ ...json, body }, { bodyHash: true, signatureMethod: 'HMAC-SHA256' }))).toBe(
      hash('sha256', body, 'base64'),
    )
    const nothing = inject({}, { bodyHash: true })
    expect(hashSent(nothing)).toBe(hash('sha1', '', 'base64'))
    expect(sentParameters(nothing).get('oauth_signature')).toBe(expectedSignature(nothing))
  })

  test('is left out for forms, for PLAINTEXT, and unless asked for', () => {
    const form = { method: 'POST', headers: [...formHeaders], body: Buffer.from('a=1') }
    expect(hashSent(inject(form, { bodyHash: true }))).toBeUndefined()
    expect(hashSent(inject({}, { bodyHash: true, signatureMethod: 'PLAINTEXT' }))).toBeUndefined()
    expect(hashSent(inject())).toBeUndefined()
  })

  test('refuses a body that was too long to read', () => {
    expect(() => inject({ ...json, body: undefined }, { bodyHash: true })).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    )
  })
})

test('streams a body that no signature covers', () => {
  for (const [headers, changes] of [
    [['content-type', 'application/json'], {}],
    [formHeaders, { signatureMethod: 'PLAINTEXT' }],
  ] as const) {
    const request = inject({ method: 'POST', headers: [...headers], body: undefined }, changes)
    expect(request.body).toBeUndefined()
    expect(header(request, 'authorization')).toContain('oauth_signature=')
  }
})

test('PLAINTEXT sends both secrets, encoded once in the key and once more in the header', () => {
  const request = inject({}, { signatureMethod: 'PLAINTEXT' })
  expect(header(request, 'authorization')).toContain('oauth_signature="secret%26token%2520secret"')
})

test('tells about a private key that is none when it signs, not before', () => {
  const prepared = prepareInjector({ ...signing, signatureMethod: 'RSA-SHA1' }, token, () => 'nonce')
  const request = { method: 'GET', url: new URL('https://api.example.com/'), headers: [], body: null }
  expect(() => prepared(request, now)).toThrow(expect.objectContaining({ code: 'validation_failed' }))
})

describe('for any request and any secrets', () => {
  const text = fc.string({ unit: 'binary', maxLength: 10 }).map((value) => value.toWellFormed())
  const body = fc.option(fc.uint8Array({ maxLength: 40 }))
  const location = fc.constantFrom('header', 'query', 'form')

  test('S-37 the provider comes to the same signature from what went out', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), body, location, (href, bytes, parameterLocation) => {
        const request = inject(
          { method: 'POST', url: new URL(href), headers: [...formHeaders], body: bytes },
          { parameterLocation },
        )
        expect(sentParameters(request).get('oauth_signature')).toBe(expectedSignature(request))
      }),
    )
  })

  test('S-37 lets no line break through', () => {
    const broken = fc.tuple(text, fc.constantFrom('\r\n', '\n', '\r', '\0', ''), text).map((parts) => parts.join(''))
    fc.assert(
      fc.property(broken, broken, broken, location, (consumerKey, secret, realm, parameterLocation) => {
        const request: OutgoingRequest = {
          method: 'POST',
          url: new URL('https://api.example.com/a'),
          headers: [...formHeaders],
          body: Buffer.from('a=b'),
        }
        const changed = { ...signing, consumerKey, consumerSecret: secret, realm, parameterLocation }
        try {
          prepareInjector(changed, { token: secret, tokenSecret: consumerKey }, () => 'nonce')(request, now)
        } catch (error) {
          if (!(error instanceof MooringError)) throw error
          return
        }
        const out = [...request.headers, request.url.href, formOf(request)]
        expect(out.filter((each) => /[\r\n\0]/.test(each))).toEqual([])
      }),
    )
  })
})
