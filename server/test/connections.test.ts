import type { Sandbox } from '@mooring/sandbox'
import { createBrowser } from '@mooring/sandbox/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from './harness.ts'
import { connect, consent, sandboxFor } from './sandbox.ts'

let server: TestServer
let sandbox: Sandbox
beforeAll(async () => {
  server = await startServer()
  sandbox = await sandboxFor(server)
})
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

/** Where a flow stopped. */
function urlOf(end: Response | URL): string {
  if (end instanceof URL) return end.href
  throw new Error(`the flow ended with ${end.status}`)
}

describe('every authentication type, against an API that checks it', () => {
  test.each([
    'sandbox_oauth2',
    'sandbox_pkce',
    'sandbox_machine',
    'sandbox_api_key',
    'sandbox_basic',
    'sandbox_bearer',
    'sandbox_oauth1',
    'sandbox_aws',
  ])('%s connects, calls through the proxy and through invoke, and tests', async (service) => {
    const name = `all_${service}`
    const credentials = sandbox.services.find((one) => one.linkName === service)?.credentials
    const connection = await connect(
      server,
      service,
      name,
      credentials === null || credentials === undefined ? {} : { credentials },
    )
    expect(connection.body).toMatchObject({ status: 'active', linkName: name })
    const proxied = await server.call('GET', `/v1/proxy/${name}/hello?a=1&b=%20x`)
    expect(proxied.body).toMatchObject({ ok: true, method: 'GET' })
    expect(proxied.headers.get('mooring-error')).toBeNull()
    const posted = await server.call('POST', `/v1/connections/${name}/invoke`, {
      url: 'things?x=1',
      method: 'POST',
      body: { a: 'b' },
    })
    expect(posted.body).toMatchObject({
      status: 200,
      bodyFormat: 'json',
      attempts: 1,
      body: { ok: true, method: 'POST' },
    })
    expect((await server.call('POST', `/v1/connections/${name}/test`)).body).toMatchObject({ ok: true, status: 200 })
    const activity = await server.call('GET', `/v1/connections/${name}/activity`)
    const types = (activity.body['items'] as { type: string }[]).map((item) => item.type)
    expect(types).toEqual(
      expect.arrayContaining([
        'connection.created',
        'connection.authorized',
        'connection.invoked',
        'connection.tested',
      ]),
    )
  })
})

describe('authorizing with a person', () => {
  test('R-215 S-9 the page names service, host and scopes; consent makes the connection active', async () => {
    await server.call('POST', '/v1/connections', {
      name: 'Person',
      linkName: 'person',
      service: 'sandbox_oauth2',
      scopes: ['read'],
    })
    const begun = await server.call('POST', '/v1/connections/person/authorize')
    expect(begun.body).toMatchObject({ kind: 'redirect' })
    const page = await (await fetch(String(begun.body['authorizationUrl']))).text()
    expect(page).toContain('Sandbox OAuth 2')
    expect(page).toContain(new URL(sandbox.url).host)
    expect(page).toContain('Read')
    const end = await consent(begun)
    expect(end.status).toBe(200)
    const attempt = await server.call('GET', `/v1/connections/person/attempts/${String(begun.body['attempt'])}`)
    expect(attempt.body).toMatchObject({ state: 'succeeded', diagnosis: null })
    expect((await server.call('GET', '/v1/connections/person')).body).toMatchObject({
      status: 'active',
      scopes: ['read'],
      grantedScopes: ['read'],
      autoRefresh: true,
      reauthorizationNeeded: false,
    })
  })

  test('S-8 a callback that another browser brings ends the attempt before any token request', async () => {
    await server.call('POST', '/v1/connections', {
      name: 'Forwarded',
      linkName: 'forwarded',
      service: 'sandbox_oauth2',
    })
    const begun = await server.call('POST', '/v1/connections/forwarded/authorize')
    const tokens = sandbox.control.counts().token
    const callback = await createBrowser().follow(
      `${String(begun.body['authorizationUrl'])}/start`,
      `${server.mooring.publicUrl}/oauth/callback/`,
      { method: 'POST' },
    )
    expect(callback).toBeInstanceOf(URL)
    const other = await fetch(urlOf(callback))
    expect(other.status).toBe(400)
    expect(
      (await server.call('GET', `/v1/connections/forwarded/attempts/${String(begun.body['attempt'])}`)).body,
    ).toMatchObject({ state: 'failed' })
    expect(sandbox.control.counts().token).toBe(tokens)
    expect((await server.call('GET', '/v1/connections/forwarded')).body).toMatchObject({ status: 'created' })
  })

  test('S-8 a second browser cannot take over a link that a first one has started', async () => {
    await server.call('POST', '/v1/connections', { name: 'Taken', linkName: 'taken', service: 'sandbox_oauth2' })
    const begun = await server.call('POST', '/v1/connections/taken/authorize')
    const start = `${String(begun.body['authorizationUrl'])}/start`
    expect((await createBrowser().visit(start, { method: 'POST' })).status).toBe(303)
    expect((await createBrowser().visit(start, { method: 'POST' })).status).toBe(403)
  })

  test('S-3 a state is used once', async () => {
    await server.call('POST', '/v1/connections', { name: 'Replay', linkName: 'replay', service: 'sandbox_oauth2' })
    const begun = await server.call('POST', '/v1/connections/replay/authorize')
    const browser = createBrowser()
    const callback = await browser.follow(
      `${String(begun.body['authorizationUrl'])}/start`,
      `${server.mooring.publicUrl}/oauth/callback/`,
      { method: 'POST' },
    )
    expect((await browser.visit(urlOf(callback))).status).toBe(200)
    expect((await browser.visit(urlOf(callback))).status).toBe(400)
  })

  test('a person who says no gets told so, and nothing changes', async () => {
    await server.call('POST', '/v1/connections', { name: 'No', linkName: 'no', service: 'sandbox_oauth2' })
    const begun = await server.call('POST', '/v1/connections/no/authorize')
    const browser = createBrowser()
    const started = await browser.visit(`${String(begun.body['authorizationUrl'])}/start`, { method: 'POST' })
    const end = await browser.follow(`${String(started.headers.get('location'))}&sandbox_auto=cancel`, 'nowhere:')
    expect(end instanceof Response ? [end.status, await end.text()] : end).toEqual([
      400,
      expect.stringContaining('You pressed Cancel at Sandbox OAuth 2'),
    ])
    expect(
      (await server.call('GET', `/v1/connections/no/attempts/${String(begun.body['attempt'])}`)).body,
    ).toMatchObject({
      state: 'failed',
      diagnosis: { code: 'access_denied' },
    })
    expect((await server.call('GET', '/v1/connections/no')).body).toMatchObject({ status: 'created', lastError: null })
  })

  test('S-14 returnTo stays with us unless its origin is listed', async () => {
    await server.call('POST', '/v1/connections', { name: 'Back', linkName: 'back', service: 'sandbox_oauth2' })
    expect(
      (await server.call('POST', '/v1/connections/back/authorize', { returnTo: 'https://evil.example/' })).body,
    ).toMatchObject({ code: 'validation_failed' })
    const begun = await server.call('POST', '/v1/connections/back/authorize', { returnTo: '/done?x=1' })
    const end = await createBrowser().follow(
      `${String(begun.body['authorizationUrl'])}/start`,
      `${server.mooring.publicUrl}/done`,
      { method: 'POST' },
    )
    expect(urlOf(end)).toBe(`${server.mooring.publicUrl}/done?x=1&connection=back&status=succeeded`)
  })
})

describe('creating', () => {
  test('R-232 a draft takes no connections', async () => {
    await server.call('POST', '/v1/services', { name: 'Unready' })
    expect((await server.call('POST', '/v1/connections', { name: 'X', service: 'unready' })).body).toMatchObject({
      code: 'service_not_ready',
    })
  })

  test('R-218 a connection and its service are stored together or not at all', async () => {
    const service = {
      name: 'Together',
      auth: { type: 'bearer' },
      baseUrl: `${sandbox.url}/api/bearer`,
      probe: { path: '/me' },
    }
    const wrong = await server.call('POST', '/v1/connections', {
      name: 'Both',
      service,
      credentials: { token: 'wrong' },
    })
    expect([wrong.status, wrong.body['code']]).toEqual([422, 'credentials_rejected'])
    expect((await server.call('GET', '/v1/services/together')).status).toBe(404)
    const right = await server.call('POST', '/v1/connections', {
      name: 'Both',
      service,
      credentials: { token: 'sandbox-bearer-token' },
    })
    expect(right.body).toMatchObject({
      status: 'active',
      linkName: 'both',
      service: { linkName: 'together', authType: 'bearer' },
    })
    const field = await server.call('POST', '/v1/connections', {
      name: '.',
      service: { ...service, name: '!', auth: { type: 'nope' } },
    })
    expect((field.body['errors'] as { path: string }[]).map((error) => error.path)).toEqual(
      expect.arrayContaining(['name', 'service.name', 'service.auth.type']),
    )
    const taken = await server.call('POST', '/v1/connections', {
      name: 'Third',
      service: { ...service, linkName: 'together' },
    })
    expect(taken.body).toMatchObject({ code: 'link_name_taken', errors: [{ path: 'service.linkName' }] })
  })

  test('R-178 scopes are a subset of the service’s', async () => {
    expect(
      (await server.call('POST', '/v1/connections', { name: 'S', service: 'sandbox_oauth2', scopes: ['read', 'fly'] }))
        .body,
    ).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'scopes.1', code: 'unknown_scope' }],
    })
  })

  test('S-52 a per-user connection serves each user with their own authorization only', async () => {
    await server.call('POST', '/v1/connections', {
      name: 'Each',
      linkName: 'each',
      service: 'sandbox_bearer',
      authorizationLevel: 'per_user',
    })
    const credentials = { token: 'sandbox-bearer-token' }
    expect((await server.call('POST', '/v1/connections/each/authorize', { credentials })).body).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'user' }],
    })
    expect(
      (await server.call('POST', '/v1/connections/each/authorize', { credentials, user: 'u1' })).body,
    ).toMatchObject({ kind: 'done' })
    expect((await server.call('GET', '/v1/proxy/each/me', undefined, { 'mooring-user': 'u1' })).status).toBe(200)
    expect((await server.call('GET', '/v1/proxy/each/me', undefined, { 'mooring-user': 'u2' })).body).toMatchObject({
      code: 'user_not_authorized',
      status: 409,
    })
    expect((await server.call('GET', '/v1/proxy/each/me')).body).toMatchObject({ code: 'validation_failed' })
    expect((await server.call('GET', '/v1/connections/each/authorizations')).body).toMatchObject({
      items: [{ user: 'u1', status: 'active' }],
    })
  })
})

describe('revoking and disabling', () => {
  test('R-217 the provider is told, calls are refused at once, and authorizing again brings it back', async () => {
    await connect(server, 'sandbox_oauth2', 'going')
    const revokes = sandbox.control.counts().revoke
    const revoked = await server.call('POST', '/v1/connections/going/revoke')
    expect(revoked.body).toMatchObject({
      status: 'revoked',
      providerRevocation: 'done',
      expiresAt: null,
      autoRefresh: false,
    })
    expect(sandbox.control.counts().revoke).toBe(revokes + 1)
    const refused = await server.call('GET', '/v1/proxy/going/me')
    expect([refused.status, refused.body['code'], refused.headers.get('mooring-error')]).toEqual([
      409,
      'connection_not_active',
      'connection_not_active',
    ])
    const id = revoked.body['id']
    await consent(await server.call('POST', '/v1/connections/going/authorize'))
    expect((await server.call('GET', '/v1/connections/going')).body).toMatchObject({ id, status: 'active' })
    expect((await server.call('GET', '/v1/proxy/going/me')).status).toBe(200)
  })

  test('a disabled connection refuses calls until it is enabled', async () => {
    await connect(server, 'sandbox_machine', 'switch')
    expect((await server.call('PATCH', '/v1/connections/switch', { enabled: false })).body).toMatchObject({
      status: 'disabled',
      enabled: false,
    })
    expect((await server.call('GET', '/v1/proxy/switch/me')).body).toMatchObject({ code: 'connection_not_active' })
    expect((await server.call('PATCH', '/v1/connections/switch', { enabled: true })).body).toMatchObject({
      status: 'active',
    })
    expect((await server.call('GET', '/v1/proxy/switch/me')).status).toBe(200)
  })

  test('a service in use is deleted by force only', async () => {
    await server.call('POST', '/v1/services', {
      name: 'Used',
      stage: 'ready',
      auth: { type: 'bearer' },
      hosts: ['api.example.com'],
    })
    await server.call('POST', '/v1/connections', { name: 'User of it', service: 'used' })
    expect((await server.call('DELETE', '/v1/services/used')).body).toMatchObject({ code: 'service_in_use' })
    expect((await server.call('DELETE', '/v1/services/used?force=true')).status).toBe(204)
    expect((await server.call('GET', '/v1/connections/user_of_it')).status).toBe(404)
  })

  test('R-239 scopes are frozen by the first connection, and can still be added', async () => {
    await server.call('POST', '/v1/services', { ...sandbox.services[0]?.service, linkName: 'frozen_scopes' })
    await server.call('POST', '/v1/connections', { name: 'Freezes', service: 'frozen_scopes', scopes: ['read'] })
    const scopes = (await server.call('GET', '/v1/services/frozen_scopes/scopes')).body['items'] as { id: string }[]
    expect((await server.call('DELETE', `/v1/services/frozen_scopes/scopes/${scopes[0]?.id}`)).body).toMatchObject({
      code: 'scopes_in_use',
    })
    expect((await server.call('POST', '/v1/services/frozen_scopes/scopes', { value: 'more' })).status).toBe(201)
  })
})
