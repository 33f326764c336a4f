import { describe, expect, test } from 'vitest'
import { MooringError } from '../../errors.ts'
import { aws } from '../aws.ts'
import { answering } from '../exchange.fixture.ts'
import { outlook } from '../scheme_suite.ts'
import { stsUrlOf } from './role.ts'

const now = Date.UTC(2026, 0, 31, 12)
const scopes = { scopes: [], scopeDelimiter: 'space' as const }
const keys = { accessKeyId: 'AKIALONGLIVED', secretAccessKey: 'long/lived/secret' }
const roleArn = 'arn:aws:iam::123456789012:role/reader'
const definition = { service: 's3', region: 'eu-west-1', roleArn }

/** As the STS API reference shows it. */
const xml = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <SourceIdentity>Alice</SourceIdentity>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/reader/mooring</Arn>
      <AssumedRoleId>ARO123EXAMPLE123:mooring</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIATEMPORARY</AccessKeyId>
      <SecretAccessKey>temporary/&amp;secret&#x2F;</SecretAccessKey>
      <SessionToken>
       temporary/session/token==
      </SessionToken>
      <Expiration>2026-01-31T13:00:00Z</Expiration>
    </Credentials>
  </AssumeRoleResult>
</AssumeRoleResponse>`
const temporary = {
  accessKeyId: 'ASIATEMPORARY',
  secretAccessKey: 'temporary/&secret/',
  sessionToken: 'temporary/session/token==',
}
const assumed = (): Response => new Response(xml)

describe('assuming a role', () => {
  test('asks STS of the region with the long-lived keys, and keeps both pairs', async () => {
    const { exchange, sent } = answering(now, assumed)
    const more = {
      externalId: 'ext-1',
      sessionName: 'nightly',
      durationSeconds: 900,
      policy: '{"Version":"2012-10-17"}',
    }
    const grant = await aws.complete({ ...definition, ...more }, keys, scopes, exchange)
    expect(sent).toMatchObject([{ method: 'POST', url: 'https://sts.eu-west-1.amazonaws.com/' }])
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body ?? ''))).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: roleArn,
      RoleSessionName: 'nightly',
      DurationSeconds: '900',
      ExternalId: 'ext-1',
      Policy: '{"Version":"2012-10-17"}',
    })
    expect(sent[0]?.headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIALONGLIVED\/20260131\/eu-west-1\/sts\/aws4_request, SignedHeaders=content-type;host;x-amz-date, /,
    )
    expect(grant).toEqual({
      credential: { ...keys, role: temporary },
      expiresAt: Date.UTC(2026, 0, 31, 13),
      grantedScopes: null,
      account: 'arn:aws:sts::123456789012:assumed-role/reader/mooring',
      notes: [],
    })
  })

  test('signs calls with the temporary keys alone, and is renewed with the long-lived ones', async () => {
    const held = { ...keys, role: { ...temporary, accessKeyId: 'ASIAOLD' } }
    const request = { method: 'GET', url: new URL('https://b.s3.eu-west-1.amazonaws.com/k'), headers: [], body: null }
    aws.apply(definition, held).inject(request, now)
    expect(request.headers.join(' ')).toMatch(/x-amz-security-token temporary\/session\/token== .*Credential=ASIAOLD\//)
    expect(aws.refreshable(definition, held)).toBe(true)
    const { exchange, sent } = answering(now, assumed)
    const renewed = await aws.refresh(definition, held, scopes, exchange)
    expect(renewed.credential).toEqual({ ...keys, role: temporary })
    expect(sent[0]?.headers['authorization']).toContain('Credential=AKIALONGLIVED/')
  })

  test('takes the JSON that some endpoints answer with', async () => {
    const body = {
      AssumeRoleResponse: {
        AssumeRoleResult: {
          Credentials: { AccessKeyId: 'A', SecretAccessKey: 'S', SessionToken: 'T', Expiration: 1.7698644e9 },
        },
      },
    }
    const { exchange } = answering(now, () => Response.json(body))
    const grant = await aws.complete(definition, keys, scopes, exchange)
    expect(grant).toMatchObject({ expiresAt: 1_769_864_400_000, credential: { role: { sessionToken: 'T' } } })
  })

  test('is not done where the service names none', async () => {
    const { exchange, sent } = answering(now, assumed)
    expect(await aws.complete({ service: 's3', region: 'eu-west-1' }, keys, scopes, exchange)).toBeNull()
    expect([sent, aws.refreshable({ service: 's3', region: 'eu-west-1' }, keys)]).toEqual([[], false])
    const request = { method: 'GET', url: new URL('https://s3.amazonaws.com/'), headers: [], body: null }
    expect(() => aws.apply(definition, keys).inject(request, now)).toThrow(MooringError)
  })
})

describe('a refusal of STS', () => {
  const error = (code: string, message: string): string =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`

  test.each([
    [
      403,
      error('AccessDenied', 'User: AKIALONGLIVED is not authorized'),
      'credentials_rejected',
      'configuration',
      'trust policy',
    ],
    [403, error('InvalidClientTokenId', 'x'), 'credentials_rejected', 'permanent', 'Access Key ID'],
    [403, error('SignatureDoesNotMatch', 'x'), 'credentials_rejected', 'permanent', 'Secret Access Key'],
    [
      400,
      error('MalformedPolicyDocument', 'bad &quot;policy&quot;'),
      'provider_error',
      'configuration',
      'Session Policy',
    ],
    [400, error('ValidationError', 'DurationSeconds exceeds'), 'provider_error', 'configuration', 'Duration'],
    [400, error('Throttling', 'Rate exceeded'), 'provider_error', 'transient', undefined],
    [503, 'down', 'provider_error', 'transient', undefined],
    [404, '<html>', 'provider_error', 'configuration', undefined],
    [200, '<html>', 'provider_error', 'configuration', 'STS URL'],
    [
      403,
      JSON.stringify({ Error: { Code: 'AccessDenied', Message: 'no' } }),
      'credentials_rejected',
      'configuration',
      'trust',
    ],
  ])('%s %s', async (status, text, code, kind, hint) => {
    const { exchange } = answering(now, () => new Response(text, { status }))
    const thrown: unknown = await aws.complete(definition, keys, scopes, exchange).catch((caught: unknown) => caught)
    if (!(thrown instanceof MooringError)) throw new Error('it was not refused')
    expect([thrown.code, thrown.provider?.kind]).toEqual([code, kind])
    if (hint === undefined) expect(thrown.hint).toBeUndefined()
    else expect(thrown.hint).toContain(hint)
    expect(thrown.message).not.toContain('AKIALONGLIVED')
  })
})

test('STS is asked in the region, with a name of its own in China and for services without regions', () => {
  expect(['us-east-1', 'cn-north-1', 'aws-global'].map(stsUrlOf)).toEqual([
    'https://sts.us-east-1.amazonaws.com/',
    'https://sts.cn-north-1.amazonaws.com.cn/',
    'https://sts.amazonaws.com/',
  ])
})

test('a region in the words of another provider is a field of its own; R-202 stands', () => {
  expect(aws.fields.safeParse({ service: 's3', region: 'auto' }).success).toBe(false)
  expect(aws.check({ service: 's3', signingRegion: 'fr-par' }, 'ready')).toEqual([])
  const request = { method: 'GET', url: new URL('https://s3.fr-par.scw.cloud/b'), headers: [], body: null }
  aws.apply({ service: 's3', region: 'us-east-1', signingRegion: 'fr-par' }, keys).inject(request, now)
  expect(request.headers.join(' ')).toContain('/20260131/fr-par/s3/aws4_request')
})

test('a role is refused where AWS would not take it', () => {
  const wrong = {
    roleArn: 'reader',
    externalId: 'x',
    sessionName: 'a b',
    durationSeconds: 60,
    policy: 'allow',
    stsUrl: 'sts',
  }
  const parsed = aws.fields.safeParse({ service: 's3', region: 'us-east-1', ...wrong })
  expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual(Object.keys(wrong))
  expect(aws.fields.safeParse({ ...definition, roleArn: 'arn:aws:iam::{accountId}:role/r' }).success).toBe(true)
})

test('the preview shows the request for the role', () => {
  const [role] = aws.describe({ ...definition, externalId: 'e1' }, outlook)
  expect(role?.lines.join('\n')).toMatch(/^POST https:\/\/sts\.eu-west-1\.amazonaws\.com\/\n.*sts\/aws4_request.*\n/)
  expect(role?.lines.at(-1)).toContain(`RoleArn=${roleArn}&RoleSessionName=mooring&ExternalId=e1`)
})
