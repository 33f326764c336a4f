import { generateKeyPairSync } from 'node:crypto'
import { fieldErrors } from '@mooring/contract'
import { describe, expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import { percentEncode, readParameters, sign, signatureBaseString, signingKey } from './oauth1/signature.ts'
import { oauth1 } from './oauth1.ts'
import { header } from './request.ts'
import type { Exchange } from './scheme.ts'
import { outlook, schemeSuite } from './scheme_suite.ts'

const definition = {
  consumerKey: 'consumer-key!',
  consumerSecret: 'consumer-secret',
  requestTokenUrl: 'https://provider.example/oauth/request_token',
  authorizationUrl: 'https://provider.example/oauth/authorize?lang=de%20AT',
  tokenUrl: 'https://provider.example/oauth/access_token',
}
const callbackUrl = 'https://mooring.example/callback/abc'
const begun = { scopes: [], scopeDelimiter: 'space' as const, callbackUrl }
const now = 1_318_622_958_000
const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' })

const planted = { token: 'planted-token', tokenSecret: 'planted-token-secret' }
const form = {
  method: 'POST',
  headers: ['content-type', 'application/x-www-form-urlencoded'],
  body: Buffer.from('a=b'),
}

const keysAlone = { flow: 'one_legged', consumerKey: 'consumer-key!', consumerSecret: 'consumer-secret' }

schemeSuite({
  scheme: oauth1,
  required: ['consumerKey', 'consumerSecret', 'requestTokenUrl', 'authorizationUrl', 'tokenUrl'],
  samples: [
    { name: 'header', definition: { ...definition, realm: 'Photos' }, credentialValues: planted },
    { name: 'header, with a form', definition, credentialValues: planted, request: form },
    { name: 'query', definition: { ...definition, parameterLocation: 'query' }, credentialValues: planted },
    {
      name: 'form',
      definition: { ...definition, parameterLocation: 'form' },
      credentialValues: planted,
      request: form,
    },
    { name: 'PLAINTEXT', definition: { ...definition, signatureMethod: 'PLAINTEXT' }, credentialValues: planted },
    {
      name: 'RSA-SHA256, with the hash of the body',
      definition: { ...definition, signatureMethod: 'RSA-SHA256', consumerSecret: pem, bodyHash: true },
      credentialValues: planted,
    },
    { name: 'keys alone, with a token', definition: { ...keysAlone, realm: 'Parts' }, credentialValues: planted },
  ],
})

interface Sent {
  url: URL
  method: string
  headers: Record<string, string>
  body: string | null
}

/** A provider that gives these answers in turn and keeps what it was sent. */
function provider(...answers: (string | Response)[]): Exchange & { sent: Sent[] } {
  const sent: Sent[] = []
  return {
    sent,
    async fetch(url, init) {
      sent.push({ url, ...init })
      const answer = answers.shift() ?? ''
      return typeof answer === 'string' ? new Response(answer) : answer
    },
    now: () => now,
    random: (bytes) => 'n'.repeat(bytes),
  }
}

/** The protocol parameters of a request, after the provider has checked the signature over what came in. */
function checked({ url, method, headers, body }: Sent, tokenSecret: string): Record<string, string> {
  const quoted = [...(headers['authorization'] ?? '').matchAll(/(oauth_\w+)="([^"]*)"/g)]
  const parameters = [
    ...readParameters(url.search.slice(1)),
    ...readParameters(body ?? ''),
    ...quoted.map(([, name = '', value = '']) => [name, percentEncode(decodeURIComponent(value))] as const),
  ]
  const signature = parameters.find(([name]) => name === 'oauth_signature')?.[1] ?? ''
  const unsigned = parameters.filter(([name]) => name !== 'oauth_signature')
  const key = signingKey('HMAC-SHA1', definition.consumerSecret, tokenSecret)
  expect(decodeURIComponent(signature)).toBe(sign('HMAC-SHA1', key, signatureBaseString(method, url, unsigned)))
  return Object.fromEntries(unsigned.map(([name, value]) => [name, decodeURIComponent(value)]))
}

async function failureOf(promise: Promise<unknown>): Promise<MooringError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof MooringError)) throw new Error('It did not fail as expected.', { cause: error })
  return error
}

const temporary = 'oauth_token=request%2Btoken&oauth_token_secret=request-secret&oauth_callback_confirmed=true'
const kept = { token: 'request+token', tokenSecret: 'request-secret', callbackConfirmed: 'true' }
const callback = (query: string): URLSearchParams => new URLSearchParams(query)
const granted = callback('oauth_token=request%2Btoken&oauth_verifier=verified')

describe('getting a request token', () => {
  test.each(['header', 'query', 'form'])(
    'R-117 sends the callback URL, signed, in the %s',
    async (parameterLocation) => {
      const exchange = provider(temporary)
      const begin = await oauth1.begin(
        { ...definition, parameterLocation, requestTokenParams: { scope: 'read write' } },
        begun,
        exchange,
      )
      const [sent] = exchange.sent
      if (sent === undefined) throw new Error('Nothing was sent.')
      expect(sent).toMatchObject({
        method: 'POST',
        url: { host: 'provider.example', pathname: '/oauth/request_token' },
      })
      expect(checked(sent, '')).toEqual({
        oauth_consumer_key: 'consumer-key!',
        oauth_signature_method: 'HMAC-SHA1',
        oauth_callback: callbackUrl,
        oauth_timestamp: '1318622958',
        oauth_nonce: 'n'.repeat(16),
        oauth_version: '1.0',
        scope: 'read write',
      })
      expect(begin).toEqual({
        authorizationUrl: 'https://provider.example/oauth/authorize?lang=de%20AT&oauth_token=request%2Btoken',
        correlation: 'request+token',
        kept,
      })
    },
  )

  test('R-116 adds the authorization parameters to the authorization URL', async () => {
    const withParameters = { ...definition, authorizationParams: { scope: 'read,write', lang: 'en' } }
    const { authorizationUrl } = await oauth1.begin(withParameters, begun, provider(temporary))
    expect(authorizationUrl).toBe(
      'https://provider.example/oauth/authorize?scope=read%2Cwrite&lang=en&oauth_token=request%2Btoken',
    )
  })

  test('reads an answer in JSON', async () => {
    const answer = '{"oauth_token":"t","oauth_token_secret":"s","oauth_callback_confirmed":true,"x":{}}'
    const begin = await oauth1.begin(definition, begun, provider(answer))
    expect(begin.kept).toEqual({ token: 't', tokenSecret: 's', callbackConfirmed: 'true' })
  })

  test('tells an answer without a token', async () => {
    for (const answer of ['<html>Hello</html>', '', '{broken', '[]', 'oauth_token=']) {
      const error = await failureOf(oauth1.begin(definition, begun, provider(answer)))
      expect(error).toMatchObject({
        code: 'provider_error',
        hint: 'Is the Request Token URL right?',
        provider: { kind: 'configuration', error: 'no_request_token', status: 200 },
      })
    }
  })
})

describe('finding the attempt', () => {
  test('goes by the request token, also where access was denied', () => {
    expect(oauth1.correlate(granted)).toBe('request+token')
    expect(oauth1.correlate(callback('denied=request%2Btoken'))).toBe('request+token')
    expect(oauth1.correlate(callback('state=x'))).toBeNull()
  })
})

describe('exchanging the request token', () => {
  const finish = (exchange: Exchange, parameters = granted, had: Record<string, string> = kept): Promise<unknown> =>
    oauth1.finish(definition, { ...begun, parameters, kept: had }, exchange)

  test('R-118 signs with both secrets and takes the token, which does not expire', async () => {
    const exchange = provider('oauth_token=access&oauth_token_secret=access%26secret&user_id=7&screen_name=ana')
    expect(await finish(exchange)).toEqual({
      credential: { token: 'access', tokenSecret: 'access&secret' },
      expiresAt: null,
      grantedScopes: null,
      account: 'ana',
      notes: [],
    })
    const [sent] = exchange.sent
    if (sent === undefined) throw new Error('Nothing was sent.')
    expect(checked(sent, 'request-secret')).toMatchObject({
      oauth_token: 'request+token',
      oauth_verifier: 'verified',
    })
  })

  test('keeps a session handle, and believes a lifetime where the provider names one', async () => {
    const answer = 'oauth_token=a&oauth_token_secret=&oauth_session_handle=h&oauth_expires_in=3600&user_id=7'
    expect(await finish(provider(answer))).toMatchObject({
      credential: { token: 'a', tokenSecret: '', sessionHandle: 'h' },
      expiresAt: now + 3_600_000,
      account: '7',
      notes: ['The provider gave a session handle; it was kept.'],
    })
    for (const lifetime of ['0', 'never', '999999999', '-1']) {
      const endless = await finish(provider(`oauth_token=a&oauth_expires_in=${lifetime}`))
      expect(endless).toMatchObject({ expiresAt: null, account: null })
    }
  })

  test('notes that the callback was not confirmed', async () => {
    const before = { ...kept, callbackConfirmed: 'false' }
    expect(await finish(provider('oauth_token=a'), granted, before)).toMatchObject({
      notes: ['The provider did not confirm the callback URL.'],
    })
  })

  test.each([
    ['denied=request%2Btoken', true],
    ['oauth_token=request%2Btoken', true],
    ['oauth_token=request%2Btoken&oauth_verifier=', true],
    ['oauth_token=request%2Btoken&oauth_verifier=v&denied=request%2Btoken', true],
    ['oauth_token=another&oauth_verifier=v', true],
    ['oauth_token=request%2Btoken', false],
  ])('%s is no grant, and asks for nothing (callback confirmed: %s)', async (query, confirmed) => {
    const exchange = provider()
    const error = await failureOf(finish(exchange, callback(query), { ...kept, callbackConfirmed: String(confirmed) }))
    expect(error).toMatchObject({
      code: 'provider_error',
      message: 'Access was not granted at provider.example.',
      provider: { kind: 'denied', error: 'access_denied' },
    })
    expect(error.hint?.includes('1.0a')).toBe(!confirmed)
    expect(exchange.sent).toEqual([])
  })
})

describe('refusals', () => {
  const refusedWith = (body: string, init: ResponseInit): Promise<MooringError> =>
    failureOf(oauth1.finish(definition, { ...begun, parameters: granted, kept }, provider(new Response(body, init))))

  test.each([
    ['oauth_problem=consumer_key_unknown', 401, 'provider_error', 'configuration', 'consumer_key_unknown'],
    ['oauth_problem=token_rejected', 401, 'provider_error', 'permanent', 'token_rejected'],
    ['oauth_problem=user_refused', 200, 'provider_error', 'denied', 'user_refused'],
    ['oauth_problem=nonce_used', 400, 'provider_error', 'transient', 'nonce_used'],
    ['Invalid signature', 401, 'provider_error', 'configuration', 'unauthorized'],
    ['Not here', 404, 'provider_error', 'configuration', 'http_error'],
    ['', 302, 'provider_error', 'configuration', 'redirect'],
    ['Sorry', 503, 'provider_error', 'transient', 'server_error'],
    ['Slow down', 429, 'provider_rate_limited', 'transient', 'rate_limited'],
  ])('%s with status %i is %s, %s, %s', async (body, status, code, kind, error) => {
    const failure = await refusedWith(body, { status, headers: { 'retry-after': '120' } })
    expect(failure).toMatchObject({ code, provider: { kind, error, status } })
    expect(failure.retryAfterSeconds).toBe(kind === 'transient' ? 120 : undefined)
    expect(failure.hint).toMatch(/\.$/)
  })

  test('reads the problem from WWW-Authenticate, and no word that is not fit to be shown', async () => {
    const headers = { 'www-authenticate': 'OAuth realm="x", oauth_problem="timestamp_refused"' }
    expect(await refusedWith('', { status: 401, headers })).toMatchObject({ provider: { error: 'timestamp_refused' } })
    expect(await refusedWith('oauth_problem=%3Cb%3E', { status: 401 })).toMatchObject({
      provider: { error: 'unauthorized' },
    })
  })

  test('tells by how much the clock is off', async () => {
    const hintAt = async (date: number): Promise<string | undefined> =>
      (await refusedWith('', { status: 401, headers: { date: new Date(date).toUTCString() } })).hint
    expect(await hintAt(now - 20 * 60_000)).toContain("This server's clock is 20 min ahead")
    expect(await hintAt(now + 20 * 60_000)).toContain("This server's clock is 20 min behind")
    expect(await hintAt(now - 2 * 60_000)).toContain('Check the Consumer Key')
  })

  test('S-38 repeats no secret, however the provider writes it', async () => {
    const secrets = [definition.consumerKey, definition.consumerSecret, 'request+token', 'request-secret', 'verified']
    const encoded = secrets.flatMap((each) => [each, percentEncode(each), percentEncode(percentEncode(each))])
    const told = 'POST&https%3A%2F%2Fx&oauth_signature%3Dabc%26oauth_nonce%3Dn "oauth_token_secret": "fresh"'
    const failure = await refusedWith(`Bad signature\n for ${encoded.join(' ')} in ${told}`, { status: 401 })
    const shown = JSON.stringify([failure.message, failure.hint, failure.provider])
    expect([...encoded, 'abc', 'fresh'].filter((secret) => shown.includes(secret))).toEqual([])
    expect(failure.provider?.description).toMatch(/^Bad signature for ••••••/)
    expect((await refusedWith('x'.repeat(5000), { status: 400 })).provider?.description).toHaveLength(300)
  })
})

describe('R-119 revoking', () => {
  const token = { token: 'access', tokenSecret: 'access-secret' }
  const revocable = { ...definition, revokeTokenUrl: 'https://provider.example/oauth/revoke' }

  test('is a signed request, where there is a URL for it', async () => {
    const exchange = provider('')
    expect(await oauth1.revoke(revocable, token, exchange)).toBe('done')
    const [sent] = exchange.sent
    if (sent === undefined) throw new Error('Nothing was sent.')
    expect(sent.url.pathname).toBe('/oauth/revoke')
    expect(checked(sent, 'access-secret')).toMatchObject({ oauth_token: 'access' })
    expect(await oauth1.revoke(definition, token, exchange)).toBe('not_configured')
    expect(exchange.sent).toHaveLength(1)
  })

  test('fails where the provider did not confirm', async () => {
    const failure = await failureOf(oauth1.revoke(revocable, token, provider(new Response('', { status: 500 }))))
    expect(failure).toMatchObject({ code: 'provider_error', provider: { kind: 'transient' } })
  })
})

describe('fields', () => {
  const wrong = (changes: Record<string, unknown>): string[] => {
    const parsed = oauth1.fields.safeParse({ ...definition, ...changes })
    const errors = parsed.success ? oauth1.check(parsed.data, 'ready') : fieldErrors(parsed.error.issues)
    return errors.map(({ path, code }) => `${path} ${code}`)
  }

  test('R-115 the consumer key is as secret as the consumer secret', () => {
    expect(oauth1.secretFields).toEqual(['consumerKey', 'consumerSecret'])
  })

  test('have the defaults that providers use most', () => {
    expect(oauth1.fields.parse(definition)).toEqual({
      ...definition,
      flow: 'three_legged',
      oneLeggedToken: 'asked',
      revokeTokenUrl: null,
      signatureMethod: 'HMAC-SHA1',
      parameterLocation: 'header',
      realm: null,
      bodyHash: false,
      requestTokenParams: {},
      authorizationParams: {},
    })
  })

  test('R-112 … R-114, R-120 tell what is wrong', () => {
    expect(wrong({})).toEqual([])
    expect(wrong({ consumerKey: 'two  spaces' })).toEqual(['consumerKey invalid_format'])
    expect(wrong({ consumerSecret: 'líne' })).toEqual(['consumerSecret invalid_format'])
    expect(wrong({ consumerSecret: 'two\nlines' })).toEqual(['consumerSecret invalid_format'])
    expect(wrong({ tokenUrl: 'https://provider.example/' })).toEqual(['tokenUrl invalid_url'])
    expect(wrong({ signatureMethod: 'MD5' })).toHaveLength(1)
    expect(wrong({ requestTokenParams: { oauth_nonce: 'x' }, authorizationParams: { oauth_token: 'x' } })).toEqual([
      'requestTokenParams.oauth_nonce duplicate',
      'authorizationParams.oauth_token duplicate',
    ])
  })

  test('take a private key of several lines as the secret of the RSA methods, and nothing else', () => {
    expect(wrong({ signatureMethod: 'RSA-SHA1', consumerSecret: pem })).toEqual([])
    expect(wrong({ signatureMethod: 'RSA-SHA1' })).toEqual(['consumerSecret invalid_format'])
    expect(wrong({ consumerSecret: pem })).toEqual(['consumerSecret invalid_format'])
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const other = elliptic.export({ type: 'pkcs8', format: 'pem' })
    expect(wrong({ signatureMethod: 'RSA-SHA256', consumerSecret: other })).toEqual(['consumerSecret invalid_format'])
  })

  test('of a draft are judged as far as they are there', () => {
    expect(oauth1.check({}, 'draft')).toEqual([])
    expect(oauth1.check({ signatureMethod: 'RSA-SHA1' }, 'draft')).toEqual([])
    expect(oauth1.endpoints({})).toEqual({})
    expect(oauth1.endpoints({ ...definition, revokeTokenUrl: null })).toEqual({
      requestTokenUrl: definition.requestTokenUrl,
      authorizationUrl: definition.authorizationUrl,
      tokenUrl: definition.tokenUrl,
    })
  })
})

test('sends people to the provider and asks them for nothing', () => {
  expect(oauth1.flow(definition)).toBe('redirect')
  expect(oauth1.prompt(definition)).toEqual([])
})

test('takes a token from elsewhere, whole', () => {
  const values = { token: 'access', tokenSecret: 'access-secret' }
  expect(oauth1.read(definition, values, now)).toMatchObject({ grant: { credential: values, expiresAt: null } })
  expect(oauth1.read(definition, { token: 'access', extra: 1 }, now)).toMatchObject({
    errors: [
      { path: 'tokenSecret', code: 'required' },
      { path: 'extra', code: 'unknown_field' },
    ],
  })
})

describe('keys alone', () => {
  const none = { ...keysAlone, oneLeggedToken: 'none' }
  const call = (alone: Record<string, unknown>, credential: unknown): Sent => {
    const request = { method: 'GET', url: new URL('https://api.example.com/a?b=c'), headers: [], body: null }
    oauth1.apply(alone, credential).inject(request, now)
    return { ...request, headers: { authorization: header(request, 'authorization') ?? '' } }
  }

  test('need no URL, and send nobody to the provider', () => {
    expect(oauth1.check(keysAlone, 'ready')).toEqual([])
    expect(oauth1.flow(keysAlone)).toBe('prompt')
    expect(oauth1.endpoints({ ...definition, flow: 'one_legged' })).toEqual({})
    expect(oauth1.prompt(keysAlone).map(({ key }) => key)).toEqual(['token', 'tokenSecret'])
    expect(oauth1.prompt(none)).toEqual([])
    expect(oauth1.describe(none, outlook).map(({ title }) => title)).toEqual(['Every request'])
  })

  test('sign with both secrets where there is a token', () => {
    expect(checked(call(keysAlone, planted), planted.tokenSecret)).toMatchObject({ oauth_token: planted.token })
  })

  test('sign with the consumer secret where there is none, and take none', () => {
    const read = oauth1.read(none, {}, now)
    expect(read).toMatchObject({ grant: { credential: { token: '', tokenSecret: '' }, expiresAt: null } })
    expect(oauth1.read(none, planted, now)).toMatchObject({
      errors: [
        { path: 'token', code: 'unknown_field' },
        { path: 'tokenSecret', code: 'unknown_field' },
      ],
    })
    expect(checked(call(none, { token: '', tokenSecret: '' }), '')).not.toHaveProperty('oauth_token')
    const { parameters } = oauth1.apply({ ...none, parameterLocation: 'query' }, { token: '', tokenSecret: '' })
    expect(parameters).toContain('oauth_signature')
    expect(parameters).not.toContain('oauth_token')
  })

  test('are not given back at a URL that was left over', async () => {
    const exchange = provider()
    const left = { ...definition, flow: 'one_legged', revokeTokenUrl: 'https://provider.example/oauth/revoke' }
    expect(await oauth1.revoke(left, planted, exchange)).toBe('not_configured')
    expect(exchange.sent).toEqual([])
  })
})

describe('a prepared token', () => {
  const token = { token: 'access', tokenSecret: 'access-secret' }

  test('signs each request with a nonce of its own', () => {
    const { inject } = oauth1.apply(definition, token)
    const nonces = Array.from({ length: 100 }, () => {
      const request = { method: 'GET', url: new URL('https://api.example.com/a'), headers: [], body: null }
      inject(request, now)
      return /oauth_nonce="([0-9a-f]{32})"/.exec(header(request, 'authorization') ?? '')?.[1]
    })
    expect(nonces).not.toContain(undefined)
    expect(new Set(nonces).size).toBe(100)
  })

  test.each([
    [{}, ['authorization'], 0, 'form'],
    [{ bodyHash: true }, ['authorization'], 0, 'bytes'],
    [{ signatureMethod: 'PLAINTEXT' }, ['authorization'], 0, 'none'],
    [{ parameterLocation: 'query' }, [], 7, 'form'],
    [{ parameterLocation: 'form', signatureMethod: 'PLAINTEXT' }, [], 0, 'form'],
  ])('%o says where it travels', (changes, headers, parameters, bodyUse) => {
    const applied = oauth1.apply({ ...definition, ...changes }, token)
    expect(applied).toMatchObject({ headers, bodyUse })
    expect(applied.parameters).toHaveLength(parameters)
    const request = { method: 'POST', url: new URL('https://api.example.com/a'), headers: [], body: null }
    applied.inject(request, now)
    for (const name of headers) expect(header(request, name)).toBeTruthy()
    for (const name of applied.parameters) expect(request.url.searchParams.get(name)).toBeTruthy()
  })

  test('can hold a private key that is none until it signs', () => {
    expect(() => oauth1.apply({ ...definition, signatureMethod: 'RSA-SHA1' }, token)).not.toThrow()
  })
})

describe('the preview', () => {
  test('shows every request, with dots for secrets', () => {
    const shown = oauth1.describe(
      { ...definition, realm: 'Photos', revokeTokenUrl: 'https://provider.example/r' },
      outlook,
    )
    expect(shown.map(({ title }) => title)).toEqual([
      'Request token',
      'Sign-in page',
      'Token',
      'Every request',
      'Revoke',
    ])
    expect(shown[1]?.lines).toEqual(['GET https://provider.example/oauth/authorize?lang=de%20AT&oauth_token=••••••'])
    expect(shown[0]?.lines[1]).toContain('oauth_callback="https%3A%2F%2Fmooring.example%2Foauth%2Fcallback%2Fx"')
    expect(shown[3]?.lines[2]).toMatch(
      /^Authorization: OAuth realm="Photos", oauth_consumer_key="••••••", oauth_token=/,
    )
    expect(JSON.stringify(shown)).not.toMatch(/consumer-key|consumer-secret/)
  })

  test('follows the parameter location, and needs no field', () => {
    expect(oauth1.describe({ parameterLocation: 'query' }, outlook)[3]?.lines[0]).toMatch(
      /\/me\?oauth_consumer_key=••••••&/,
    )
    expect(oauth1.describe({ parameterLocation: 'form' }, outlook)[3]?.lines[2]).toMatch(/^Content-Type:/)
    expect(oauth1.describe({}, outlook)).toHaveLength(4)
  })
})
