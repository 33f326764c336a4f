import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { oauth2 } from './oauth2.ts'
import { form, now, provider } from './oauth2/provider.fixture.ts'
import type { OutgoingRequest } from './scheme.ts'
import { outlook, schemeSuite } from './scheme_suite.ts'

const whole = {
  clientId: 'id',
  clientSecret: 'planted-secret',
  authorizationUrl: 'https://provider.example/authorize',
  tokenUrl: 'https://provider.example/token',
}

const credentialValues = { accessToken: 'planted-access-token', refreshToken: 'planted-refresh-token' }

schemeSuite({
  scheme: oauth2,
  required: ['clientId', 'clientSecret', 'authorizationUrl', 'tokenUrl'],
  samples: [
    { name: 'header', definition: whole, credentialValues },
    { name: 'query', definition: { ...whole, parameterLocation: 'query' }, credentialValues },
    {
      name: 'a header of its own',
      definition: { ...whole, header: { name: 'X-Access-Token', format: 'token {token}' } },
      credentialValues,
    },
  ],
})

function request(url = 'https://api.example/x?access_token=caller&a=%20b'): OutgoingRequest {
  return { method: 'GET', url: new URL(url), headers: ['Authorization', 'caller', 'X-Token', 'caller'], body: null }
}

/** Paths of what is wrong, with the codes. */
function wrong(definition: unknown, stage: 'draft' | 'ready' = 'ready'): string[] {
  return oauth2.check(definition, stage).map(({ path, code }) => `${path} ${code}`)
}

describe('a whole authorization', () => {
  test('S-2 S-3 S-24 begins, finishes, renews and gives back, with one state and one verifier', async () => {
    const at = await provider({ access_token: 'at', refresh_token: 'rt', expires_in: 60 })
    const definition = {
      ...whole,
      authorizationUrl: `${at.origin}/authorize`,
      tokenUrl: `${at.origin}/token`,
      revokeTokenUrl: `${at.origin}/revoke`,
    }
    const input = { callbackUrl: 'https://mooring.example/cb', scopes: ['a'], scopeDelimiter: 'comma' as const }
    const { authorizationUrl, correlation, kept } = await oauth2.begin(definition, input, at.exchange)
    const parameters = new URLSearchParams({ code: 'c', state: correlation })
    expect(oauth2.correlate(parameters)).toBe(correlation)
    const grant = await oauth2.finish(definition, { ...input, parameters, kept }, at.exchange)
    expect(grant).toMatchObject({ credential: { accessToken: 'at', refreshToken: 'rt' }, expiresAt: now + 60_000 })
    const verifier = form(at.single())['code_verifier'] ?? ''
    expect(new URL(authorizationUrl).searchParams.get('code_challenge')).toBe(
      createHash('sha256').update(verifier).digest('base64url'),
    )
    expect(oauth2.refreshable(definition, grant.credential)).toBe(true)
    const renewed = await oauth2.refresh(definition, grant.credential, input, at.exchange)
    expect(await oauth2.revoke(definition, renewed.credential, at.exchange)).toBe('done')
    expect(at.asked.map(({ url }) => url)).toEqual(['/token', '/token', '/revoke'])
  })

  test('client credentials need nobody', async () => {
    const at = await provider({ access_token: 'at' })
    const definition = { ...whole, grantType: 'client_credentials', tokenUrl: `${at.origin}/token` }
    expect(oauth2.flow(definition)).toBe('acquire')
    const input = { scopes: [], scopeDelimiter: 'comma' as const }
    const grant = await oauth2.acquire(definition, input, at.exchange)
    expect(grant).toMatchObject({ credential: { accessToken: 'at' }, expiresAt: now + 3_600_000 })
    expect(form(at.single())['scope']).toBeUndefined()
    expect(oauth2.refreshable(definition, grant.credential)).toBe(true)
  })
})

describe('the definition', () => {
  test('R-141 R-153 R-155 has the presets of the form', () => {
    expect(oauth2.fields.parse({})).toMatchObject({
      grantType: 'authorization_code',
      clientAuthentication: 'form',
      parameterLocation: 'header',
      bearerName: 'Bearer',
      expiryTime: 3600,
      pkce: true,
      refreshTokenUrl: null,
    })
    expect(oauth2.secretFields).toEqual(['clientSecret', 'clientCertificate', 'clientKey', 'signingKeys'])
  })

  test('a draft may lack any field, or hold it empty or null', () => {
    const names = Object.keys(oauth2.fields.shape)
    for (const empty of ['', null, undefined]) {
      const draft = Object.fromEntries(names.map((name) => [name, empty]))
      expect(oauth2.partialFields.safeParse(draft).error).toBeUndefined()
      expect(wrong(draft, 'draft')).toEqual([])
      expect(oauth2.describe(draft, outlook)).toHaveLength(4)
      expect(oauth2.endpoints(draft)).toEqual({})
    }
  })

  test.each([
    ['bearerName', 'Zoho-oauthtoken'],
    ['expiryTime', 899],
    ['expiryTime', 86_401],
    ['expiryTime', '3600'],
    ['clientId', 'two  spaces'],
    ['clientSecret', 'ключ'],
    ['tokenUrl', 'https://provider.example/'],
    ['authorizationUrl', 'ftp://provider.example/x'],
    ['grantType', 'implicit'],
    ['header', { name: 'X-Token', format: 'no placeholder' }],
    ['header', { name: 'Host' }],
    ['tokenHeaders', { Authorization: 'x' }],
    ['tokenHeaders', { 'X-A': 'a\r\nb: c' }],
    ['tokenParams', { a: 'x\ny' }],
    ['tokenResponse', { accessToken: 'a..b' }],
    ['parameterNames', { nothing: 'x' }],
  ])('R-135 R-154 R-156 %s cannot be %j', (name, value) => {
    expect(oauth2.partialFields.safeParse({ [name]: value }).success).toBe(false)
  })

  test('a field that does not exist is refused', () => {
    expect(oauth2.fields.safeParse({ learned: [] }).success).toBe(false)
  })

  test.each([
    [
      'authorization_code',
      ['clientId required', 'tokenUrl required', 'authorizationUrl required', 'clientSecret required'],
    ],
    ['authorization_code_pkce', ['clientId required', 'tokenUrl required', 'authorizationUrl required']],
    ['client_credentials', ['clientId required', 'tokenUrl required', 'clientSecret required']],
  ])('R-137 ready tells what %s lacks, and a draft does not', (grantType, errors) => {
    expect(wrong({ grantType })).toEqual(errors)
    expect(wrong({ grantType, clientId: '', clientSecret: null })).toEqual(errors)
    expect(wrong({ grantType }, 'draft')).toEqual([])
    expect(wrong({ ...whole, grantType })).toEqual([])
  })

  test('a secret that is never sent is not asked for', () => {
    expect(wrong({ ...whole, clientSecret: null, clientAuthentication: 'none' })).toEqual([])
  })

  test.each(
    [
      'response_type',
      'client_id',
      'redirect_uri',
      'scope',
      'state',
      'code_challenge',
      'code_challenge_method',
      'request',
    ].map((name) => [name]),
  )('a constant cannot override %s', (name) => {
    expect(wrong({ ...whole, authorizationParams: { [name]: 'x' } })).toEqual([`authorizationParams.${name} reserved`])
    expect(wrong({ ...whole, authorizationUrl: `https://provider.example/authorize?a=b&${name}=x` }, 'draft')).toEqual([
      'authorizationUrl reserved',
    ])
  })

  test('nor what the token request says, nor a renamed parameter, nor the query of the URL', () => {
    expect(
      wrong({ ...whole, tokenParams: { grant_type: 'x', audience: 'y' }, refreshParams: { refresh_token: 'x' } }),
    ).toEqual(['tokenParams.grant_type reserved', 'refreshParams.refresh_token reserved'])
    expect(
      wrong({ ...whole, parameterNames: { clientId: 'client_key' }, authorizationParams: { client_key: 'x' } }),
    ).toEqual(['authorizationParams.client_key reserved'])
    expect(
      wrong({
        ...whole,
        authorizationUrl: 'https://provider.example/a?prompt=x',
        authorizationParams: { prompt: 'y' },
      }),
    ).toEqual(['authorizationParams.prompt duplicate'])
    expect(wrong({ ...whole, parameterNames: { clientId: 'x', code: 'x' } })).toEqual(['parameterNames.code duplicate'])
  })

  test('a GET carries no body', () => {
    expect(wrong({ tokenRequestMethod: 'GET', tokenRequestFormat: 'json' }, 'draft')).toEqual([
      'tokenRequestFormat invalid_value',
    ])
    expect(wrong({ revocation: { method: 'GET' } }, 'draft')).toEqual(['revocation.tokenIn invalid_value'])
  })

  test('endpoints are those that are set', () => {
    expect(
      oauth2.endpoints({ ...whole, refreshTokenUrl: '', revokeTokenUrl: 'https://provider.example/revoke' }),
    ).toEqual({
      authorizationUrl: whole.authorizationUrl,
      tokenUrl: whole.tokenUrl,
      revokeTokenUrl: 'https://provider.example/revoke',
    })
  })

  test('what means expired, and how early to renew, is as the service says', () => {
    expect(oauth2.expired(whole, 401)).toBe(true)
    expect(oauth2.expired(whole, 403)).toBe(false)
    const withText = { ...whole, expiredWhen: [{ status: 403, bodyContains: 'expired' }] }
    expect([oauth2.expired(withText, 403), oauth2.expiredTexts(withText, 403)]).toEqual([false, ['expired']])
    expect(oauth2.expiredTexts(withText, 401)).toEqual([])
    expect(oauth2.refreshMarginSeconds(whole)).toBeNull()
    expect(oauth2.refreshMarginSeconds({ ...whole, refreshMarginSeconds: 30 })).toBe(30)
  })
})

describe('a grant made elsewhere', () => {
  test('is taken over with its tokens and its end', () => {
    expect(oauth2.prompt(whole)).toEqual([])
    expect(oauth2.flow(whole)).toBe('redirect')
    expect(
      oauth2.read(whole, { accessToken: 'at', refreshToken: 'rt', expiresAt: '2026-01-15T14:00:00+01:00' }, now),
    ).toEqual({
      grant: {
        credential: { accessToken: 'at', refreshToken: 'rt' },
        expiresAt: Date.UTC(2026, 0, 15, 13),
        grantedScopes: null,
        account: null,
        notes: [],
      },
    })
  })

  test('S-25 without an end it ends by the setting if it can be renewed, and never if not', () => {
    expect(oauth2.read(whole, { accessToken: 'at', refreshToken: 'rt' }, now)).toMatchObject({
      grant: { expiresAt: now + 3_600_000 },
    })
    expect(oauth2.read(whole, { accessToken: 'at', refreshToken: '' }, now)).toMatchObject({
      grant: { credential: { refreshToken: null }, expiresAt: null },
    })
  })

  test.each([
    [{}, 'accessToken required'],
    [{ accessToken: '' }, 'accessToken required'],
    [{ accessToken: 'a\nb' }, 'accessToken invalid_format'],
    [{ accessToken: 'at', expiresAt: 'soon' }, 'expiresAt invalid_format'],
    [{ accessToken: 'at', expires: 5 }, 'expires unknown_field'],
  ])('%j is refused', (values, expected) => {
    const read = oauth2.read(whole, values, now)
    expect('errors' in read ? read.errors.map(({ path, code }) => `${path} ${code}`) : []).toEqual([expected])
  })
})

describe('the token on a request', () => {
  const credential = { accessToken: 'a$& b', refreshToken: null }

  test.each([
    ['Authorization with the Bearer Name', {}, ['X-Token', 'caller', 'authorization', 'Bearer a$& b'], 'authorization'],
    [
      'R-152 Authorization with another word',
      { bearerName: 'OAuth' },
      ['X-Token', 'caller', 'authorization', 'OAuth a$& b'],
      'authorization',
    ],
    [
      'a header of its own',
      { header: { name: 'X-Token', format: 'v1 {token}!' } },
      ['Authorization', 'caller', 'x-token', 'v1 a$& b!'],
      'x-token',
    ],
  ])('S-37 goes into %s, and replaces what the caller put there', (_, given, headers, name) => {
    const applied = oauth2.apply({ ...whole, ...given }, credential)
    expect(applied).toMatchObject({ headers: [name], parameters: [], bodyUse: 'none' })
    const outgoing = request()
    applied.inject(outgoing, now)
    expect(outgoing.headers).toEqual(headers)
    expect(outgoing.url.search).toBe('?access_token=caller&a=%20b')
  })

  test('S-12 goes into the query only where the service says so, and is named for masking', () => {
    const applied = oauth2.apply({ ...whole, parameterLocation: 'query' }, credential)
    expect(applied).toMatchObject({ headers: [], parameters: ['access_token'], bodyUse: 'none' })
    const outgoing = request()
    applied.inject(outgoing, now)
    expect(outgoing.url.search).toBe('?a=%20b&access_token=a%24%26%20b')
    expect(outgoing.headers).toEqual(request().headers)
    const other = oauth2.apply({ ...whole, parameterLocation: 'query', queryParameter: 'key' }, credential)
    expect(other.parameters).toEqual(['key'])
  })
})

describe('the live preview', () => {
  test('shows the three requests with every secret as dots', () => {
    const described = oauth2.describe({ ...whole, authorizationUrl: 'https://{domain}.example/authorize?x=1' }, outlook)
    expect(described).toEqual([
      {
        title: 'Authorization request',
        lines: [
          'GET https://{domain}.example/authorize?x=1&response_type=code&client_id=id&' +
            'redirect_uri=https%3A%2F%2Fmooring.example%2Foauth%2Fcallback%2Fx&scope=read%2Cwrite' +
            '&state=<state>&code_challenge=<code challenge>&code_challenge_method=S256',
        ],
      },
      {
        title: 'Token request',
        lines: [
          'POST https://provider.example/token',
          'content-type: application/x-www-form-urlencoded',
          '',
          'redirect_uri=https%3A%2F%2Fmooring.example%2Foauth%2Fcallback%2Fx&code=<code>&code_verifier=••••••' +
            '&grant_type=authorization_code&client_id=id&client_secret=••••••',
        ],
      },
      {
        title: 'Refresh request',
        lines: [
          'POST https://provider.example/token',
          'content-type: application/x-www-form-urlencoded',
          '',
          'refresh_token=••••••&grant_type=refresh_token&client_id=id&client_secret=••••••',
        ],
      },
      {
        title: 'Every request',
        lines: ['GET https://api.example.com/me', 'X-Version: 2', 'Authorization: Bearer ••••••'],
      },
    ])
  })

  test.each(['form', 'header', 'header_raw', 'query', 'none'])(
    'never says the secret with %s',
    (clientAuthentication) => {
      for (const tokenRequestFormat of ['form', 'json', 'query']) {
        const shown = JSON.stringify(oauth2.describe({ ...whole, clientAuthentication, tokenRequestFormat }, outlook))
        expect(shown).not.toContain('planted')
        expect(shown.includes('client_secret=••••••') || shown.includes('client_secret\\":\\"••••••')).toBe(
          clientAuthentication === 'form' || clientAuthentication === 'query',
        )
        expect(shown.includes('authorization: Basic ••••••')).toBe(clientAuthentication.startsWith('header'))
      }
    },
  )

  test('of client credentials has no authorization request, and of a query token no header', () => {
    const described = oauth2.describe(
      { grantType: 'client_credentials', parameterLocation: 'query' },
      {
        ...outlook,
        scopeDelimiter: 'plus',
      },
    )
    expect(described.map(({ title }) => title)).toEqual(['Token request', 'Every request'])
    expect(described[0]?.lines.at(-1)).toContain('scope=read+write&')
    expect(described.at(-1)?.lines[0]).toBe('GET https://api.example.com/me?access_token=••••••')
  })
})
