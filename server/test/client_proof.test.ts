import { generateKeyPairSync } from 'node:crypto'
import { startSandbox, type Sandbox } from '@mooring/sandbox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectionOf, decode, grantProvider, serviceOf } from './grant_provider.fixture.ts'
import { startServer, type TestServer } from './harness.ts'
import { consent } from './sandbox.ts'

let server: TestServer
let sandbox: Sandbox
/** How far the server's clock is ahead, in milliseconds. */
let ahead = 0

/** Chosen by whoever defines the service, so that the provider can be told before. */
const callbackId = 'keys_of_the_service_for_tests'
const own = generateKeyPairSync('rsa', { modulusLength: 2048 })

beforeAll(async () => {
  server = await startServer({ now: () => Date.now() + ahead })
  const machine = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'read write' }
  const person = { grant_types: ['authorization_code', 'refresh_token'], redirect_uris: ['http://localhost/callback'] }
  sandbox = await startSandbox({
    autoConsent: true,
    dpopNonces: true,
    clients: [
      {
        ...machine,
        client_id: 'published',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: `${server.mooring.publicUrl}/oauth/jwks/${callbackId}`,
      },
      {
        ...machine,
        client_id: 'own-key',
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'PS256',
        jwks: { keys: [own.publicKey.export({ format: 'jwk' })] },
      },
      {
        ...machine,
        client_id: 'shared-secret',
        client_secret: 'a-secret-of-at-least-thirty-two-bytes',
        token_endpoint_auth_method: 'client_secret_jwt',
      },
      {
        ...person,
        client_id: 'careful',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [own.publicKey.export({ format: 'jwk' })] },
        require_pushed_authorization_requests: true,
        dpop_bound_access_tokens: true,
      },
    ],
  })
})
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

const pem = String(own.privateKey.export({ type: 'pkcs8', format: 'pem' }))
const scopes = { scopes: [{ value: 'read' }], scopeDelimiter: 'space' }
const machineAuth = () => ({ grantType: 'client_credentials', tokenUrl: `${sandbox.url}/oauth2/token` })

describe('private_key_jwt', () => {
  test('signs with a key that the provider finds at the JWKS URL, and goes on after the key was rolled', async () => {
    const made = await serviceOf(
      server,
      'published',
      `${sandbox.url}/api/oauth2`,
      { ...machineAuth(), clientId: 'published', clientAuthentication: 'private_key_jwt' },
      { ...scopes, callbackId },
    )
    const jwksUrl = `${server.mooring.publicUrl}/oauth/jwks/${callbackId}`
    expect(made.body).toMatchObject({ jwksUrl, auth: { signingKeys: { set: true } } })
    const keysAt = async (): Promise<Record<string, unknown>[]> => {
      const answer = await fetch(jwksUrl)
      expect(answer.headers.get('content-type')).toMatch(/^application\/jwk-set\+json/)
      const body: unknown = await answer.json()
      return JSON.parse(JSON.stringify(body)).keys
    }
    const [first] = await keysAt()
    expect(Object.keys(first ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    const connected = await connectionOf(server, 'published', undefined, { scopes: ['read'] })
    const { items } = (await server.call('GET', '/v1/connections/published/attempts')).body
    expect(connected.body['status'], JSON.stringify(items)).toBe('active')

    const rolled = await server.call('POST', '/v1/services/published/keys/roll')
    expect(rolled.body).toMatchObject({
      jwksUrl,
      keys: [{ publishedUntil: null }, { id: first?.['kid'], publishedUntil: expect.any(String) }],
    })
    // The provider has not read the new one yet, so the old one still signs.
    const kids = (await keysAt()).map(({ kid }) => kid)
    expect(kids).toHaveLength(2)
    expect(kids[1]).toBe(first?.['kid'])
    const refreshed = await server.call('POST', '/v1/connections/published/refresh')
    expect(refreshed.status, refreshed.text).toBe(200)
    // Nothing of the private half is shown anywhere.
    const shown = JSON.stringify([made.body, rolled.body, (await server.call('GET', '/v1/services/published')).body])
    expect(shown).not.toContain('"d"')
  })

  test('S-42 a new key signs when providers have had time to read it, and the old one goes a day later', async () => {
    const at = await grantProvider(() => ({ body: { access_token: 'at', expires_in: 3600 } }))
    const made = await serviceOf(server, 'rolling', at.origin, {
      grantType: 'client_credentials',
      clientId: 'id',
      clientAuthentication: 'private_key_jwt',
      tokenUrl: `${at.origin}/token`,
    })
    await connectionOf(server, 'rolling')
    const kidOf = async (): Promise<unknown> => {
      await server.call('POST', '/v1/connections/rolling/refresh')
      return decode(at.tokens().at(-1)?.form['client_assertion'] ?? '').header['kid']
    }
    const published = async (): Promise<unknown[]> => {
      const answer = await server.call('GET', `/oauth/jwks/${String(made.body['callbackId'])}`)
      return JSON.parse(answer.text).keys.map(({ kid }: { kid: string }) => kid)
    }
    const old = await kidOf()
    await server.call('POST', '/v1/services/rolling/keys/roll')
    const [fresh] = await published()
    expect(await kidOf()).toBe(old)
    const minute = 60_000
    ahead = 11 * minute
    expect(await kidOf()).toBe(fresh)
    expect(await published()).toEqual([fresh, old])
    ahead = 24 * 60 * minute + 11 * minute
    expect(await published()).toEqual([fresh])
    ahead = 0
  })

  test('signs with a key of your own, which has no JWKS and is replaced as a secret', async () => {
    const made = await serviceOf(
      server,
      'own',
      `${sandbox.url}/api/oauth2`,
      {
        ...machineAuth(),
        clientId: 'own-key',
        clientAuthentication: 'private_key_jwt',
        clientKey: pem,
        signingAlgorithm: 'PS256',
      },
      scopes,
    )
    expect(made.body).toMatchObject({ jwksUrl: null, auth: { clientKey: { set: true } } })
    expect((await fetch(`${server.url}/oauth/jwks/${String(made.body['callbackId'])}`)).status).toBe(404)
    expect((await server.call('POST', '/v1/services/own/keys/roll')).status).toBe(422)
    expect((await connectionOf(server, 'own', undefined, { scopes: ['read'] })).body).toMatchObject({
      status: 'active',
    })
    expect((await server.call('POST', '/v1/connections/own/test')).status).toBe(200)
    const replaced = await server.call('PUT', '/v1/services/own/secrets', { clientKey: 'no key' })
    expect(replaced.body).toMatchObject({ errors: [{ path: 'clientKey', code: 'invalid_format' }] })
  })

  test('S-26 a signature that the provider does not take is told with what mends it', async () => {
    await serviceOf(server, 'stranger', `${sandbox.url}/api/oauth2`, {
      ...machineAuth(),
      clientId: 'own-key',
      clientAuthentication: 'private_key_jwt',
    })
    await connectionOf(server, 'stranger')
    const answer = await server.call('POST', '/v1/connections/stranger/authorize', {})
    expect(answer.body).toMatchObject({ code: 'credentials_rejected', hint: expect.stringContaining('JWKS URL') })
  })
})

test('client_secret_jwt signs with the secret, which is not sent', async () => {
  await serviceOf(
    server,
    'shared_secret',
    `${sandbox.url}/api/oauth2`,
    {
      ...machineAuth(),
      clientId: 'shared-secret',
      clientSecret: 'a-secret-of-at-least-thirty-two-bytes',
      clientAuthentication: 'client_secret_jwt',
    },
    scopes,
  )
  const made = await connectionOf(server, 'shared_secret', undefined, { scopes: ['read'] })
  expect(made.body).toMatchObject({ status: 'active' })
})

describe('PAR and DPoP', () => {
  test('a person connects by a pushed request, and each call proves the key, with the nonces of both servers', async () => {
    await serviceOf(
      server,
      'careful',
      `${sandbox.url}/oauth2`,
      {
        grantType: 'authorization_code',
        clientId: 'careful',
        clientAuthentication: 'private_key_jwt',
        clientKey: pem,
        authorizationUrl: `${sandbox.url}/oauth2/authorize`,
        pushedAuthorizationRequestUrl: `${sandbox.url}/oauth2/par`,
        tokenUrl: `${sandbox.url}/oauth2/token`,
        dpop: true,
        issuer: sandbox.url,
        authorizationResponseIssParameterSupported: true,
      },
      { scopes: [{ value: 'openid' }, { value: 'email' }], scopeDelimiter: 'space' },
    )
    await connectionOf(server, 'careful', undefined, { scopes: ['openid', 'email'] })
    const begun = await server.call('POST', '/v1/connections/careful/authorize', {})
    const end = await consent(begun)
    expect(end.status, await end.text()).toBe(200)
    expect((await server.call('GET', '/v1/connections/careful')).body).toMatchObject({ status: 'active' })

    // Its first call has no nonce yet: it is made again by itself, once.
    const first = await server.call('GET', '/v1/proxy/careful/userinfo')
    expect(first.body, first.text).toMatchObject({ sub: 'first' })
    expect(first.headers.get('mooring-attempts')).toBe('2')
    const second = await server.call('GET', '/v1/proxy/careful/userinfo')
    expect(second.body).toMatchObject({ sub: 'first' })
    expect(second.headers.get('mooring-attempts')).toBeNull()
    const invoked = await server.call('POST', '/v1/connections/careful/invoke', { url: '/userinfo' })
    expect(invoked.body).toMatchObject({ status: 200, body: { sub: 'first' } })
    // A renewal keeps the key.
    const refreshed = await server.call('POST', '/v1/connections/careful/refresh')
    expect(refreshed.status, refreshed.text).toBe(200)
    expect((await server.call('GET', '/v1/proxy/careful/userinfo?x=1')).status).toBe(200)

    const { headers } = (await server.call('GET', '/v1/connections/careful/credentials?url=/userinfo')).body
    const sent: Record<string, unknown> = JSON.parse(JSON.stringify(headers))
    expect(sent['authorization']).toMatch(/^DPoP /)
    const { header, claims } = decode(String(sent['dpop']))
    expect(header).toMatchObject({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256' } })
    expect(Object.keys(Object(header['jwk'])).toSorted()).toEqual(['crv', 'kty', 'x', 'y'])
    expect(claims).toMatchObject({ htm: 'GET', htu: `${sandbox.url}/oauth2/userinfo` })
    // Without the proof the token is no use.
    const stolen = await fetch(`${sandbox.url}/oauth2/userinfo`, {
      headers: { authorization: String(sent['authorization']) },
    })
    expect(stolen.status).not.toBe(200)
  })

  test('a provider that refuses the pushed request ends the attempt before anybody leaves', async () => {
    const at = await grantProvider(() => ({ status: 400, body: { error: 'invalid_request', error_description: 'no' } }))
    await serviceOf(server, 'unpushed', at.origin, {
      clientId: 'id',
      clientSecret: 'planted-secret-of-the-client',
      authorizationUrl: `${at.origin}/authorize`,
      pushedAuthorizationRequestUrl: `${at.origin}/par`,
      tokenUrl: `${at.origin}/token`,
    })
    await connectionOf(server, 'unpushed')
    const begun = await server.call('POST', '/v1/connections/unpushed/authorize', {})
    const left = await fetch(`${String(begun.body['authorizationUrl'])}/start`, { method: 'POST', redirect: 'manual' })
    expect(left.status).toBe(502)
    expect(await left.text()).not.toContain('planted')
    expect(at.asked[0]?.form).toMatchObject({ response_type: 'code', client_secret: 'planted-secret-of-the-client' })
    const attempt = await server.call('GET', `/v1/connections/unpushed/attempts/${String(begun.body['attempt'])}`)
    expect(attempt.body).toMatchObject({ state: 'failed', diagnosis: { code: 'invalid_request' } })
  })
})

test('RFC 8707 the resource is named to the provider, which gives a token for it', async () => {
  const { clientId, clientSecret } = { clientId: 'sandbox-machine', clientSecret: 'sandbox-machine-secret' }
  const resource = ['https://api.example.com/one']
  await serviceOf(
    server,
    'resource',
    `${sandbox.url}/api/oauth2`,
    { ...machineAuth(), clientId, clientSecret, resource },
    scopes,
  )
  const made = await connectionOf(server, 'resource', undefined, { scopes: ['read'] })
  expect(made.body).toMatchObject({ status: 'active' })
  const { headers } = (await server.call('GET', '/v1/connections/resource/credentials')).body
  const token = String(JSON.parse(JSON.stringify(headers)).authorization).replace('Bearer ', '')
  const seen = await fetch(`${sandbox.url}/oauth2/introspect`, {
    method: 'POST',
    body: new URLSearchParams({ token, client_id: clientId, client_secret: clientSecret }),
  })
  expect(await seen.json()).toMatchObject({ active: true, aud: resource[0] })
})
