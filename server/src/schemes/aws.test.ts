import { describe, expect, test } from 'vitest'
import { aws } from './aws.ts'
import { header } from './request.ts'
import { outlook, schemeSuite } from './scheme_suite.ts'

const definition = { service: 's3', region: 'us-east-1' }
const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const now = Date.UTC(2013, 4, 24)

const planted = {
  accessKeyId: 'PLANTEDACCESSKEYID',
  secretAccessKey: 'planted/secret/access/key',
  sessionToken: 'planted/session/token==',
}

schemeSuite({
  scheme: aws,
  required: ['service', 'region'],
  samples: [
    { name: 's3', definition, credentialValues: planted },
    {
      name: 'a service with a body',
      definition: { service: 'sqs', region: 'eu-west-2' },
      credentialValues: planted,
      request: { method: 'POST', headers: ['content-type', 'application/json'], body: Buffer.from('{"a":1}') },
    },
    {
      name: 'an assumed role, for a store with regions of its own',
      definition: { service: 's3', signingRegion: 'auto', roleArn: 'arn:aws:iam::123456789012:role/reader' },
      credentialValues: planted,
      completed: {
        ...planted,
        role: { accessKeyId: 'ASIAROLE', secretAccessKey: 'role/secret/key', sessionToken: 'role/session/token' },
      },
    },
  ],
})

test('a store with regions of its own is signed for under the name that it has for one', () => {
  const request = { method: 'GET', url: new URL('https://s3.example.com/'), headers: [], body: null }
  const read = aws.read({ ...definition, signingRegion: 'auto' }, keys, now)
  if ('errors' in read) throw new Error('The keys are right.')
  aws.apply({ ...definition, signingRegion: 'auto' }, read.grant.credential).inject(request, now)
  expect(header(request, 'authorization')).toContain('/20130524/auto/s3/aws4_request,')
  expect(aws.describe({ ...definition, signingRegion: 'auto' }, outlook)[0]?.lines.join()).toContain('/auto/s3/')
})

describe('fields', () => {
  test('R-201, R-202 take the exact names of AWS alone', () => {
    for (const region of ['us-east-1', 'eu-west-2', 'us-gov-west-1', 'aws-global']) {
      expect(aws.fields.safeParse({ service: 'execute-api', region }).success).toBe(true)
    }
    const broken = aws.fields.safeParse({ service: 'Amazon S3', region: 'Ireland' })
    expect(broken.error?.issues.map(({ path }) => path.join('.')).toSorted()).toEqual(['region', 'service'])
  })

  test('hold no secret: R-203 asks for the keys at connection time', () => {
    expect(aws.secretFields).toEqual([])
    expect(aws.prompt(definition)).toMatchObject([
      { key: 'accessKeyId', label: 'Access Key ID', secret: false, required: true },
      { key: 'secretAccessKey', label: 'Secret Access Key', secret: true, required: true },
      { key: 'sessionToken', label: 'Session Token', secret: true, required: false },
    ])
  })
})

describe('R-203 reading keys', () => {
  test('takes both, and a session token where there is one', () => {
    expect(aws.read(definition, keys, now)).toEqual({
      grant: { credential: keys, expiresAt: null, grantedScopes: null, account: null, notes: [] },
    })
    expect(aws.read(definition, { ...keys, sessionToken: 'token/==' }, now)).toMatchObject({
      grant: { credential: { ...keys, sessionToken: 'token/==' }, notes: [expect.stringContaining('temporary')] },
    })
  })

  test('notes a temporary key without its session token', () => {
    expect(aws.read(definition, { ...keys, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' }, now)).toMatchObject({
      grant: { notes: [expect.stringContaining('no session token')] },
    })
  })

  test('names what is missing and what nobody asked for', () => {
    expect(aws.read(definition, { accessKeyId: 'AKIA', secretKey: 'x' }, now)).toMatchObject({
      errors: [
        { path: 'secretAccessKey', code: 'required' },
        { path: 'secretKey', code: 'unknown_field' },
      ],
    })
  })
})

test('R-200 signs as the S3 documentation does, and says where', () => {
  const applied = aws.apply(definition, keys)
  expect(applied).toMatchObject({
    headers: ['authorization', 'x-amz-date', 'x-amz-content-sha256'],
    parameters: [],
    bodyUse: 'bytes',
  })
  const request = {
    method: 'GET',
    url: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
    headers: ['Range', 'bytes=0-9'],
    body: null,
  }
  applied.inject(request, now)
  expect(header(request, 'authorization')).toContain('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41')
  for (const name of applied.headers) expect(header(request, name)).toBeTruthy()
})

test('names the header of the session token where there is one, and no payload hash for other services', () => {
  expect(aws.apply({ ...definition, service: 'sqs' }, { ...keys, sessionToken: 't' }).headers).toEqual([
    'authorization',
    'x-amz-date',
    'x-amz-security-token',
  ])
})

test('describes what goes out, also of an empty draft', () => {
  expect(JSON.stringify(aws.describe({}, outlook))).toContain(
    'Credential=••••••/yyyymmdd/<AWS Region>/<AWS Service Name>/aws4_request',
  )
  expect(JSON.stringify(aws.describe({ service: 'iam', region: 'aws-global' }, outlook))).toContain('/us-east-1/iam/')
})

describe('why AWS refused', () => {
  const at = Date.parse('2026-05-01T12:00:00Z')
  const headers = new Headers({ date: 'Fri, 01 May 2026 11:42:00 GMT' })

  test.each([
    ['<Error><Code>SignatureDoesNotMatch</Code></Error>', 'AWS did not accept the signature', 'Secret Access Key'],
    ['{"__type":"InvalidSignatureException"}', 'AWS did not accept the signature', 'Secret Access Key'],
    ['<Code>RequestTimeTooSkewed</Code>', 'AWS did not accept the signature', '18 min off'],
    ['{"message":"Signature expired: 20260501T114200Z"}', 'AWS did not accept the signature', '18 min off'],
    ['{"Error":{"Code":"InvalidClientTokenId"}}', 'AWS does not know this Access Key ID', 'deleted'],
    ['<Code>ExpiredToken</Code>', 'The Session Token has expired', 'new ones'],
  ])('%s is told with what mends it', (text, title, hint) => {
    expect(aws.explain({ headers, text }, at)).toEqual({ title, hint: expect.stringContaining(hint) })
  })

  test('is left to the status where the answer says nothing, and the clock where it names no time', () => {
    expect(aws.explain({ headers, text: '<Code>AccessDenied</Code>' }, at)).toBeUndefined()
    expect(aws.explain({ headers: new Headers(), text: 'RequestTimeTooSkewed' }, at)?.hint).toContain('clock is off')
  })
})
