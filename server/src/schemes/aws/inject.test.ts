import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MooringError } from '../../errors.ts'
import { header } from '../request.ts'
import type { OutgoingRequest } from '../scheme.ts'
import { prepareInjector, presign } from './inject.ts'
import {
  canonicalHeaders,
  canonicalPath,
  canonicalQuery,
  canonicalRequest,
  hashOf,
  pathRuleOf,
  signature,
  signingKey,
  stringToSign,
  timeOf,
} from './signature.ts'

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const now = Date.UTC(2026, 0, 31, 12)

function outgoing(part: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return { method: 'GET', url: new URL('https://api.example.com/a?b=c'), headers: [], body: null, ...part }
}

function inject(service: string, part: Partial<OutgoingRequest> = {}, region = 'eu-west-1'): OutgoingRequest {
  const request = outgoing(part)
  prepareInjector({ service, region }, keys)(request, now)
  return request
}

const signedOf = (request: OutgoingRequest): string =>
  /SignedHeaders=([^,]*)/.exec(header(request, 'authorization') ?? '')?.[1] ?? ''

test('R-200 drops what the caller brought in place of the signature, by header and by query', () => {
  const clean = inject('sqs')
  const names = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature', 'Security-Token']
  const query = names.map((name) => `X-Amz-${name}=theirs`).join('&')
  const request = inject('sqs', {
    url: new URL(`https://api.example.com/a?${query}&b=c&x%2Damz%2Dsignature=theirs`),
    headers: ['Authorization', 'theirs', 'X-Amz-Date', 'theirs', 'x-amz-security-token', 'theirs', 'Host', 'theirs'],
  })
  expect(request).toEqual(clean)
  expect(request.url.href).toBe('https://api.example.com/a?b=c')
})

test('R-202 signs aws-global as us-east-1', () => {
  const request = inject('iam', {}, 'aws-global')
  expect(header(request, 'authorization')).toContain('/20260131/us-east-1/iam/aws4_request')
  expect(request).toEqual(inject('iam', {}, 'us-east-1'))
})

const changing =
  'Accept User-Agent Accept-Encoding Content-Length Expect X-Amzn-Trace-Id Connection X-Forwarded-For Proxy-X Traceparent Content-Type X-Amz-Target TE Transfer-Encoding Upgrade'.split(
    ' ',
  )

test('signs the host with its port, and no header that changes on the way', () => {
  const request = inject('execute-api', {
    url: new URL('http://127.0.0.1:9000/'),
    headers: changing.flatMap((name) => [name, 'x']),
  })
  expect(signedOf(request)).toBe('accept;content-type;host;x-amz-date;x-amz-target')
  expect(header(request, 'user-agent')).toBe('x')
  expect(header(request, 'host')).toBeUndefined()
})

test('sends and signs a session token', () => {
  const request = outgoing()
  prepareInjector({ service: 'sqs', region: 'eu-west-1' }, { ...keys, sessionToken: 'session/token==' })(request, now)
  expect(header(request, 'x-amz-security-token')).toBe('session/token==')
  expect(signedOf(request)).toBe('host;x-amz-date;x-amz-security-token')
})

test('sends the hash of the body to S3, whatever the caller claimed', () => {
  const body = Buffer.from('Welcome to Amazon S3.')
  const claims = [[], ['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'], ['x-amz-content-sha256', '0'.repeat(64)]]
  for (const headers of claims) {
    const request = inject('s3', { method: 'PUT', body, headers: [...headers] })
    expect(request.headers.filter((text) => text.toLowerCase() === 'x-amz-content-sha256')).toHaveLength(1)
    expect(header(request, 'x-amz-content-sha256')).toBe(hashOf(body))
    expect(signedOf(request)).toContain('x-amz-content-sha256')
  }
  expect(header(inject('s3'), 'x-amz-content-sha256')).toBe(hashOf(Buffer.from('')))
  expect(header(inject('sqs', { method: 'POST', body }), 'x-amz-content-sha256')).toBeUndefined()
})

test('leaves a body that was too long to read unsigned for S3, and takes the hash that the caller claims', () => {
  const claimed = hashOf(Buffer.from('a long body'))
  const headers = ['X-Amz-Content-Sha256', claimed]
  const put = { method: 'PUT', body: undefined }
  expect(header(inject('s3', put), 'x-amz-content-sha256')).toBe('UNSIGNED-PAYLOAD')
  expect(header(inject('s3', { ...put, headers: [...headers] }), 'x-amz-content-sha256')).toBe(claimed)
  const elsewhere = inject('glacier', { ...put, headers: [...headers] })
  const known = inject('glacier', { ...put, body: Buffer.from('a long body') })
  expect(header(elsewhere, 'authorization')).toBe(header(known, 'authorization'))
  expect(signedOf(inject('lambda', { ...put, headers: [...headers] }))).toContain('x-amz-content-sha256')
})

test('refuses a body that was too long to read where nothing tells its hash', () => {
  const refusal = expect.objectContaining({ code: 'too_large', hint: expect.stringContaining('X-Amz-Content-Sha256') })
  expect(() => inject('lambda', { method: 'POST', body: undefined })).toThrow(refusal)
})

test('leaves a body in the aws-chunked coding with its own kind of checksum', () => {
  const headers = ['x-amz-content-sha256', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'content-encoding', 'aws-chunked']
  const request = inject('s3', { method: 'PUT', body: Buffer.from('0\r\n\r\n'), headers })
  expect(header(request, 'x-amz-content-sha256')).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER')
})

test('sends a plus of the query as %20 and leaves the rest as it was written', () => {
  const request = inject('s3', { url: new URL('https://b.example.com/?prefix=a+b&x=%c3%a9&empty&y=%2B') })
  expect(request.url.search).toBe('?prefix=a%20b&x=%c3%a9&empty&y=%2B')
  expect(inject('s3', { url: new URL('https://b.example.com/??a=b+c') }).url.search).toBe('??a=b%20c')
})

test('makes a new key for a new day, and a new date for a new second', () => {
  const prepared = prepareInjector({ service: 'sqs', region: 'eu-west-1' }, keys)
  for (const at of [now, now + 999, now + 1000, now + 86_400_000, now]) {
    const request = outgoing()
    const fresh = outgoing()
    prepared(request, at)
    prepareInjector({ service: 'sqs', region: 'eu-west-1' }, keys)(fresh, at)
    expect(request).toEqual(fresh)
  }
})

test('presigns in place of an older signature, with the session token', () => {
  const target = { service: 's3', region: 'eu-west-1' }
  const url = new URL('https://b.example.com/k?X-Amz-Signature=theirs&versionId=1')
  const made = presign('GET', url, target, { ...keys, sessionToken: 'a/b' }, now, 60)
  expect(made.searchParams.getAll('X-Amz-Signature')).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
  expect(made.searchParams.get('X-Amz-Security-Token')).toBe('a/b')
  expect(made.searchParams.get('versionId')).toBe('1')
  expect(url.searchParams.get('X-Amz-Signature')).toBe('theirs')
})

/** SHA-256 and its HMAC, as AWS's own signer asks for them. */
class Sha256 {
  readonly #hash: Hash | Hmac
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) this.#hash = createHash('sha256')
    else this.#hash = createHmac('sha256', typeof secret === 'string' ? secret : bytesOf(secret))
  }
  update(data: Uint8Array): void {
    this.#hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {
    throw new Error('not needed here')
  }
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}

const text = fc.string({ unit: 'binary', maxLength: 10 }).map((value) => value.toWellFormed())
const printable = fc.stringMatching(/^[\x20-\x7e]{0,20}$/)

test('for any request, signs exactly as @smithy/signature-v4 does', async () => {
  const segment = text.filter((value) => !['.', '..'].includes(value)).map(encodeStrictly)
  const anyRequest = fc.record({
    method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'),
    path: fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`),
    query: fc.dictionary(
      // __proto__ is lost in the other signer's own object.
      text.filter((name) => name !== '__proto__' && !name.toLowerCase().startsWith('x-amz-')),
      fc.array(text, { minLength: 1, maxLength: 3 }),
      { maxKeys: 4, noNullPrototype: true },
    ),
    headers: fc.dictionary(
      fc.constantFrom('x-amz-target', 'x-amz-meta-a', 'content-type', 'range', 'accept'),
      printable,
    ),
    body: fc.option(fc.uint8Array({ maxLength: 50 })),
    service: fc.constantFrom('s3', 's3express', 'execute-api', 'sqs'),
    sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9/+=]{1,40}$/), { nil: undefined }),
    at: fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) }),
  })
  await fc.assert(
    fc.asyncProperty(anyRequest, async ({ method, path, query, headers, body, service, sessionToken, at }) => {
      const s3 = service.startsWith('s3')
      const search = Object.entries(query)
        .flatMap(([name, values]) => values.map((value) => `${encodeStrictly(name)}=${encodeStrictly(value)}`))
        .join('&')
      const url = new URL(`https://host.example.com:8443${path}?${search}`)
      const request = outgoing({ method, url, headers: Object.entries(headers).flat(), body })
      prepareInjector({ service, region: 'eu-central-1' }, { ...keys, sessionToken })(request, at)
      const theirs = await new SignatureV4({
        credentials: { ...keys, ...(sessionToken === undefined ? {} : { sessionToken }) },
        region: 'eu-central-1',
        service,
        sha256: Sha256,
        uriEscapePath: !s3,
        applyChecksum: s3,
      }).sign(
        {
          method,
          protocol: 'https:',
          hostname: 'host.example.com',
          path,
          query,
          headers: { ...headers, host: 'host.example.com:8443' },
          body: body ?? undefined,
        },
        { signingDate: new Date(at) },
      )
      expect(header(request, 'authorization')).toBe(theirs.headers['authorization'])
      for (const name of ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256']) {
        expect(header(request, name)).toBe(theirs.headers[name])
      }
    }),
    { numRuns: 300 },
  )
})

function encodeStrictly(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
}

test('S-37 for any keys and any header, lets no line break through', () => {
  const broken = fc.tuple(text, fc.constantFrom('\r\n', '\n', '\r', '\0', ''), text).map((parts) => parts.join(''))
  fc.assert(
    fc.property(broken, broken, broken, printable, (accessKeyId, secretAccessKey, sessionToken, value) => {
      const request = outgoing({ headers: ['x-own', value] })
      try {
        prepareInjector({ service: 's3', region: 'eu-west-1' }, { accessKeyId, secretAccessKey, sessionToken })(
          request,
          now,
        )
      } catch (error) {
        if (!(error instanceof MooringError)) throw error
        return
      }
      expect([...request.headers, request.url.href].filter((each) => /[\r\n\0]/.test(each))).toEqual([])
    }),
  )
})

test('S-37 for any URL, a server that reads what went out comes to the same signature', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), fc.constantFrom('s3', 'sqs'), (href, service) => {
      const { url, headers, ...request } = inject(service, { url: new URL(href), headers: ['X-Own', ' a  b '] })
      const sent = new URL(url.href)
      const authorization = headers.at(-1) ?? ''
      const [, scope = '', names = '', signed] =
        /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(authorization) ?? []
      const read = { ...request, url, headers: [...headers, 'host', sent.host] }
      const canonical = canonicalRequest(
        'GET',
        canonicalPath(sent.pathname, pathRuleOf(service)),
        canonicalQuery(sent.search.slice(1)),
        canonicalHeaders(names.split(';').map((name) => [name, header(read, name) ?? ''])),
        hashOf(new Uint8Array()),
      )
      expect(names).toContain('x-own')
      expect(sent.search).not.toContain('+')
      const key = signingKey(keys.secretAccessKey, scope)
      expect(signature(key, stringToSign(timeOf(now), scope, canonical))).toBe(signed)
    }),
  )
})
