import { demo, type Sandbox } from '@mooring/sandbox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, startServer, type TestServer } from './harness.ts'
import { connect, sandboxFor } from './sandbox.ts'
import { withinASecond } from './within_a_second.ts'

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

const replace = async (service: string, clientSecret: string): Promise<Answer> =>
  server.call('PUT', `/v1/services/${service}/secrets`, { clientSecret })

describe('a client secret that is replaced while connections are in use', () => {
  test.each([
    ['with a person', 'sandbox_oauth2', demo.oauth2.confidential.clientSecret],
    ['of a machine', 'sandbox_machine', demo.oauth2.machine.clientSecret],
  ])('is used from the next renewal on, %s', async (_, service, right) => {
    const name = `rotated_${service}`
    await connect(server, service, name)
    const call = async (): Promise<number> => (await server.call('GET', `/v1/proxy/${name}/me`)).status
    const refresh = async (): Promise<Answer> => server.call('POST', `/v1/connections/${name}/refresh`)
    expect(await call()).toBe(200)

    await replace(service, 'no-longer-right')
    const refused = await refresh()
    expect([refused.status, refused.body['code']]).toEqual([502, 'provider_error'])
    // The definition is wrong, not the grant: what still works goes on.
    expect((await server.call('GET', `/v1/connections/${name}`)).body).toMatchObject({
      status: 'active',
      lastError: { code: 'invalid_client' },
    })
    expect(await call()).toBe(200)

    expect((await replace(service, right)).status).toBe(200)
    const before = Date.parse(String((await server.call('GET', `/v1/connections/${name}`)).body['lastRefreshedAt']))
    const renewed = await refresh()
    expect(renewed.body).toMatchObject({ status: 'active', lastError: null })
    expect(Date.parse(String(renewed.body['lastRefreshedAt']))).not.toBe(before)
    expect(await call()).toBe(200)
    // A call whose token the API no longer takes renews with the new secret, too.
    sandbox.control.expireAccessTokens()
    expect(await call()).toBe(200)
  })
})

describe('two processes on one database', () => {
  test('what one of them revokes, disables or renews is in force in the other within a second', async () => {
    await connect(server, 'sandbox_oauth2', 'both')
    const other = await startServer({ dir: server.dir })
    try {
      const there = async (): Promise<unknown> => {
        const { status, body } = await other.call('GET', '/v1/proxy/both/me')
        return body['code'] ?? status
      }
      const token = async (of: TestServer): Promise<unknown> =>
        (await of.call('GET', '/v1/connections/both/credentials?url=x')).body['headers']
      expect(await there()).toBe(200)
      const before = await token(other)
      await server.call('POST', '/v1/connections/both/refresh')
      expect(await token(server)).not.toEqual(before)
      await withinASecond(async () => token(other), await token(server))
      expect(await there()).toBe(200)
      await server.call('PATCH', '/v1/connections/both', { enabled: false })
      await withinASecond(there, 'connection_not_active')
      await server.call('PATCH', '/v1/connections/both', { enabled: true })
      await withinASecond(there, 200)
      await server.call('PATCH', '/v1/services/sandbox_oauth2', { baseUrl: `${sandbox.url}/api/bearer` })
      await withinASecond(there, 401)
      await server.call('POST', '/v1/connections/both/revoke')
      await withinASecond(there, 'connection_not_active')
    } finally {
      await other.stop()
    }
  })
})
