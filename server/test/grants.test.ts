import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Asked, connectionOf, decode, grantProvider, type Reply, serviceOf } from './grant_provider.fixture.ts'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }))

/** Tokens one after the other: at-1, at-2 … */
function counting(more: object = {}): (asked: Asked) => Reply {
  let given = 0
  return () => ({ body: { access_token: `at-${++given}`, token_type: 'Bearer', expires_in: 3600, ...more } })
}

async function authorizationOf(linkName: string): Promise<unknown> {
  const answer = await server.call('GET', `/v1/proxy/${linkName}/me`)
  return answer.body['authorization']
}

describe('jwt_bearer', () => {
  const keyFile = {
    type: 'service_account',
    project_id: 'p',
    private_key_id: 'key-1',
    private_key: pem,
    client_email: 'robot@p.iam.example',
    client_id: '1',
    token_uri: 'https://elsewhere.example/token',
  }

  test('takes the key file of a service account as it is, signs with it, and renews by another assertion', async () => {
    const at = await grantProvider(counting())
    await serviceOf(
      server,
      'google',
      `${at.origin}/api`,
      {
        grantType: 'jwt_bearer',
        tokenUrl: `${at.origin}/token`,
        assertion: { scopeIn: 'assertion', lifetimeSeconds: 3600 },
      },
      { scopes: [{ value: 'a' }, { value: 'b' }], scopeDelimiter: 'space' },
    )
    const made = await connectionOf(server, 'google', keyFile, { scopes: ['a', 'b'] })
    expect(made.body).toMatchObject({ status: 'active', account: 'robot@p.iam.example', autoRefresh: true })
    expect(await authorizationOf('google')).toBe('Bearer at-1')
    const renewed = await server.call('POST', '/v1/connections/google/refresh')
    expect(renewed.status).toBe(200)
    expect(await authorizationOf('google')).toBe('Bearer at-2')

    const [first, second] = at.tokens().map(({ form }) => form)
    expect(Object.keys(first ?? {}).toSorted()).toEqual(['assertion', 'grant_type'])
    expect(first).toMatchObject({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' })
    const { header, claims, signed, signature } = decode(first?.['assertion'] ?? '')
    expect(header).toEqual({ alg: 'RS256', kid: 'key-1' })
    expect(claims).toMatchObject({ iss: 'robot@p.iam.example', aud: `${at.origin}/token`, scope: 'a b' })
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(3600)
    expect(verify('sha256', Buffer.from(signed), rsa.publicKey, signature)).toBe(true)
    expect(decode(second?.['assertion'] ?? '').claims['jti']).not.toBe(claims['jti'])
    expect(server.logged()).not.toContain(pem.split('\n')[1])
  })

  test('takes the key as PEM with its issuer, the file as text, and asks for both by name', async () => {
    const at = await grantProvider(counting())
    await serviceOf(server, 'robots', `${at.origin}/api`, { grantType: 'jwt_bearer', tokenUrl: `${at.origin}/token` })
    await connectionOf(server, 'robots')
    const prompt = await server.call('GET', '/v1/connections/robots/prompt')
    expect(prompt.body).toMatchObject({
      redirects: false,
      fields: [
        { key: 'private_key', secret: true, required: true },
        { key: 'client_email' },
        { key: 'private_key_id' },
      ],
    })
    const authorize = (credentials: object) => server.call('POST', '/v1/connections/robots/authorize', { credentials })
    expect((await authorize({ private_key: JSON.stringify(keyFile) })).body).toMatchObject({ kind: 'done' })
    // Line breaks are lost where a text is pasted into one line.
    const oneLine = await authorize({ private_key: pem.replaceAll('\n', ' '), client_email: 'x' })
    expect(oneLine.body).toMatchObject({ kind: 'done', connection: { account: 'x' } })
    const wrong = await authorize({ private_key: 'no key', client_email: 'x' })
    expect(wrong.status).toBe(422)
    expect(wrong.body).toMatchObject({ errors: [{ path: 'credentials.private_key', code: 'invalid_format' }] })
    expect(at.tokens()).toHaveLength(2)
  })

  test('with a key of the service needs nobody, and says what signs, for whom and how', async () => {
    const at = await grantProvider(counting())
    const made = await serviceOf(server, 'salesforce', `${at.origin}/api`, {
      grantType: 'jwt_bearer',
      clientId: 'consumer',
      clientAuthentication: 'none',
      clientKey: pem,
      clientKeyId: 'kid-7',
      signingAlgorithm: 'PS256',
      tokenUrl: `${at.origin}/token`,
      assertion: { keyFrom: 'service', subject: 'ana@example.com', audience: 'https://login.example.com' },
      assertionClaims: { tenant: 't1' },
    })
    expect(made.body).toMatchObject({ auth: { clientKey: { set: true } }, jwksUrl: null })
    expect((await connectionOf(server, 'salesforce')).body).toMatchObject({ status: 'active' })
    const { header, claims } = decode(at.tokens()[0]?.form['assertion'] ?? '')
    expect(header).toEqual({ alg: 'PS256', kid: 'kid-7' })
    expect(claims).toMatchObject({
      iss: 'consumer',
      sub: 'ana@example.com',
      aud: 'https://login.example.com',
      tenant: 't1',
    })
  })

  test('S-26 a key that the provider does not know is a refused credential, and later a reason to connect again', async () => {
    let refused = true
    const give = counting()
    const at = await grantProvider((asked) =>
      refused
        ? { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } }
        : give(asked),
    )
    await serviceOf(server, 'strict', `${at.origin}/api`, { grantType: 'jwt_bearer', tokenUrl: `${at.origin}/token` })
    await connectionOf(server, 'strict')
    const authorize = () => server.call('POST', '/v1/connections/strict/authorize', { credentials: keyFile })
    expect((await authorize()).body).toMatchObject({ code: 'credentials_rejected' })
    refused = false
    expect((await authorize()).status).toBe(200)
    refused = true
    expect((await server.call('POST', '/v1/connections/strict/refresh')).status).toBe(409)
    expect((await server.call('GET', '/v1/connections/strict')).body['status']).toBe('reauthorization_required')
  })
})

describe('token_exchange', () => {
  test('exchanges what was given, and renews by exchanging it again', async () => {
    const at = await grantProvider(counting({ token_type: 'N_A', issued_token_type: 'urn:x' }))
    await serviceOf(
      server,
      'exchange',
      `${at.origin}/api`,
      {
        grantType: 'token_exchange',
        clientId: 'id',
        clientSecret: 'a-secret-of-the-client',
        tokenUrl: `${at.origin}/token`,
        tokenExchange: {
          subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
          actorTokenType: 'urn:ietf:params:oauth:token-type:access_token',
          requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
          audience: 'backend',
        },
        resource: ['https://api.example.com/'],
      },
      { scopes: [{ value: 'read' }] },
    )
    const given = { subjectToken: 'subject-token-value', actorToken: 'actor-token-value' }
    expect((await connectionOf(server, 'exchange', given, { scopes: ['read'] })).body).toMatchObject({
      status: 'active',
    })
    expect((await server.call('POST', '/v1/connections/exchange/refresh')).status).toBe(200)
    expect(await authorizationOf('exchange')).toBe('Bearer at-2')
    for (const { form } of at.tokens()) {
      expect(form).toEqual({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: 'subject-token-value',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        actor_token: 'actor-token-value',
        actor_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: 'backend',
        resource: 'https://api.example.com/',
        scope: 'read',
        client_id: 'id',
        client_secret: 'a-secret-of-the-client',
      })
    }
    expect(at.tokens()).toHaveLength(2)
  })
})

describe('refresh_token', () => {
  test('gets a token at once for a refresh token from elsewhere, and keeps the one that came last', async () => {
    const at = await grantProvider(({ form }) => ({
      body: { access_token: `for-${form['refresh_token']}`, expires_in: 3600, refresh_token: 'rt-2' },
    }))
    await serviceOf(server, 'taken_over', `${at.origin}/api`, {
      grantType: 'refresh_token',
      clientId: 'id',
      clientAuthentication: 'none',
      tokenUrl: `${at.origin}/token`,
    })
    expect((await connectionOf(server, 'taken_over', { refreshToken: 'rt-1' })).body).toMatchObject({
      status: 'active',
      autoRefresh: true,
    })
    expect(await authorizationOf('taken_over')).toBe('Bearer for-rt-1')
    await server.call('POST', '/v1/connections/taken_over/refresh')
    expect(await authorizationOf('taken_over')).toBe('Bearer for-rt-2')
  })

  test('one that the provider refuses stores nothing', async () => {
    const at = await grantProvider(() => ({ status: 400, body: { error: 'invalid_grant' } }))
    await serviceOf(server, 'dead', `${at.origin}/api`, {
      grantType: 'refresh_token',
      clientId: 'id',
      tokenUrl: `${at.origin}/token`,
    })
    const made = await server.call('POST', '/v1/connections', {
      name: 'dead',
      service: 'dead',
      credentials: { refreshToken: 'planted-refresh-token' },
    })
    expect(made.body).toMatchObject({ status: 422, code: 'credentials_rejected' })
    expect(made.text).not.toContain('planted-refresh-token')
    expect((await server.call('GET', '/v1/connections/dead')).status).toBe(404)
  })
})

describe('password', () => {
  const auth = (origin: string) => ({ grantType: 'password', clientId: 'id', tokenUrl: `${origin}/token` })

  test('S-1 is refused unless the service allows it, and warns where it does', async () => {
    const at = await grantProvider(counting())
    const body = { name: 'legacy', stage: 'ready', baseUrl: at.origin, auth: { type: 'oauth2', ...auth(at.origin) } }
    const refused = await server.call('POST', '/v1/services', body)
    expect(refused.body).toMatchObject({ errors: [{ path: 'auth.allowPasswordGrant', code: 'not_allowed' }] })
    const made = await serviceOf(server, 'legacy', `${at.origin}/api`, { ...auth(at.origin), allowPasswordGrant: true })
    expect(made.body['warnings']).toContainEqual(
      expect.objectContaining({ path: 'auth.grantType', code: 'password_grant' }),
    )
    const prompt = {
      fields: [
        { key: 'username', secret: false },
        { key: 'password', secret: true },
      ],
    }
    await connectionOf(server, 'legacy')
    expect((await server.call('GET', '/v1/connections/legacy/prompt')).body).toMatchObject(prompt)
  })

  test('keeps the password only where the provider gives nothing else to renew with', async () => {
    let refreshToken: string | undefined = 'rt'
    const at = await grantProvider(() => ({
      body: { access_token: 'at', expires_in: 3600, refresh_token: refreshToken },
    }))
    await serviceOf(server, 'people', `${at.origin}/api`, { ...auth(at.origin), allowPasswordGrant: true })
    const given = { username: 'ana', password: 'planted password' }
    const made = await connectionOf(server, 'people', given)
    expect(made.body).toMatchObject({ status: 'active', account: 'ana' })
    await server.call('POST', '/v1/connections/people/refresh')
    expect(at.tokens().map(({ form }) => form['grant_type'])).toEqual(['password', 'refresh_token'])

    refreshToken = undefined
    await server.call('POST', '/v1/connections/people/authorize', { credentials: given })
    await server.call('POST', '/v1/connections/people/refresh')
    expect(at.tokens().map(({ form }) => form['password'])).toEqual([
      'planted password',
      undefined,
      'planted password',
      'planted password',
    ])
    expect(server.logged()).not.toContain('planted password')
  })
})

test('S-47 nothing that was given, and no key that was made, lies in the data or the log as it is', async () => {
  const at = await grantProvider(counting())
  const planted = ['planted-subject-token', 'planted-password-of-somebody']
  const exchange = { grantType: 'token_exchange', tokenUrl: `${at.origin}/token` }
  await serviceOf(server, 'planted_exchange', at.origin, exchange)
  await connectionOf(server, 'planted_exchange', { subjectToken: planted[0] })
  await serviceOf(server, 'planted_password', at.origin, {
    grantType: 'password',
    allowPasswordGrant: true,
    clientId: 'id',
    clientAuthentication: 'private_key_jwt',
    clientKey: pem,
    tokenUrl: `${at.origin}/token`,
  })
  await connectionOf(server, 'planted_password', { username: 'ana', password: planted[1] })
  await serviceOf(server, 'planted_key', at.origin, {
    grantType: 'client_credentials',
    clientId: 'id',
    clientAuthentication: 'private_key_jwt',
    dpop: true,
    tokenUrl: `${at.origin}/token`,
  })
  expect((await connectionOf(server, 'planted_key')).body['status']).toBe('active')
  const kept = readdirSync(server.dir).map((name) => readFileSync(join(server.dir, name)))
  expect(kept.length).toBeGreaterThan(0)
  const all = Buffer.concat([...kept, Buffer.from(server.logged())])
  const [line = ''] = pem.split('\n').slice(3)
  for (const secret of [...planted, line, 'PRIVATE KEY', '"d":"']) expect(all.includes(secret), secret).toBe(false)
})

describe('a client secret that is a JWT', () => {
  test('is signed anew for each request with the key of the service', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const at = await grantProvider(counting())
    const auth = {
      grantType: 'refresh_token',
      clientId: 'com.example.app',
      clientSecretJwt: { issuer: 'TEAM', audience: 'https://id.example.com' },
      clientKeyId: 'KEY',
      tokenUrl: `${at.origin}/token`,
    }
    const lacking = await server.call('POST', '/v1/services', {
      name: 'apple',
      stage: 'ready',
      baseUrl: at.origin,
      auth: { type: 'oauth2', ...auth },
    })
    expect(lacking.body).toMatchObject({ errors: [{ path: 'auth.clientKey', code: 'required' }] })
    const clientKey = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    await serviceOf(server, 'apple', `${at.origin}/api`, { ...auth, clientKey })
    await connectionOf(server, 'apple', { refreshToken: 'rt' })
    const { header, claims, signed, signature } = decode(at.tokens()[0]?.form['client_secret'] ?? '')
    expect(header).toEqual({ alg: 'ES256', kid: 'KEY' })
    expect(claims).toMatchObject({ iss: 'TEAM', sub: 'com.example.app', aud: 'https://id.example.com' })
    const key = {
      key: createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
      dsaEncoding: 'ieee-p1363',
    } as const
    expect(verify('sha256', Buffer.from(signed), key, signature)).toBe(true)
  })
})
