import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { verifySigV4 } from './sigv4.ts'
import type { SigV4Result } from './sigv4.ts'

/** From the AWS Signature Version 4 test suite (aws-c-auth, Apache-2.0) and the Amazon S3 API reference. */
const suiteKey = { secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const suiteToken = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267'
const s3Key = { secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

interface Vector {
  name: string
  method: string
  target: string
  headers: [string, string][]
  body?: string
  signedHeaders: string
  signature: string
  sessionToken?: string
}

const verifySuite = ({ method, target, headers, body = '', sessionToken, ...vector }: Vector): SigV4Result => {
  const scope = '20150830/us-east-1/service/aws4_request'
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${vector.signedHeaders}, Signature=${vector.signature}`
  const all: [string, string][] = [
    ['Host', 'example.amazonaws.com'],
    ...headers,
    ['X-Amz-Date', '20150830T123600Z'],
    ...(sessionToken ? [['X-Amz-Security-Token', sessionToken] satisfies [string, string]] : []),
    ['Authorization', authorization],
  ]
  const key = sessionToken ? { ...suiteKey, sessionToken } : suiteKey
  const request = { method, target, headers: all, bodySha256: sha256(body) }
  return verifySigV4(request, () => key, new Date('2015-08-30T12:36:10Z'))
}

const formBody = 'Param1=value1'

const vectors: Vector[] = [
  {
    name: 'get-vanilla',
    method: 'GET',
    target: '/',
    headers: [],
    signedHeaders: 'host;x-amz-date',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'get-vanilla-query-order-encoded',
    method: 'GET',
    target: '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
    headers: [],
    signedHeaders: 'host;x-amz-date',
    signature: '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
  },
  {
    name: 'get-header-value-trim',
    method: 'GET',
    target: '/',
    headers: [
      ['My-Header1', ' value1'],
      ['My-Header2', ' "a   b   c"'],
    ],
    signedHeaders: 'host;my-header1;my-header2;x-amz-date',
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  {
    name: 'get-header-key-duplicate',
    method: 'GET',
    target: '/',
    headers: [
      ['My-Header1', 'value2'],
      ['My-Header1', 'value2'],
      ['My-Header1', 'value1'],
    ],
    signedHeaders: 'host;my-header1;x-amz-date',
    signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  },
  {
    name: 'get-slashes-normalized',
    method: 'GET',
    target: '//example//',
    headers: [],
    signedHeaders: 'host;x-amz-date',
    signature: '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
  },
  {
    name: 'get-vanilla-with-session-token',
    method: 'GET',
    target: '/',
    headers: [],
    signedHeaders: 'host;x-amz-date;x-amz-security-token',
    signature: '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
    sessionToken: suiteToken,
  },
  {
    name: 'post-x-www-form-urlencoded-parameters',
    method: 'POST',
    target: '/',
    headers: [
      ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'],
      ['Content-Length', '13'],
      ['X-Amz-Content-Sha256', sha256(formBody)],
    ],
    body: formBody,
    signedHeaders: 'content-length;content-type;host;x-amz-content-sha256;x-amz-date',
    signature: '328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422',
  },
]

describe('the AWS Signature Version 4 check', () => {
  for (const vector of vectors) {
    test(`accepts ${vector.name} of the test suite and nothing else`, () => {
      expect(verifySuite(vector)).toMatchObject({ ok: true, service: 'service', region: 'us-east-1' })
      const signature = vector.signature.replace(/^./, (first) => (first === '0' ? '1' : '0'))
      expect(verifySuite({ ...vector, signature })).toMatchObject({ ok: false, error: 'SignatureDoesNotMatch' })
      expect(verifySuite({ ...vector, method: 'PATCH' })).toMatchObject({ ok: false, error: 'SignatureDoesNotMatch' })
    })
  }

  const putObject = (body: string, declared = sha256('Welcome to Amazon S3.')): SigV4Result =>
    verifySigV4(
      {
        method: 'PUT',
        target: '/test%24file.text',
        headers: [
          ['Host', 'examplebucket.s3.amazonaws.com'],
          ['Date', 'Fri, 24 May 2013 00:00:00 GMT'],
          ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
          ['x-amz-date', '20130524T000000Z'],
          ['x-amz-content-sha256', declared],
          [
            'Authorization',
            'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
          ],
        ],
        bodySha256: sha256(body),
      },
      () => s3Key,
      new Date('2013-05-24T00:00:00Z'),
    )

  test('encodes an S3 path once and compares the payload hash with the body that arrived', () => {
    expect(putObject('Welcome to Amazon S3.')).toMatchObject({ ok: true, service: 's3' })
    expect(putObject('Welcome elsewhere')).toMatchObject({ ok: false, error: 'XAmzContentSHA256Mismatch' })
    expect(putObject('x', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD')).toMatchObject({ ok: false, error: 'NotImplemented' })
  })

  const presigned = (now: string): SigV4Result =>
    verifySigV4(
      {
        method: 'GET',
        target:
          '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
        headers: [['host', 'examplebucket.s3.amazonaws.com']],
        bodySha256: sha256(''),
      },
      () => s3Key,
      new Date(now),
    )

  test('accepts a presigned URL until it expires', () => {
    expect(presigned('2013-05-24T23:59:00Z')).toMatchObject({ ok: true, location: 'query' })
    expect(presigned('2013-05-25T00:00:01Z')).toMatchObject({
      ok: false,
      description: 'The presigned URL has expired.',
    })
    expect(presigned('2013-05-23T23:00:00Z')).toMatchObject({ ok: false, error: 'RequestTimeTooSkewed' })
  })

  /** Signs `GET <canonicalPath>` for a host, as an independent client would. */
  const signPath = (service: string, canonicalPath: string, payload: string): [string, string][] => {
    const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
    const date = '20150830T123600Z'
    const signed = 'host;x-amz-content-sha256;x-amz-date'
    const canonical = `GET\n${canonicalPath}\n\nhost:h\nx-amz-content-sha256:${payload}\nx-amz-date:${date}\n\n${signed}\n${payload}`
    const scope = `20150830/eu-west-1/${service}/aws4_request`
    const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`
    const day = hmac(`AWS4${suiteKey.secretAccessKey}`, '20150830')
    const key = hmac(hmac(hmac(day, 'eu-west-1'), service), 'aws4_request')
    return [
      ['Host', 'h'],
      ['X-Amz-Date', date],
      ['X-Amz-Content-Sha256', payload],
      [
        'Authorization',
        `AWS4-HMAC-SHA256 Credential=K/${scope}, SignedHeaders=${signed}, Signature=${hmac(key, text).toString('hex')}`,
      ],
    ]
  }
  const verifyPath = (headers: [string, string][]) =>
    verifySigV4(
      { method: 'GET', target: '/a%20b/c', headers, bodySha256: sha256('') },
      () => suiteKey,
      new Date('2015-08-30T12:36:00Z'),
    )

  test('encodes the path as sent a second time, except for S3', () => {
    expect(verifyPath(signPath('execute-api', '/a%2520b/c', sha256(''))).ok).toBe(true)
    expect(verifyPath(signPath('execute-api', '/a%20b/c', sha256(''))).ok).toBe(false)
    expect(verifyPath(signPath('s3', '/a%20b/c', 'UNSIGNED-PAYLOAD')).ok).toBe(true)
    expect(verifyPath(signPath('s3', '/a%2520b/c', 'UNSIGNED-PAYLOAD')).ok).toBe(false)
  })

  test('says what is wrong before it compares signatures', () => {
    const base = { method: 'GET', target: '/', bodySha256: sha256('') }
    const headers = signPath('execute-api', '/', sha256(''))
    const now = new Date('2015-08-30T12:36:00Z')
    const errorOf = (result: SigV4Result) => (result.ok ? 'none' : result.error)
    expect(errorOf(verifySigV4({ ...base, headers: [['Host', 'h']] }, () => suiteKey, now))).toBe(
      'MissingAuthenticationToken',
    )
    expect(errorOf(verifySigV4({ ...base, headers }, () => undefined, now))).toBe('UnrecognizedClientException')
    expect(errorOf(verifySigV4({ ...base, headers }, () => suiteKey, new Date('2015-08-30T13:36:00Z')))).toBe(
      'RequestTimeTooSkewed',
    )
    expect(errorOf(verifySigV4({ ...base, headers }, () => ({ ...suiteKey, sessionToken: 't' }), now))).toBe(
      'InvalidClientTokenId',
    )
    const unsigned = [...headers, ['X-Amz-Target', 'x'] satisfies [string, string]]
    expect(errorOf(verifySigV4({ ...base, headers: unsigned }, () => suiteKey, now))).toBe('SignatureDoesNotMatch')
    expect(errorOf(verifySigV4({ ...base, headers }, () => suiteKey, now))).toBe('none')
  })

  test('never repeats the session token in what it says', () => {
    const vector = vectors.find(({ sessionToken }) => sessionToken)
    if (!vector) throw new Error('there is no vector with a session token')
    const result = verifySuite({ ...vector, target: '/other' })
    expect(result).toMatchObject({ ok: false })
    expect(JSON.stringify(result)).not.toContain(suiteToken)
    expect(JSON.stringify(result)).toContain('x-amz-security-token:[checked]')
  })
})
