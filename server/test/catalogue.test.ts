import { routes } from '@mooring/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entries } from '../src/catalogue/entry.ts'
import { type Answer, startServer, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const samples: Record<string, string> = { region: 'eu-west-1' }
const brought = (asks: readonly { field: string }[]): Record<string, string> =>
  Object.fromEntries(asks.map(({ field }) => [field, samples[field] ?? `sample-${field}`]))
const wrongIn = ({ status, body, text }: Answer): string[] => {
  expect(status, text).toBe(422)
  return (body['errors'] as { path: string; code: string }[]).map(({ path, code }) => `${path} ${code}`).toSorted()
}

describe('R-001 each entry', () => {
  test.each(entries().map((entry) => [entry.id, entry] as const))(
    '%s becomes a ready service with what it asks for, and its preview has nothing against it',
    async (id, entry) => {
      const made = await server.call('POST', '/v1/services', { from: id, auth: brought(entry.asks) })
      expect(made.status, made.text).toBe(201)
      const { service } = entry
      // Where a provider refuses PKCE, that it goes without is told (S-2).
      const told = service.auth['pkce'] === false ? [expect.objectContaining({ path: 'auth.pkce' })] : []
      expect(made.body).toMatchObject({
        stage: 'ready',
        origin: 'catalogue',
        catalogueId: id,
        name: entry.name,
        auth: { type: service.auth.type },
        warnings: told,
      })
      expect(made.text).not.toMatch(/\{region\}|sample-clientSecret|sample-consumer/)
      expect((made.body['scopes'] as unknown[]).length).toBe(service.scopes?.length ?? 0)
      const shown = await server.call('POST', '/v1/services/preview', {
        service: made.body['linkName'],
        definition: {},
      })
      expect(shown.body).toMatchObject({ errors: [], warnings: told, hints: [] })
      expect((shown.body['requests'] as unknown[]).length).toBeGreaterThan(0)
    },
  )

  test.each(entries().map((entry) => [entry.id, entry] as const))(
    '%s names each thing it lacks, has a guide in four parts and scopes with names of their own',
    async (id, entry) => {
      const required = entry.asks.filter((ask) => ask.required).map(({ field }) => `auth.${field} required`)
      if (required.length > 0)
        expect(wrongIn(await server.call('POST', '/v1/services', { from: id }))).toEqual(required.toSorted())
      for (const lines of Object.values(entry.guide)) {
        expect(lines.length).toBeGreaterThan(0)
        for (const line of lines) expect(line).toMatch(/^[A-Z].{8,160}\.$/i)
      }
      const names = (entry.service.scopes ?? []).map(({ name }) => name)
      expect(names).not.toContain(undefined)
      expect(new Set(names).size).toBe(names.length)
    },
  )
})

describe('the catalogue', () => {
  test('is a list by name, searched by text, category and authentication type', async () => {
    const list = async (query: string): Promise<string[]> => {
      const { body } = await server.call('GET', `/v1/catalogue${query}`)
      return routes.listCatalogue.reply.parse(body).items.map(({ id }) => id)
    }
    const all = await list('')
    expect(all).toEqual(entries().map(({ id }) => id))
    expect(await list('?query=GITHUB')).toEqual(['github', 'github_token'])
    expect(await list('?authType=aws')).toEqual(['aws_s3'])
    expect(await list('?category=crm&authType=oauth2')).toEqual(['hubspot', 'salesforce', 'zoho_crm'])
    expect(await list('?category=none')).toEqual([])
  })

  test('an entry tells what to bring, who signs in and how to set it up, and nothing of how it is kept', async () => {
    const { body } = await server.call('GET', '/v1/catalogue/github')
    expect(body).toMatchObject({
      id: 'github',
      authType: 'oauth2',
      redirects: true,
      verified: true,
      asks: [
        { field: 'clientId', secret: false, required: true },
        { field: 'clientSecret', secret: true, required: true },
      ],
    })
    expect(Object.keys(body)).not.toContain('service')
    expect((await server.call('GET', '/v1/catalogue/stripe')).body).toMatchObject({
      redirects: false,
      asks: [],
      placeholders: [],
    })
    expect((await server.call('GET', '/v1/catalogue/salesforce')).body).toMatchObject({
      placeholders: [{ name: 'domain', label: 'My Domain', example: 'acme' }],
    })
    expect((await server.call('GET', '/v1/catalogue/nobody')).status).toBe(404)
  })
})

describe('a service from the catalogue', () => {
  const auth = { clientId: 'a', clientSecret: 'b' }

  test('takes a name, a link name, a callback and scopes of its own', async () => {
    const own = { name: 'Our GitHub', linkName: 'ours', callbackId: 'own-callback-0123456789', scopes: ['repo'] }
    const { body } = await server.call('POST', '/v1/services', { from: 'github', auth, ...own })
    expect(body).toMatchObject({ ...own, scopes: [{ value: 'repo' }], hosts: ['api.github.com'] })
  })

  test('S-35 keeps the endpoints and hosts of its entry', async () => {
    const elsewhere = { ...auth, tokenUrl: 'https://evil.example/t', type: 'bearer' }
    const answer = await server.call('POST', '/v1/services', { from: 'github', auth: elsewhere })
    expect(wrongIn(answer)).toEqual(['auth.tokenUrl unknown_field', 'auth.type unknown_field'])
    const hosts = { from: 'github', auth, hosts: ['evil.example'], baseUrl: 'https://evil.example' }
    expect(wrongIn(await server.call('POST', '/v1/services', hosts))).toEqual([
      'baseUrl unknown_field',
      'hosts unknown_field',
    ])
    const region = { from: 'aws_s3', auth: { region: 'x.evil.example/' } }
    expect(wrongIn(await server.call('POST', '/v1/services', region))).toContain('auth.region invalid_format')
  })

  test('that does not exist, or with wrong values, is told field by field', async () => {
    expect(wrongIn(await server.call('POST', '/v1/services', { from: 'nobody' }))).toEqual(['from invalid_value'])
    const wrong = { from: 'github', name: '!', auth: { clientId: 'ü' }, colour: 'red' }
    expect(wrongIn(await server.call('POST', '/v1/services', wrong))).toEqual([
      'colour unknown_field',
      'name invalid_format',
    ])
    expect(wrongIn(await server.call('POST', '/v1/services', { ...wrong, name: 'x', colour: undefined }))).toEqual([
      'auth.clientId invalid_format',
      'auth.clientSecret required',
    ])
  })

  test('R-218 comes with its connection, both or neither', async () => {
    const count = async (): Promise<number> =>
      Number((await server.call('GET', '/v1/system')).text.match(/"services":(\d+)/)?.[1])
    const before = await count()
    const refused = await server.call('POST', '/v1/connections', { name: 'Payments', service: { from: 'github' } })
    expect(wrongIn(refused)).toEqual(['service.auth.clientId required', 'service.auth.clientSecret required'])
    const half = { name: 'Payments', scopes: ['nope'], service: { from: 'stripe', linkName: 'payments_service' } }
    expect(wrongIn(await server.call('POST', '/v1/connections', half))).toEqual(['scopes.0 unknown_scope'])
    expect(await count()).toBe(before)
    const made = await server.call('POST', '/v1/connections', {
      name: 'Payments',
      service: { from: 'stripe', linkName: 'payments_service' },
    })
    expect(made.status, made.text).toBe(201)
    expect(made.body).toMatchObject({
      status: 'created',
      service: { linkName: 'payments_service', authType: 'bearer' },
    })
    expect(await count()).toBe(before + 1)
  })

  test('a copy of it is a custom one', async () => {
    await server.call('POST', '/v1/services', { from: 'openai', linkName: 'to_copy' })
    const { body } = await server.call('POST', '/v1/services/to_copy/clone')
    expect(body).toMatchObject({ origin: 'custom', stage: 'draft' })
    expect(body).not.toHaveProperty('catalogueId')
  })
})
