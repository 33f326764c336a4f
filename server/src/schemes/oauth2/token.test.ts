import { describe, expect, test } from 'vitest'
import { MooringError } from '../../errors.ts'
import type { Exchange, Grant } from '../scheme.ts'
import { type Credential, type Definition, fields } from './definition.ts'
import { form, now, provider, type Provider, type Reply } from './provider.fixture.ts'
import { acquireToken, exchangeCode, refreshToken } from './token.ts'

const callbackUrl = 'https://mooring.example/oauth/callback/abc'
/** Planted wherever a secret travels; searched for wherever an error speaks. */
const planted = {
  clientSecret: 'planted client:secret/+&%',
  code: 'planted-code',
  verifier: 'planted-verifier-planted-verifier-planted-verifier',
  refresh: 'planted-refresh',
  access: 'planted-access',
  header: 'planted-header',
  constant: 'planted-constant',
}
const scopes = { scopes: ['a', 'b'], scopeDelimiter: 'space' as const }

type Given = Partial<Record<keyof Definition, unknown>>

function definition(origin: string, given: Given = {}): Definition {
  return fields.parse({
    clientId: 'client id',
    clientSecret: planted.clientSecret,
    authorizationUrl: `${origin}/authorize`,
    tokenUrl: `${origin}/token?v=1`,
    ...given,
  })
}

async function exchanged(
  at: Provider,
  given: Given = {},
  exchange: Exchange = at.exchange,
): Promise<Grant<Credential>> {
  const parameters = new URLSearchParams({ state: 'the-state', code: planted.code })
  const kept = { state: 'the-state', verifier: planted.verifier }
  return exchangeCode(definition(at.origin, given), { ...scopes, callbackUrl, parameters, kept }, exchange)
}

const held: Credential = { accessToken: planted.access, refreshToken: planted.refresh }

async function refreshed(at: Provider, given: Given = {}): Promise<Grant<Credential>> {
  return refreshToken(definition(at.origin, given), held, scopes, at.exchange)
}

async function acquired(at: Provider, given: Given = {}): Promise<Grant<Credential>> {
  return acquireToken(definition(at.origin, { grantType: 'client_credentials', ...given }), scopes, at.exchange)
}

async function failure(promise: Promise<unknown>): Promise<MooringError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof MooringError) return error
  throw new Error('a MooringError was expected', { cause: error })
}

/** Every word that an error says, down its chain of causes. */
function everyWord(error: unknown): string {
  if (!(error instanceof Error)) return error === undefined ? '' : JSON.stringify(error)
  return [error.message, JSON.stringify(error), error.stack, everyWord(error.cause)].join('\n')
}

const token = { access_token: 'at', token_type: 'bearer', expires_in: 3600 }
const html = '<!doctype html><html><body>Not what you want</body></html>'

describe('the code exchange', () => {
  test('sends what RFC 6749 section 4.1.3 asks for and reads what it answers', async () => {
    const at = await provider({ ...token, refresh_token: 'rt', scope: 'a' })
    expect(await exchanged(at)).toEqual({
      credential: { accessToken: 'at', refreshToken: 'rt', tokenType: 'bearer' },
      expiresAt: now + 3_600_000,
      grantedScopes: ['a'],
      account: null,
      notes: [],
    })
    const asked = at.single()
    expect(asked.method).toBe('POST')
    expect(asked.url).toBe('/token?v=1')
    expect(asked.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(asked.headers.accept).toBe('application/json')
    expect(form(asked)).toEqual({
      grant_type: 'authorization_code',
      code: planted.code,
      redirect_uri: callbackUrl,
      code_verifier: planted.verifier,
      client_id: 'client id',
      client_secret: planted.clientSecret,
    })
  })

  test('is written as the service says: JSON, renamed, with constants and headers', async () => {
    const at = await provider(token)
    await exchanged(at, {
      tokenRequestFormat: 'json',
      parameterNames: { clientId: 'client_key', code: 'auth_code', grantType: 'type', redirectUri: 'back' },
      tokenParams: { audience: 'x', scope: 'own scope' },
      tokenHeaders: { 'User-Agent': 'me', Accept: 'application/vnd.api+json' },
    })
    const asked = at.single()
    expect(asked.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'me',
      accept: 'application/vnd.api+json',
    })
    expect(JSON.parse(asked.body)).toEqual({
      type: 'authorization_code',
      auth_code: planted.code,
      back: callbackUrl,
      code_verifier: planted.verifier,
      client_key: 'client id',
      client_secret: planted.clientSecret,
      audience: 'x',
      scope: 'own scope',
    })
  })

  test("a constant named scope is the service's own, not the connection's scopes", async () => {
    const at = await provider(token)
    await exchanged(at, { tokenParams: { scope: 'own scope' } })
    expect(form(at.single())['scope']).toBe('own scope')
  })

  test.each([{ tokenRequestMethod: 'GET' }, { tokenRequestFormat: 'query' }])(
    '%j puts everything in the query',
    async (given) => {
      const at = await provider(token)
      await exchanged(at, given)
      const asked = at.single()
      expect(asked.method).toBe('tokenRequestMethod' in given ? 'GET' : 'POST')
      expect(asked.body).toBe('')
      expect(asked.headers['content-type']).toBeUndefined()
      expect(asked.url.startsWith('/token?v=1&')).toBe(true)
      expect(new URL(asked.url, at.origin).searchParams.get('code')).toBe(planted.code)
    },
  )
})

describe('S-11 the client proves itself in exactly one way', () => {
  const formEncoded = 'client+id:planted+client%3Asecret%2F%2B%26%25'
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

  test.each([
    ['form', { body: { client_id: 'client id', client_secret: planted.clientSecret } }],
    ['header', { authorization: basic(formEncoded) }],
    ['header_raw', { authorization: basic(`client id:${planted.clientSecret}`) }],
    ['query', { query: { client_id: 'client id', client_secret: planted.clientSecret } }],
    ['none', { body: { client_id: 'client id' } }],
  ])('%s', async (clientAuthentication, expected: Record<string, unknown>) => {
    const at = await provider(token)
    await exchanged(at, { clientAuthentication })
    const asked = at.single()
    const { client_id, client_secret } = form(asked)
    const query = new URL(asked.url, at.origin).searchParams
    query.delete('v')
    expect({
      authorization: asked.headers.authorization,
      body: { client_id, client_secret },
      query: Object.fromEntries(query),
    }).toEqual({
      authorization: expected['authorization'],
      body: { client_id: undefined, client_secret: undefined, ...(expected['body'] as object | undefined) },
      query: expected['query'] ?? {},
    })
  })

  test('header encodes nothing that a form does not: ids of letters, digits and -._ also reach who does not decode', async () => {
    const at = await provider(token)
    await exchanged(at, { clientAuthentication: 'header', clientId: 'app-1_x.apps', clientSecret: 's-_.e~c/' })
    expect(at.single().headers.authorization).toBe(basic('app-1_x.apps:s-_.e%7Ec%2F'))
  })

  test.each(['form', 'header', 'header_raw', 'query', 'none'])(
    'R-137 a public client with %s says its id in the body, and nothing else',
    async (clientAuthentication) => {
      const at = await provider(token)
      await exchanged(at, { clientAuthentication, clientSecret: null, grantType: 'authorization_code_pkce' })
      const asked = at.single()
      expect(asked.headers.authorization).toBeUndefined()
      expect(asked.url).toBe('/token?v=1')
      expect(form(asked)).toMatchObject({ client_id: 'client id' })
      expect(asked.body).not.toContain('client_secret')
    },
  )
})

describe('what providers answer instead of RFC 6749 section 5.1', () => {
  const answers: [string, Reply | Record<string, unknown>, Given, Partial<Grant<Credential>>][] = [
    [
      'no token_type',
      { access_token: 'at', expires_in: 60 },
      {},
      { credential: { accessToken: 'at', refreshToken: null } },
    ],
    [
      'an id_token that nobody could verify',
      { ...token, id_token: 'not.a.jwt' },
      {},
      { credential: { accessToken: 'at', refreshToken: null, tokenType: 'bearer' } },
    ],
    [
      'another token type',
      { ...token, token_type: 'Zoho-oauthtoken' },
      {},
      {
        credential: { accessToken: 'at', refreshToken: null, tokenType: 'Zoho-oauthtoken' },
        notes: ['The provider names a token type other than bearer; the token is sent as the service says.'],
      },
    ],
    ['expires_in as text', { ...token, expires_in: '60' }, {}, { expiresAt: now + 60_000 }],
    ['an absolute end', { ...token, expires_on: String(now / 1000 + 90) }, {}, { expiresAt: now + 90_000 }],
    ['an end in ISO 8601', { ...token, expiry: '2026-01-15T12:00:30Z' }, {}, { expiresAt: now + 30_000 }],
    ['expires_in 0, meaning never', { ...token, expires_in: 0 }, { expiresInZero: 'never' }, { expiresAt: null }],
    ['expires_in 0, meaning now', { ...token, expires_in: 0 }, {}, { expiresAt: now }],
    [
      'no expiry but a refresh token',
      { access_token: 'at', refresh_token: 'rt' },
      { expiryTime: 900 },
      { expiresAt: now + 900_000 },
    ],
    ['no expiry and no refresh token', { access_token: 'at' }, {}, { expiresAt: null }],
    [
      'a form',
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'access_token=gho_x&scope=repo%2Cgist&token_type=bearer',
      },
      {},
      {
        credential: { accessToken: 'gho_x', refreshToken: null, tokenType: 'bearer' },
        grantedScopes: ['repo', 'gist'],
      },
    ],
    ['a form that says it is text', { headers: { 'content-type': 'text/plain' }, body: 'access_token=at' }, {}, {}],
    ['JSON that says it is HTML', { headers: { 'content-type': 'text/html' }, body: JSON.stringify(token) }, {}, {}],
    ['JSON behind a byte order mark', { body: `\uFEFF${JSON.stringify(token)}` }, {}, {}],
    ['201', { status: 201, body: JSON.stringify(token) }, {}, {}],
    ['an empty error beside the token', { ...token, error: '' }, {}, {}],
    ['a null error beside the token', { ...token, error: null }, {}, {}],
    ['ok: true', { ...token, ok: true }, {}, {}],
    ['scopes as a list', { ...token, scope: ['a', 'b'] }, {}, { grantedScopes: ['a', 'b'] }],
    ['an empty scope', { ...token, scope: '' }, {}, { grantedScopes: null }],
    ['a refresh token that is none', { ...token, refresh_token: '' }, {}, {}],
    ['a null refresh token', { ...token, refresh_token: null }, {}, {}],
    [
      'everything elsewhere',
      { data: { t: { at: 'deep', rt: 'r', ttl: 30 } }, granted: 'x', team: { name: 'Acme' } },
      {
        tokenResponse: {
          accessToken: 'data.t.at',
          refreshToken: 'data.t.rt',
          expiresIn: 'data.t.ttl',
          scope: 'granted',
          account: 'team.name',
        },
      },
      {
        credential: { accessToken: 'deep', refreshToken: 'r' },
        expiresAt: now + 30_000,
        grantedScopes: ['x'],
        account: 'Acme',
      },
    ],
    [
      'another token at the top: what is left out is looked for beside the one that is named',
      { access_token: 'bot', refresh_token: 'bot-r', authed_user: { access_token: 'user', refresh_token: 'user-r' } },
      { tokenResponse: { accessToken: 'authed_user.access_token' } },
      { credential: { accessToken: 'user', refreshToken: 'user-r' } },
    ],
  ]
  test.each(answers)('%s', async (_, reply, given, expected) => {
    const grant = await exchanged(await provider(reply), given)
    expect(grant).toMatchObject({ credential: { accessToken: expect.any(String) }, ...expected })
  })
})

describe('S-26 what is not a token', () => {
  const json = (body: unknown, status = 400, headers: Record<string, string> = {}): Reply => ({
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const error = (code: string): Reply => json({ error: code, error_description: 'why' })

  const refusals: [string, Reply, { error: string; kind: string }][] = [
    ['invalid_grant', error('invalid_grant'), { error: 'invalid_grant', kind: 'permanent' }],
    ['token_revoked', error('token_revoked'), { error: 'token_revoked', kind: 'permanent' }],
    ...['invalid_client', 'unauthorized_client', 'invalid_scope', 'unsupported_grant_type', 'invalid_request'].map(
      (code): [string, Reply, { error: string; kind: string }] => [
        code,
        error(code),
        { error: code, kind: 'configuration' },
      ],
    ),
    [
      'a challenge',
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
      { error: 'invalid_client', kind: 'configuration' },
    ],
    ['200 with an error', json({ error: 'invalid_grant' }, 200), { error: 'invalid_grant', kind: 'permanent' }],
    [
      '200 with an error beside a token',
      json({ ...token, error: 'x_y' }, 200),
      { error: 'x_y', kind: 'configuration' },
    ],
    ['ok: false', json({ ok: false, error: 'invalid_code' }, 200), { error: 'invalid_code', kind: 'permanent' }],
    ['ok: false without a word', json({ ok: false }, 200), { error: 'unknown_error', kind: 'configuration' }],
    [
      'an error in a form',
      { body: 'error=bad_verification_code&error_description=The+code+is+incorrect' },
      { error: 'bad_verification_code', kind: 'permanent' },
    ],
    [
      'an error object',
      json({ error: { message: 'why', type: 'OAuthException', code: 190 } }),
      { error: 'OAuthException', kind: 'configuration' },
    ],
    ['an error with control characters', json({ error: 'a\r\nb' }), { error: 'unknown_error', kind: 'configuration' }],
    ['503', { status: 503, body: html }, { error: 'server_error', kind: 'transient' }],
    ['500 with a word', json({ error: 'invalid_grant' }, 500), { error: 'invalid_grant', kind: 'transient' }],
    ['408', { status: 408 }, { error: 'server_error', kind: 'transient' }],
    [
      'temporarily_unavailable',
      error('temporarily_unavailable'),
      { error: 'temporarily_unavailable', kind: 'transient' },
    ],
    ['HTML', { headers: { 'content-type': 'text/html' }, body: html }, { error: 'not_json', kind: 'configuration' }],
    ['HTML that says it is JSON', json(html, 200), { error: 'not_json', kind: 'configuration' }],
    ['HTML with 404', { status: 404, body: html }, { error: 'not_json', kind: 'configuration' }],
    ['nothing', { body: '' }, { error: 'not_json', kind: 'configuration' }],
    ['204', { status: 204 }, { error: 'not_json', kind: 'configuration' }],
    ['half of JSON', { body: '{"access_token":"at"' }, { error: 'not_json', kind: 'configuration' }],
    ['a list', json([token], 200), { error: 'not_json', kind: 'configuration' }],
    ['an object without a token', json({ hello: 'there' }, 200), { error: 'no_access_token', kind: 'configuration' }],
    ['an empty token', json({ access_token: '' }, 200), { error: 'no_access_token', kind: 'configuration' }],
    ['a number for a token', json({ access_token: 7 }, 200), { error: 'no_access_token', kind: 'configuration' }],
    [
      'a token with a line break',
      json({ access_token: 'a\r\nX: y' }, 200),
      { error: 'no_access_token', kind: 'configuration' },
    ],
    [
      'a token with half a surrogate',
      json({ access_token: 'a\ud800' }, 200),
      { error: 'no_access_token', kind: 'configuration' },
    ],
    [
      'a token only in the prototype',
      { body: '{"__proto__":{"access_token":"at"}}' },
      { error: 'no_access_token', kind: 'configuration' },
    ],
    ['another 4xx', json({ hello: 'there' }, 418), { error: 'http_error', kind: 'configuration' }],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://elsewhere.example/?code=planted-code' } },
      { error: 'redirect', kind: 'configuration' },
    ],
  ]

  test.each(refusals)('%s', async (_, reply, expected) => {
    const at = await provider(reply)
    const thrown = await failure(exchanged(at))
    expect(thrown.code).toBe('provider_error')
    expect(thrown.provider).toMatchObject({ ...expected, status: reply.status ?? 200 })
    expect(thrown.message).toContain(new URL(at.origin).host)
    expect(at.asked).toHaveLength(1)
  })

  test.each([
    ['seconds', '120', 120],
    ['an HTTP date', new Date(now + 90_000).toUTCString(), 90],
    ['a date that has passed', new Date(now - 90_000).toUTCString(), 0],
    ['a lifetime', '999999999', 86_400],
    ['nonsense', 'soon', null],
  ])('429 with Retry-After in %s', async (_, value, seconds) => {
    const at = await provider({ status: 429, headers: { 'retry-after': value } })
    const thrown = await failure(refreshed(at))
    expect(thrown.code).toBe('provider_rate_limited')
    expect(thrown.provider).toMatchObject({ kind: 'transient', status: 429, retryAfterSeconds: seconds })
    expect(thrown.retryAfterSeconds).toBe(seconds ?? undefined)
  })

  test.each([
    ['Access Denied', json({ error: 'Access Denied', status: 'failure' })],
    [
      'too many requests continuously',
      json({ error: 'access_denied', error_description: 'You have made too many requests continuously. Try later.' }),
    ],
  ])('Zoho throttles with the words "%s"', async (_, reply) => {
    const thrown = await failure(refreshed(await provider(reply)))
    expect(thrown).toMatchObject({ code: 'provider_rate_limited', provider: { kind: 'transient', status: 400 } })
  })

  test.each([
    ['HTML', { body: html }, 'not_json'],
    ['no token', { body: '{}' }, 'no_access_token'],
    ['a redirect', { status: 302 }, 'redirect'],
  ])('%s at refresh is a bad day of a provider that has worked before', async (_, reply, word) => {
    const thrown = await failure(refreshed(await provider(reply)))
    expect(thrown.provider).toMatchObject({ kind: 'transient', error: word })
  })

  test('what the provider said is kept to 300 characters', async () => {
    const long = await failure(exchanged(await provider({ body: 'no '.repeat(500) })))
    expect(long.provider?.description).toHaveLength(300)
    const short = await failure(exchanged(await provider(error('invalid_grant'))))
    expect(short.provider?.description).toBe('why')
  })

  test('a failure of the network passes through untouched', async () => {
    const at = await provider({})
    const own = new MooringError('provider_timeout', { detail: 'No answer in 10 s.' })
    const broken: Exchange = { ...at.exchange, fetch: () => Promise.reject(own) }
    expect(await failure(exchanged(at, {}, broken))).toBe(own)
  })

  test('an answer that breaks off is a failure of the network', async () => {
    const at = await provider({})
    const body = new ReadableStream({ start: (controller) => controller.error(new Error('reset')) })
    const broken: Exchange = { ...at.exchange, fetch: () => Promise.resolve(new Response(body)) }
    expect(await failure(exchanged(at, {}, broken))).toMatchObject({ code: 'upstream_unreachable' })
  })

  test('the sentence says what to do', async () => {
    const client = await failure(exchanged(await provider(error('invalid_client'))))
    expect(client.hint).toContain('Include in authorization header')
    const scope = await failure(exchanged(await provider(error('invalid_scope'))))
    expect(scope.message).toContain('Sent: a b')
    expect(scope.hint).toContain('space')
    const code = await failure(exchanged(await provider(error('invalid_grant'))))
    expect(code.message).toContain('sign-in code was refused')
    const grant = await failure(refreshed(await provider(error('invalid_grant'))))
    expect(grant.message).toContain('no longer accepts the refresh token')
  })
})

describe('S-24 refreshing', () => {
  test.each([
    ['keeps the old refresh token where the answer has none', token, planted.refresh],
    ['keeps it where the answer has an empty one', { ...token, refresh_token: '' }, planted.refresh],
    ['keeps it where the answer has null', { ...token, refresh_token: null }, planted.refresh],
    ['takes a new one at once', { ...token, refresh_token: 'rotated' }, 'rotated'],
  ])('%s', async (_, reply, refresh) => {
    const grant = await refreshed(await provider(reply))
    expect(grant.credential).toMatchObject({ accessToken: 'at', refreshToken: refresh })
  })

  test('R-146 R-147 goes to the refresh URL, or the token URL where there is none', async () => {
    const at = await provider(token)
    await refreshed(at, { refreshTokenUrl: `${at.origin}/refresh`, refreshParams: { audience: 'x' } })
    await refreshed(at, { refreshTokenUrl: '', parameterNames: { refreshToken: 'rt' } })
    expect(at.asked.map(({ url }) => url)).toEqual(['/refresh', '/token?v=1'])
    const [first, second] = at.asked.map(form)
    const client = { client_id: 'client id', client_secret: planted.clientSecret, grant_type: 'refresh_token' }
    expect(first).toEqual({ ...client, refresh_token: planted.refresh, audience: 'x' })
    expect(second).toEqual({ ...client, rt: planted.refresh })
  })

  test('a kept refresh token lets a token without expiry end by the setting (S-25)', async () => {
    const grant = await refreshed(await provider({ access_token: 'at' }), { expiryTime: 1200 })
    expect(grant.expiresAt).toBe(now + 1_200_000)
  })

  test('a token nested in the code answer may stand at the top of a refresh answer', async () => {
    const at = await provider({ ...token, refresh_token: 'r2' })
    const given = { tokenResponse: { accessToken: 'authed_user.access_token', expiresIn: 'authed_user.ttl' } }
    expect((await refreshed(at, given)).credential).toMatchObject({ accessToken: 'at', refreshToken: 'r2' })
    expect((await failure(exchanged(at, given))).provider?.error).toBe('no_access_token')
  })

  test('without a refresh token a person must authorize again', async () => {
    const at = await provider(token)
    const bare = { accessToken: 'at', refreshToken: null }
    const thrown = await failure(refreshToken(definition(at.origin), bare, scopes, at.exchange))
    expect(thrown.code).toBe('reauthorization_required')
    expect(at.asked).toHaveLength(0)
  })
})

describe('client credentials', () => {
  test('asks with the scopes to the letter and keeps no refresh token', async () => {
    const at = await provider({ ...token, refresh_token: 'rt' })
    const grant = await acquired(at, { tokenParams: { audience: 'x' }, clientAuthentication: 'header' })
    expect(grant.credential).toEqual({ accessToken: 'at', refreshToken: null, tokenType: 'bearer' })
    const asked = at.single()
    expect(asked.body).toContain('scope=a%20b')
    expect(form(asked)).toEqual({ grant_type: 'client_credentials', scope: 'a b', audience: 'x' })
  })

  test.each([
    ['comma', 'a%2Cb', 'a,b'],
    ['space', 'a%20b', 'a b'],
    ['plus', 'a+b', 'a+b'],
    ['semicolon', 'a%3Bb', 'a;b'],
  ] as const)(
    'R-177 the delimiter %s is kept to the letter in a form and in JSON',
    async (scopeDelimiter, wire, plain) => {
      const at = await provider(token)
      const input = { scopes: ['a', 'b'], scopeDelimiter }
      for (const tokenRequestFormat of ['form', 'json']) {
        const given = definition(at.origin, { grantType: 'client_credentials', tokenRequestFormat })
        await acquireToken(given, input, at.exchange)
      }
      const [first, second] = at.asked
      expect(first?.body.split('&')).toContain(`scope=${wire}`)
      expect(JSON.parse(second?.body ?? '')).toMatchObject({ scope: plain })
    },
  )

  test('renewing asks again', async () => {
    const at = await provider({ access_token: 'at' })
    const grant = await refreshToken(
      definition(at.origin, { grantType: 'client_credentials', refreshTokenUrl: `${at.origin}/never` }),
      held,
      scopes,
      at.exchange,
    )
    expect(form(at.single())['grant_type']).toBe('client_credentials')
    expect(at.single().url).toBe('/token?v=1')
    expect(grant).toMatchObject({ credential: { refreshToken: null }, expiresAt: now + 3_600_000 })
  })
})

describe('no secret leaves in an error', () => {
  const basic = Buffer.from(`client id:${planted.clientSecret}`).toString('base64')
  const secrets = [...Object.values(planted), basic]
  const echo = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]).join(' ')
  const given: Given = {
    clientAuthentication: 'header_raw',
    tokenHeaders: { 'X-Key': planted.header },
    tokenParams: { key: planted.constant },
    refreshParams: { key: planted.constant },
  }
  const replies: [string, Reply][] = [
    ['a page', { body: `<p>${echo}</p>` }],
    ['a page with 500', { status: 500, body: echo }],
    ['a description', { status: 400, body: JSON.stringify({ error: 'invalid_grant', error_description: echo }) }],
    ...secrets.map((secret): [string, Reply] => [
      'an error code',
      { status: 400, body: JSON.stringify({ error: secret }) },
    ]),
    ['an error object', { status: 400, body: JSON.stringify({ error: { type: planted.code, message: echo } }) }],
    ['an answer without a token', { body: JSON.stringify({ token: 'unknown-tok', echo }) }],
    ['a redirect', { status: 307, headers: { location: `https://elsewhere.example/?x=${encodeURIComponent(echo)}` } }],
    ['a rate limit', { status: 429, body: echo }],
  ]
  test.each(replies)('echoed in %s', async (_, reply) => {
    const at = await provider(reply)
    for (const thrown of [
      await failure(exchanged(at, given)),
      await failure(refreshed(at, given)),
      await failure(acquired(at, given)),
    ]) {
      const said = everyWord(thrown)
      // The code and the verifier are no part of a refresh, nor is the refresh token of the exchange.
      const travelled = [planted.clientSecret, planted.header, planted.constant, basic, 'unknown-tok']
      const own = form(at.asked.shift() ?? { method: '', url: '', headers: {}, body: '' })
      const sent = [...travelled, ...['code', 'code_verifier', 'refresh_token'].flatMap((name) => own[name] ?? [])]
      for (const secret of sent) {
        expect(said).not.toContain(secret)
        expect(said).not.toContain(encodeURIComponent(secret))
      }
    }
  })
})
