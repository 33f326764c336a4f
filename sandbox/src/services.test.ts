import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from './index.ts'
import type { Sandbox } from './index.ts'

describe('the ready-made services', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = await startSandbox()
  })
  afterAll(() => sandbox.close())

  test('are one for each way to authenticate, all at this sandbox', () => {
    expect(sandbox.services.map(({ linkName }) => linkName)).toEqual([
      'sandbox_oauth2',
      'sandbox_pkce',
      'sandbox_machine',
      'sandbox_api_key',
      'sandbox_basic',
      'sandbox_bearer',
      'sandbox_oauth1',
      'sandbox_aws',
      'sandbox_digest',
      'sandbox_hmac',
      'sandbox_jwt',
      'sandbox_session',
    ])
    for (const { linkName, service } of sandbox.services) {
      expect(service).toMatchObject({ linkName, stage: 'ready', probe: { method: 'GET', path: '/me' } })
      expect(service.name.length).toBeLessThanOrEqual(50)
      expect(service.baseUrl.startsWith(`${sandbox.url}/api/`)).toBe(true)
    }
  })

  test('name base URLs that ask for a credential', async () => {
    for (const { service } of sandbox.services) {
      expect((await fetch(service.baseUrl + service.probe.path)).status).toBe(401)
    }
  })

  test('bring credentials under the keys of their parameters', () => {
    const keysOf = (linkName: string) => {
      const found = sandbox.services.find((service) => service.linkName === linkName)
      return found?.credentials && Object.keys(found.credentials)
    }
    expect(keysOf('sandbox_api_key')).toEqual(['X-Api-Key'])
    expect(keysOf('sandbox_basic')).toEqual(['username', 'password'])
    expect(keysOf('sandbox_bearer')).toEqual(['token'])
    expect(keysOf('sandbox_aws')).toEqual(['accessKeyId', 'secretAccessKey'])
    expect(keysOf('sandbox_oauth2')).toBeNull()
  })

  test('are listed on the home page, which loads nothing and runs nothing', async () => {
    const response = await fetch(sandbox.url)
    const page = await response.text()
    for (const { linkName } of sandbox.services) expect(page).toContain(linkName)
    expect(page).not.toMatch(/<script|src=|@import|url\(/)
    expect(response.headers.get('content-security-policy')).not.toContain('script')
  })
})
