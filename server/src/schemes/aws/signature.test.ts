import type { KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { prepareInjector, presign } from './inject.ts'
import {
  authorizationHeader,
  canonicalHeaders,
  canonicalPath,
  canonicalQuery,
  canonicalRequest,
  hashOf,
  presignParameters,
  scopeOf,
  signature,
  signingKey,
  stringToSign,
  timeOf,
  unsignedPayload,
} from './signature.ts'

const stages = { canonicalRequest: z.string(), stringToSign: z.string(), signature: z.string() }
const vector = z.object({
  name: z.string(),
  request: z.object({
    method: z.string(),
    uri: z.string(),
    headers: z.array(z.tuple([z.string(), z.string()])),
    body: z.string(),
  }),
  credentials: z.object({
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    sessionToken: z.string().optional(),
  }),
  region: z.string(),
  service: z.string(),
  date: z.string(),
  options: z.object({
    normalizePath: z.boolean(),
    doubleEncodePath: z.boolean().default(true),
    signBody: z.boolean(),
    omitSessionTokenFromSignature: z.boolean().default(false),
    unsignedPayload: z.boolean().default(false),
    expiresInSeconds: z.number().default(0),
  }),
  header: z.object({ ...stages, authorization: z.string() }).optional(),
  query: z.object({ ...stages, signedUri: z.string() }).optional(),
})
type Vector = z.output<typeof vector>

const { suites } = z
  .object({
    suites: z.object({
      'aws-c-auth': z.array(vector),
      classic: z.array(vector),
      classicMhartDifferences: z.array(vector),
      s3Docs: z.array(vector),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../vectors/aws-sigv4.json', import.meta.url), 'utf8')))

type Headers = [string, string][]

/** The headers that a case signs: what its suite's signer adds is told in the vectors' notes. */
function signedHeaders(each: Vector): Headers {
  const { options, credentials, request } = each
  const headers: Headers = [...request.headers]
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && !headers.some(([other]) => other.toLowerCase() === name)) headers.push([name, value])
  }
  add('x-amz-date', each.date)
  if (!options.omitSessionTokenFromSignature) add('x-amz-security-token', credentials.sessionToken)
  if (options.signBody) add('x-amz-content-sha256', hashOf(Buffer.from(request.body)))
  return headers
}

function parts(each: Vector): { scope: string; path: string; query: string; payloadHash: string; key: KeyObject } {
  const { options, request } = each
  const scope = scopeOf(each.date, each.region, each.service)
  const [path = '', query = ''] = request.uri.split('?', 2)
  return {
    scope,
    path: canonicalPath(path, { normalize: options.normalizePath, encodeTwice: options.doubleEncodePath }),
    query,
    payloadHash: options.unsignedPayload ? unsignedPayload : hashOf(Buffer.from(request.body)),
    key: signingKey(each.credentials.secretAccessKey, scope),
  }
}

function headerStages(each: Vector, headers: Headers): Record<string, string> {
  const { scope, path, query, payloadHash, key } = parts(each)
  const canonical = canonicalHeaders(headers)
  const request = canonicalRequest(each.request.method, path, canonicalQuery(query), canonical, payloadHash)
  const text = stringToSign(each.date, scope, request)
  const signed = signature(key, text)
  return {
    canonicalRequest: request,
    stringToSign: text,
    signature: signed,
    authorization: authorizationHeader(each.credentials.accessKeyId, scope, canonical.signed, signed),
  }
}

const withHeader = (list: Vector[]): (Vector & Required<Pick<Vector, 'header'>>)[] =>
  list.flatMap((each) => (each.header === undefined ? [] : [{ ...each, header: each.header }]))
const withQuery = (list: Vector[]): (Vector & Required<Pick<Vector, 'query'>>)[] =>
  list.flatMap((each) => (each.query === undefined ? [] : [{ ...each, query: each.query }]))

const stageNames = ['canonicalRequest', 'stringToSign', 'signature', 'authorization'] as const

describe.each([
  ['aws-c-auth', withHeader(suites['aws-c-auth'])],
  ['classic', withHeader(suites.classic)],
  ['s3Docs', withHeader(suites.s3Docs)],
])('%s, signing by header', (name, list) => {
  describe(`${name}: ${list.length} cases × ${stageNames.length} stages`, () => {
    describe.each(list)('$name', (each) => {
      // aws-c-auth and the S3 examples sign Content-Length where the request has one; the classic suite does not.
      const drop = name === 'classic' ? 'content-length' : ''
      const made = headerStages(
        each,
        signedHeaders(each).filter(([header]) => header.toLowerCase() !== drop),
      )
      test.each(stageNames)('%s', (stage) => expect(made[stage]).toBe(each.header[stage]))
    })
  })
})

test(`classicMhartDifferences: ${suites.classicMhartDifferences.length} case, which joins folded lines with commas`, () => {
  // AWS corrected it to single blanks, as both other editions have it: that alone differs.
  const expected = suites.classicMhartDifferences.map(({ header }) => header?.canonicalRequest)
  const made = suites.classicMhartDifferences.map((each) => headerStages(each, signedHeaders(each)))
  expect(expected[0]).toContain('my-header1:value1,value2,value3\n')
  expect(made.map((each) => each['canonicalRequest'])).toEqual(
    expected.map((text) => text?.replace('value1,value2,value3', 'value1 value2 value3')),
  )
})

const presigned = withQuery([...suites['aws-c-auth'], ...suites.s3Docs])

describe(`signing by query: ${presigned.length} cases × 4 stages`, () => {
  describe.each(presigned)('$service $name', (each) => {
    const { scope, path, query, payloadHash, key } = parts(each)
    const { credentials, options } = each
    const headers = canonicalHeaders(each.request.headers)
    const after = options.omitSessionTokenFromSignature
    const added = presignParameters({
      accessKeyId: credentials.accessKeyId,
      scope,
      time: each.date,
      expiresInSeconds: options.expiresInSeconds,
      signed: headers.signed,
      sessionToken: after ? null : (credentials.sessionToken ?? null),
    })
    const whole = query === '' ? added : `${query}&${added}`
    const request = canonicalRequest(each.request.method, path, canonicalQuery(whole), headers, payloadHash)
    const text = stringToSign(each.date, scope, request)
    const signed = signature(key, text)

    test('canonicalRequest', () => expect(request).toBe(each.query.canonicalRequest))
    test('stringToSign', () => expect(text).toBe(each.query.stringToSign))
    test('signature', () => expect(signed).toBe(each.query.signature))
    test('the same parameters in the URL', () => {
      const token = after ? `&X-Amz-Security-Token=${encodeURIComponent(credentials.sessionToken ?? '')}` : ''
      expect(`${whole}${token}&X-Amz-Signature=${signed}`.split('&').toSorted()).toEqual(
        each.query.signedUri.split('?', 2)[1]?.split('&').toSorted(),
      )
    })
  })
})

const at = (date: string): number => Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))

const hostOf = ({ request }: Vector): string => request.headers.find(([name]) => name === 'Host')?.[1] ?? ''

/**
 * What can be sent, and is signed the same way by Mooring: a path of the characters that a path may hold, resolved as
 * the service's rule has it; no payload hash for a service that does without; no token beside the signature.
 */
const whole = [...suites['aws-c-auth'], ...suites.s3Docs].filter(({ service, options, request: { uri } }) => {
  if (service === 's3') return true
  const [path = ''] = uri.split('?', 1)
  const sent = options.normalizePath || !/\/\.|\/\//.test(path)
  return sent && /^[\x21-\x7e]*$/.test(path) && !options.signBody && !options.omitSessionTokenFromSignature
})
const wholeHeaders = withHeader(whole)

describe(`published cases through the injector: ${wholeHeaders.length} cases`, () => {
  test.each(wholeHeaders)('$service $name', (each) => {
    const request = {
      method: each.request.method,
      url: new URL(`https://${hostOf(each)}${each.request.uri}`),
      headers: each.request.headers.flat(),
      body: each.request.body === '' ? null : Buffer.from(each.request.body),
    }
    prepareInjector({ service: each.service, region: each.region }, each.credentials)(request, at(each.date) + 999)
    expect(request.headers.slice(-2)).toEqual(['authorization', each.header.authorization])
  })
})

test('encodes a path as it goes out once more: what the suites send as it is, a URL has encoded already', () => {
  const url = new URL('https://example.amazonaws.com/example space/')
  expect(canonicalPath(url.pathname, { normalize: true, encodeTwice: true })).toBe('/example%2520space/')
  expect(canonicalPath('/example space/', { normalize: true, encodeTwice: true })).toBe('/example%20space/')
})

const wholeQueries = withQuery(whole).filter(({ request }) => request.headers.length === 1)

describe(`published presigned URLs: ${wholeQueries.length} cases`, () => {
  test.each(wholeQueries)('$service $name', (each) => {
    const url = new URL(`https://${hostOf(each)}${each.request.uri}`)
    const target = { service: each.service, region: each.region }
    const made = presign(
      each.request.method,
      url,
      target,
      each.credentials,
      at(each.date),
      each.options.expiresInSeconds,
    )
    expect(made.searchParams.get('X-Amz-Signature')).toBe(each.query.signature)
    made.searchParams.sort()
    const expected = new URLSearchParams(each.query.signedUri.split('?', 2)[1])
    expected.sort()
    expect([...made.searchParams]).toEqual([...expected])
  })
})

test('writes a moment as AWS does', () => {
  expect(timeOf(Date.UTC(2026, 0, 31, 2, 3, 4, 567))).toBe('20260131T020304Z')
})

test('canonicalises every way of writing a path once for S3 and once more for the others', () => {
  const s3 = { normalize: false, encodeTwice: false }
  const others = { normalize: true, encodeTwice: true }
  expect(canonicalPath('/a%20b/%2f%7E/c+d/..//e$', s3)).toBe('/a%20b/%2F~/c%2Bd/..//e%24')
  expect(canonicalPath('/a%20b/%2f%7E/c+d/..//e$/', others)).toBe('/a%2520b/%252f%257E/e%24/')
  expect(canonicalPath('', others)).toBe('/')
})

test('canonicalises queries: values may be missing, a plus is a blank, encoded names count as they are read', () => {
  expect(canonicalQuery('b&a=&%61=1&c=x+y&&A=%c3%a9&d=e=f')).toBe('A=%C3%A9&a=&a=1&b=&c=x%20y&d=e%3Df')
})

test('folds blanks, tabs and line breaks but no byte of another character', () => {
  expect(canonicalHeaders([['X', ' a\t b\r\n  c ']]).lines).toBe('x:a b c\n')
  expect(canonicalHeaders([['X', '\xc3\xa0\xc2\xa0 \xc2\xa0']]).lines).toBe('x:\xc3\xa0\xc2\xa0 \xc2\xa0\n')
})

test('for any query, the canonical form does not depend on the order and is canonical already', () => {
  const text = fc.string({ unit: 'binary', maxLength: 5 }).map((value) => encodeURIComponent(value.toWellFormed()))
  const shuffled = fc
    .array(
      fc.tuple(text, text).map((pair) => pair.join('=')),
      { maxLength: 6 },
    )
    .chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
    )
  fc.assert(
    fc.property(shuffled, ([one, other]) => {
      const canonical = canonicalQuery(one.join('&'))
      expect(canonicalQuery(other.join('&'))).toBe(canonical)
      expect(canonicalQuery(canonical)).toBe(canonical)
    }),
  )
})
