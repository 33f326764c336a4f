import { routes } from '@mooring/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asksOf, entries, findEntry, templateOf } from '../src/catalogue/entry.ts'
import { readEntries, serviceFiles } from '../src/catalogue/file.ts'
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

describe('R-001 an entry', () => {
  test.each([
    'github',
    'salesforce',
    'twilio',
    'openai',
    'aws-s3',
    'minio',
    'trello',
    'zoho-books',
    'bamboohr',
    'marketo',
  ])('%s becomes a ready service with what it asks for, and its preview has nothing against it', async (id) => {
    const entry = findEntry(id)
    if (entry === undefined) throw new Error(`there is no ${id}`)
    const made = await server.call('POST', '/v1/services', { from: id, auth: brought(asksOf(entry)) })
    expect(made.status, made.text).toBe(201)
    const { auth, scopes = [] } = templateOf(entry)
    // Where a provider refuses PKCE, that it goes without is told (S-2).
    const told = auth['pkce'] === false ? [expect.objectContaining({ path: 'auth.pkce' })] : []
    expect(made.body).toMatchObject({
      stage: 'ready',
      origin: 'catalogue',
      catalogueId: id,
      name: entry.name,
      auth: { type: auth.type },
      logoUrl: entry.logo === undefined ? null : `${server.mooring.publicUrl}/v1/catalogue/${id}/logo`,
      warnings: told,
    })
    expect(made.text).not.toMatch(/sample-clientSecret|sample-consumer/)
    expect((made.body['scopes'] as unknown[]).length).toBe(scopes.length)
    const definition = { service: made.body['linkName'], definition: {} }
    const shown = await server.call('POST', '/v1/services/preview', definition)
    expect(shown.body).toMatchObject({ errors: [], warnings: told, hints: [] })
    expect((shown.body['requests'] as unknown[]).length).toBeGreaterThan(0)
  })

  test('names each thing it lacks', async () => {
    expect(wrongIn(await server.call('POST', '/v1/services', { from: 'github' }))).toEqual([
      'auth.clientId required',
      'auth.clientSecret required',
    ])
    expect(wrongIn(await server.call('POST', '/v1/services', { from: 'aws-s3' }))).toEqual(['auth.region required'])
  })

  test('puts a client id where calls need it, and keeps the secret out of there', async () => {
    const auth = { clientId: 'our-client', clientSecret: 'our-secret' }
    const { body } = await server.call('POST', '/v1/services', { from: 'twitch', auth })
    expect(body['headers']).toEqual({ 'Client-Id': 'our-client' })
    const hidden = [...entries().values()].filter((entry) => {
      // A declared exchange names it for the moment of sending; what is stored keeps the name.
      const { secondExchange: _, refreshExchange: _too, ...rest } = entry.service.auth
      const texts = JSON.stringify({ ...entry.service, auth: rest })
      return asksOf(entry).some(({ field, secret }) => secret && texts.includes(`{${field}}`))
    })
    expect(hidden.map(({ id }) => id)).toEqual([])
    const facebook = await server.call('POST', '/v1/services', { from: 'facebook', auth })
    expect(facebook.text).toContain('"client_secret":"{clientSecret}"')
    expect(facebook.text).not.toContain('our-secret')
  })

  test('is found under an id that it had before, and so is its logo on services that were made then', async () => {
    const made = await server.call('POST', '/v1/services', {
      from: 'github_token',
      linkName: 'made_before',
    })
    expect(made.body).toMatchObject({ catalogueId: 'github-pat', logoUrl: expect.stringMatching(/github-pat\/logo$/) })
    expect((await server.call('GET', '/v1/catalogue/zoho_crm')).body).toMatchObject({ id: 'zoho-crm' })
  })

  test('that lacks something is not offered', async () => {
    const lacking = serviceFiles()
      .flatMap(readEntries)
      .find(({ lacks }) => lacks !== undefined)
    const { body } = await server.call('GET', '/v1/catalogue?summary=true')
    const ids = routes.listCatalogue.reply.parse(body).items.map(({ id }) => id)
    expect(ids).not.toContain(lacking?.id)
    expect((await server.call('GET', `/v1/catalogue/${lacking?.id}`)).status).toBe(404)
    expect(wrongIn(await server.call('POST', '/v1/services', { from: lacking?.id }))).toEqual(['from invalid_value'])
  })
})

describe('the catalogue', () => {
  const list = async (query: string): Promise<string[]> => {
    const { body } = await server.call('GET', `/v1/catalogue${query}`)
    return routes.listCatalogue.reply.parse(body).items.map(({ id }) => id)
  }

  test('is a list of all, what most look for first and what nobody has confirmed last', async () => {
    const all = await list('?summary=true')
    expect(all.length).toBe(entries().size)
    expect(all.slice(0, 3)).toEqual(['google-drive', 'gmail', 'google-calendar'])
    const verified = all.map((id) => findEntry(id)?.verified)
    expect(verified.indexOf(false)).toBeGreaterThan(500)
    expect(verified.lastIndexOf(true)).toBeLessThan(verified.indexOf(false))
  })

  test('is searched by text, the best answer first', async () => {
    expect(await list('?query=GITHUB')).toEqual(['github', 'github-pat', 'github-enterprise-server'])
    // A name that is the text, names that begin with it, a word that does, and what has it elsewhere.
    expect((await list('?query=box')).slice(0, 2)).toEqual(['box', 'box-ccg'])
    expect(await list('?query=box')).toContain('dropbox')
    expect((await list('?query=drive')).at(0)).toBe('google-drive')
    expect((await list('?query=google+crm')).length).toBe(0)
    expect(await list('?query=project+jira')).toContain('jira')
    expect(await list('?query=no+such+service')).toEqual([])
  })

  test('is narrowed by category and authentication type, and tells how many stand in each', async () => {
    expect((await list('?authType=aws')).every((id) => findEntry(id)?.service.auth.type === 'aws')).toBe(true)
    expect((await list('?category=crm&authType=oauth2')).slice(0, 3)).toEqual(['salesforce', 'hubspot', 'zoho-crm'])
    expect(await list('?category=none')).toEqual([])
    const { body } = await server.call('GET', '/v1/catalogue/categories')
    const { items } = routes.listCatalogueCategories.reply.parse(body)
    expect(items.find(({ name }) => name === 'crm')?.count).toBe((await list('?category=crm')).length)
  })

  test('comes in pages where a limit is given, each entry once', async () => {
    const seen: string[] = []
    for (let cursor: string | null = '0'; cursor !== null;) {
      const { body } = await server.call('GET', `/v1/catalogue?category=google&limit=10&cursor=${cursor}`)
      const page = routes.listCatalogue.reply.parse(body)
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    }
    expect(seen).toEqual(await list('?category=google'))
    expect(seen.length).toBeGreaterThan(30)
    expect(wrongIn(await server.call('GET', '/v1/catalogue?cursor=x'))).toEqual(['cursor invalid_value'])
    expect(wrongIn(await server.call('GET', '/v1/catalogue?limit=101'))).toEqual(['limit too_large'])
  })

  test('leaves out of a summary what a list does not show', async () => {
    const whole = await server.call('GET', '/v1/catalogue?query=github')
    const brief = await server.call('GET', '/v1/catalogue?query=github&summary=true')
    const [entry] = routes.listCatalogue.reply.parse(whole.body).items
    const [item] = routes.listCatalogue.reply.parse(brief.body).items
    expect(entry?.guide?.need.length).toBeGreaterThan(0)
    expect(item).toMatchObject({ id: 'github', verified: true, redirects: true })
    for (const part of ['guide', 'scopes', 'asks', 'placeholders']) expect(item).not.toHaveProperty(part)
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
    for (const part of ['service', 'sources', 'lacks']) expect(body).not.toHaveProperty(part)
    expect((await server.call('GET', '/v1/catalogue/stripe')).body).toMatchObject({
      redirects: false,
      asks: [],
      placeholders: [],
    })
    expect((await server.call('GET', '/v1/catalogue/lichess')).body).toMatchObject({
      asks: [{ field: 'clientId', required: true }],
    })
    expect((await server.call('GET', '/v1/catalogue/zoho-books')).body['placeholders']).toContainEqual(
      expect.objectContaining({
        name: 'dc',
        default: 'zoho.com',
        options: expect.arrayContaining([{ value: 'zoho.eu', label: 'Europe' }]),
      }),
    )
    expect((await server.call('GET', '/v1/catalogue/nobody')).status).toBe(404)
  })

  test('S-55 a logo is a picture without a script, for those who may read', async () => {
    const { status, headers, text } = await server.call('GET', '/v1/catalogue/github/logo')
    expect(status).toBe(200)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': expect.stringContaining('image/svg+xml'),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=86400',
    })
    expect(text).toMatch(/^<svg xmlns="[^"]+" viewBox="0 0 24 24" fill="#[0-9A-F]{6}"><path d="[^"<>]+"\/><\/svg>$/)
    expect((await server.call('GET', '/v1/catalogue/slack/logo')).status).toBe(404)
    expect((await fetch(`${server.url}/v1/catalogue/github/logo`)).status).toBe(401)
  })
})

describe('placeholders of a service', () => {
  test('with a default need no value, and one that breaks its pattern is refused', async () => {
    const auth = { clientId: 'a', clientSecret: 'b' }
    await server.call('POST', '/v1/services', { from: 'zoho-books', auth, linkName: 'books' })
    const made = await server.call('POST', '/v1/connections', { name: 'Books', service: 'books' })
    expect(made.body['parameters'], made.text).toEqual({ dc: 'zoho.com' })
    const europe = { name: 'Europe', service: 'books', parameters: { dc: 'zoho.eu' } }
    expect((await server.call('POST', '/v1/connections', europe)).body['parameters']).toEqual(europe.parameters)
    const wrong = { name: 'Wrong', service: 'books', parameters: { dc: 'evil.example' } }
    expect(wrongIn(await server.call('POST', '/v1/connections', wrong))).toEqual(['parameters.dc invalid_format'])
    const back = await server.call('PATCH', '/v1/connections/europe', { parameters: { dc: '' } })
    expect(back.body['parameters'], back.text).toEqual({ dc: 'zoho.com' })
  })

  test('may not hold an option or a default that its own pattern refuses', async () => {
    const placeholder = { name: 'region', label: 'Region', pattern: 'eu|us' }
    const wrong = {
      ...placeholder,
      options: [
        { value: 'eu', label: 'Europe' },
        { value: 'x', label: 'X' },
      ],
      default: 'y',
    }
    const answer = await server.call('POST', '/v1/services', { name: 'Regions', placeholders: [wrong] })
    expect(wrongIn(answer)).toEqual([
      'placeholders.0.default invalid_format',
      'placeholders.0.options.1.value invalid_format',
    ])
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
    const region = { from: 'aws-s3', auth: { region: 'x.evil.example/' } }
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
