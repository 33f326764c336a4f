import { verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { prepareInjector } from './inject.ts'
import {
  authorizationHeader,
  baseStringUri,
  bodyHash,
  normalizeParameters,
  type Parameter,
  percentEncode,
  readParameters,
  sign,
  signatureBaseString,
  signatureMethods,
  signingKey,
} from './signature.ts'

const method = z.enum(signatureMethods)
const inOut = z.array(z.object({ in: z.string(), out: z.string() }))
const vectors = z
  .object({
    about: z.object({ notes: z.array(z.string()) }),
    rsaKeys: z.record(z.string(), z.object({ privateKeyPem: z.string(), publicKeyPem: z.string() })),
    cases: z.array(
      z.object({
        name: z.string(),
        method: z.string(),
        url: z.string(),
        form: z.string().default(''),
        oauth: z.record(z.string(), z.string()),
        realm: z.string().optional(),
        consumerSecret: z.string(),
        tokenSecret: z.string(),
        rsaKey: z.string().optional(),
        expected: z.object({
          baseStringUri: z.string(),
          normalizedParameters: z.string(),
          baseString: z.string(),
          signature: z.string(),
          signingKey: z.string().optional(),
        }),
      }),
    ),
    raw: z.array(
      z.object({
        name: z.string(),
        signatureMethod: method,
        baseString: z.string(),
        consumerSecret: z.string().default(''),
        tokenSecret: z.string().default(''),
        rsaKey: z.string().optional(),
        signature: z.string(),
      }),
    ),
    percentEncode: inOut,
    normalizeParameters: inOut,
    baseStringUri: inOut,
    bodyHash: z.array(z.object({ body: z.string(), digest: z.enum(['SHA1', 'SHA256']), out: z.string() })),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../vectors/oauth1.json', import.meta.url), 'utf8')))

const pemOf = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : vectors.rsaKeys[name]?.privateKeyPem

const encoded = ([name, value]: [string, string]): Parameter => [percentEncode(name), percentEncode(value)]

describe(`published cases: ${vectors.cases.length} cases × 6 stages`, () => {
  describe.each(vectors.cases)('$name', (each) => {
    const { expected } = each
    const url = new URL(each.url)
    const query = each.url.split('?', 2)[1] ?? ''
    const parameters = [
      ...readParameters(query),
      ...readParameters(each.form),
      ...Object.entries(each.oauth).map((pair) => encoded(pair)),
    ]
    const signatureMethod = method.parse(each.oauth['oauth_signature_method'])
    const key = signingKey(signatureMethod, pemOf(each.rsaKey) ?? each.consumerSecret, each.tokenSecret)

    test('baseStringUri', () => expect(baseStringUri(url)).toBe(expected.baseStringUri))
    test('normalizeParameters', () => expect(normalizeParameters(parameters)).toBe(expected.normalizedParameters))
    test('signatureBaseString', () => {
      expect(signatureBaseString(each.method, url, parameters)).toBe(expected.baseString)
    })
    test('signingKey', () => {
      expect(typeof key === 'string' ? key : key.asymmetricKeyType).toBe(expected.signingKey ?? 'rsa')
    })
    test('sign', () => expect(sign(signatureMethod, key, expected.baseString)).toBe(expected.signature))
    test('authorizationHeader', () => {
      const signed: Parameter = ['oauth_signature', percentEncode(expected.signature)]
      const header = authorizationHeader([...Object.entries(each.oauth).map(encoded), signed], each.realm ?? null)
      expect(readHeader(header)).toEqual({
        ...each.oauth,
        ...(each.realm === undefined ? {} : { realm: each.realm }),
        oauth_signature: expected.signature,
      })
    })
  })
})

/** An Authorization header as a provider reads it. */
function readHeader(header: string): Record<string, string> {
  expect(header).toMatch(/^OAuth /)
  return Object.fromEntries(
    header
      .slice('OAuth '.length)
      .split(', ')
      .map((part) => /^([^=]+)="([^"]*)"$/.exec(part) ?? [])
      .map(([, name = '', value = '']) => [decodeURIComponent(name), decodeURIComponent(value)]),
  )
}

/** Mooring always sends oauth_version and never the callback here, so these are the cases that it can repeat whole. */
const whole = vectors.cases.filter(({ oauth }) => oauth['oauth_version'] === '1.0' && !('oauth_callback' in oauth))

describe(`published cases through the injector: ${whole.length} cases`, () => {
  test.each(whole)('$name', (each) => {
    const { oauth } = each
    const request = {
      method: each.method,
      url: new URL(each.url),
      headers: each.form === '' ? [] : ['Content-Type', 'application/x-www-form-urlencoded'],
      body: each.form === '' ? null : Buffer.from(each.form),
    }
    const inject = prepareInjector(
      {
        consumerKey: oauth['oauth_consumer_key'] ?? '',
        consumerSecret: pemOf(each.rsaKey) ?? each.consumerSecret,
        signatureMethod: method.parse(oauth['oauth_signature_method']),
        parameterLocation: 'header',
        realm: each.realm ?? null,
        bodyHash: false,
      },
      oauth['oauth_token'] === undefined ? null : { token: oauth['oauth_token'], tokenSecret: each.tokenSecret },
      () => oauth['oauth_nonce'] ?? '',
    )
    inject(request, Number(oauth['oauth_timestamp']) * 1000 + 999)
    expect(request.headers.at(-2)).toBe('authorization')
    expect(readHeader(request.headers.at(-1) ?? '')).toEqual({
      ...oauth,
      ...(each.realm === undefined ? {} : { realm: each.realm }),
      oauth_signature: each.expected.signature,
    })
    expect(request.url.href).toBe(new URL(each.url).href)
  })
})

describe(`published base strings: ${vectors.raw.length} signatures`, () => {
  test.each(vectors.raw)('$name', (each) => {
    const key = signingKey(each.signatureMethod, pemOf(each.rsaKey) ?? each.consumerSecret, each.tokenSecret)
    expect(sign(each.signatureMethod, key, each.baseString)).toBe(each.signature)
  })

  test('RSA signatures verify with the public key', () => {
    const rsa = vectors.raw.filter(({ rsaKey }) => rsaKey !== undefined)
    expect(rsa.map(({ signatureMethod }) => signatureMethod)).toContain('RSA-SHA256')
    for (const { rsaKey = '', signatureMethod, baseString, signature } of rsa) {
      const digest = signatureMethod.replace('RSA-', '').toLowerCase()
      const publicKey = vectors.rsaKeys[rsaKey]?.publicKeyPem ?? ''
      expect(verify(digest, Buffer.from(baseString), publicKey, Buffer.from(signature, 'base64'))).toBe(true)
    }
  })
})

describe(`published encodings: ${vectors.percentEncode.length}`, () => {
  test.each(vectors.percentEncode)('$in', (each) => expect(percentEncode(each.in)).toBe(each.out))
})

describe(`published parameter lists: ${vectors.normalizeParameters.length}`, () => {
  test.each(vectors.normalizeParameters)('$in', (each) => {
    expect(normalizeParameters(readParameters(each.in))).toBe(each.out)
  })
})

describe(`published base string URIs: ${vectors.baseStringUri.length}`, () => {
  test.each(vectors.baseStringUri)('$in', (each) => expect(baseStringUri(new URL(each.in))).toBe(each.out))
})

describe(`published body hashes: ${vectors.bodyHash.length}`, () => {
  test.each(vectors.bodyHash)('$digest of $body', (each) => {
    const methods = each.digest === 'SHA1' ? (['HMAC-SHA1', 'RSA-SHA1'] as const) : (['RSA-SHA256'] as const)
    for (const signatureMethod of methods) expect(bodyHash(signatureMethod, Buffer.from(each.body))).toBe(each.out)
  })
})

test('encodes reserved characters of a consumer key twice, where Mastercard’s own signers do it once', () => {
  // The vectors' last note; of Mastercard's values they hold only finished base strings, which do not show it.
  expect(vectors.about.notes.at(-1)).toContain('%21, not %2521')
  const base = signatureBaseString('GET', new URL('https://api.example.com/'), [encoded(['oauth_consumer_key', 'a!b'])])
  expect(base).toBe('GET&https%3A%2F%2Fapi.example.com%2F&oauth_consumer_key%3Da%2521b')
})

test('keeps bytes that are not UTF-8, percent signs that encode nothing, and small hexadecimal digits', () => {
  expect(normalizeParameters(readParameters('a=%ff%FE&b=100%&c=%zz&d=%7e%2f&e=\xe9'))).toBe(
    'a=%FF%FE&b=100%25&c=%25zz&d=~%2F&e=%E9',
  )
})

test('refuses a consumer secret that is no RSA private key, without repeating it', () => {
  const publicKey = vectors.rsaKeys['mastercard-tests']?.publicKeyPem ?? ''
  for (const secret of ['not-a-key-at-all', publicKey]) {
    expect(() => signingKey('RSA-SHA256', secret, '')).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        message: 'The Consumer Secret is no RSA private key, and RSA-SHA256 signs with one.',
      }),
    )
  }
})

test('escapes the realm as a quoted string', () => {
  expect(authorizationHeader([['a', 'b']], 'a "b" \\c')).toBe('OAuth realm="a \\"b\\" \\\\c", a="b"')
})

describe('for any parameters', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.toWellFormed())
  const pairs = fc.array(fc.tuple(text, text), { maxLength: 8 })

  test('the base string does not depend on their order', () => {
    const shuffled = pairs.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
    )
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const url = new URL('https://api.example.com/a')
        expect(signatureBaseString('GET', url, one.map(encoded))).toBe(
          signatureBaseString('GET', url, other.map(encoded)),
        )
      }),
    )
  })

  test('percent-encoding leaves only unreserved characters and can be undone', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(percentEncode(value)).toMatch(/^([A-Za-z0-9\-._~]|%[0-9A-F]{2})*$/)
        expect(decodeURIComponent(percentEncode(value))).toBe(value)
      }),
    )
  })

  test('a query as a form writes it reads the same as one percent-encoded', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const form = new URLSearchParams(list).toString()
        expect(readParameters(form)).toEqual(list.map(encoded))
      }),
    )
  })
})
