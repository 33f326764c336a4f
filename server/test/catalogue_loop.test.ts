/**
 * Each ready-made service goes the whole way (authorize, call, renew, revoke) against a stand-in of its provider, which
 * reads the entry's file for itself and takes nothing but what stands there: names, delimiters, client authentication,
 * places of credentials, constant headers, hosts.
 */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBrowser } from '@mooring/sandbox/testing'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { asksOf, type Entry, entries, findEntry } from '../src/catalogue/entry.ts'
import { serviceFrom } from '../src/catalogue/catalogue.ts'
import { type Answer, ownerKey, startServer, type TestServer } from './harness.ts'
import { type Facts, filled, type Provider } from './stand_in/facts.ts'
import { basicProvider, bearerProvider, type Keyed, keyProvider, signedProvider } from './stand_in/keys.ts'
import { sessionProvider, signedTokenProvider } from './stand_in/made.ts'
import { oauth1Provider } from './stand_in/oauth1.ts'
import { oauth2Provider } from './stand_in/oauth2.ts'
import { checkPath, type StandIn, startStandIn } from './stand_in/server.ts'

let server: TestServer
let standIn: StandIn
let dir: string
beforeAll(async () => {
  standIn = await startStandIn()
  // In memory where there is such a place: a thousand services and connections are written.
  dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mooring-loop-'))
  const limits = { MOORING_REQUESTS_PER_KEY: '0', MOORING_REQUESTS_PER_ADDRESS: '0' }
  server = await startServer({ dir, egress: standIn.egress, environment: { MOORING_LOG_LEVEL: 'warn', ...limits } })
})
afterAll(async () => {
  await server.stop()
  await standIn.close()
  rmSync(dir, { recursive: true, force: true })
})

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ecPair = {
  privateKey: ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  publicKey: ec.publicKey,
}

const Rules = z.array(z.object({ from: z.string(), name: z.string(), to: z.string(), pattern: z.string() }))

/** What providers tell, by the placeholder that it is for; the first that the pattern takes. */
const tellings: Record<string, string[]> = {
  instanceUrl: ['https://acme.my.salesforce.com'],
  realmId: ['9341453474484455'],
  domainPrefix: ['mystore'],
  apiHost: ['api.pcloud.com'],
  host: ['www.wrike.com'],
  endpoint: ['acme.na.deputy.com'],
  storeId: ['1003'],
  apiBase: ['https://us-12345.api.gong.io'],
  apiDomain: ['https://acme.pipedrive.com', 'https://www.zohoapis.eu'],
}

/** Without what the provider tells. */
function askedOf({ parameters, service }: Facts): Record<string, string> {
  return Object.fromEntries((service.placeholders ?? []).map(({ name }) => [name, parameters[name] ?? '']))
}

function factsOf(entry: Entry): Facts {
  const { id, service, renews } = entry
  const samples: Record<string, string> = {
    region: 'eu-west-1',
    ...(String(service.auth['signatureMethod']).startsWith('RSA') ? { consumerSecret: rsa.privateKey } : {}),
  }
  const brought = Object.fromEntries(asksOf(entry).map(({ field }) => [field, samples[field] ?? `${field}/of+${id}`]))
  const learned = Rules.parse(service.auth['learn'] ?? []).map((rule) => ({
    ...rule,
    value: tellings[rule.to]?.find((one) => new RegExp(rule.pattern).test(one)) ?? '',
  }))
  const asked = Object.fromEntries(
    (service.placeholders ?? []).map((one) => [one.name, one.default ?? one.example ?? 'x']),
  )
  const parameters = { ...asked, ...Object.fromEntries(learned.map(({ to, value }) => [to, value])) }
  const values = { ...parameters, ...brought }
  return {
    id,
    service,
    auth: service.auth,
    brought,
    parameters,
    learned,
    baseUrl: new URL(filled(service.baseUrl, values)),
    headers: Object.fromEntries(
      Object.entries(service.headers ?? {}).map(([name, value]) => [name, filled(value, values)]),
    ),
    renews: renews !== false,
  }
}

const kinds: Record<string, (facts: Facts) => Provider | Keyed> = {
  api_key: keyProvider,
  basic: basicProvider,
  bearer: bearerProvider,
  aws: signedProvider,
  session: sessionProvider,
  jwt: (facts) => signedTokenProvider(facts, ecPair),
  oauth1: (facts) => oauth1Provider(facts, rsa.publicKey),
  oauth2: oauth2Provider,
}

/** One step, refused by nobody. */
async function step<A extends Pick<Answer, 'status' | 'text'>>(
  what: string,
  asked: Promise<A>,
  status: number,
): Promise<A> {
  const answer = await asked
  expect(standIn.refused(), what).toEqual([])
  expect([what, answer.status], answer.text).toEqual([what, status])
  return answer
}

/** The person's part: to the provider and back. */
async function signIn(begun: Answer, provider: Provider): Promise<void> {
  const browser = createBrowser()
  const start = new URL(String(begun.body['authorizationUrl']))
  const left = await browser.visit(`${server.url}${start.pathname}/start`, { method: 'POST' })
  expect(standIn.refused(), 'leave').toEqual([])
  const away = new URL(left.headers.get('location') ?? '', server.url)
  const back = provider.signIn?.(away)
  if (back === undefined) throw new Error('this provider signs nobody in')
  const page = await browser.visit(`${server.url}${back.pathname}${back.search}`)
  expect(standIn.refused(), 'come back').toEqual([])
  expect(page.status, await page.text()).toBe(200)
}

/** The whole way, as the definition of the service says; how it ended. Throws where the provider refuses a step. */
async function goThrough(
  facts: Facts,
  made: Provider | Keyed,
  from: object = { from: facts.id, auth: facts.brought },
): Promise<Record<string, unknown>> {
  const provider = 'provider' in made ? made.provider : made
  standIn.become(facts, provider)
  const linkName = facts.id.replaceAll('-', '_').slice(0, 40)
  const whole = { name: linkName, linkName, service: { ...from, linkName }, parameters: askedOf(facts) }
  await step('define and create', server.call('POST', '/v1/connections', whole), 201)
  const path = `/v1/connections/${linkName}`
  const given = 'provider' in made ? { credentials: made.credentials } : {}
  const begun = await step('authorize', server.call('POST', `${path}/authorize`, given), 200)
  const redirects = begun.body['kind'] === 'redirect'
  if (redirects) await signIn(begun, provider)
  const connection = redirects ? (await step('look', server.call('GET', path), 200)).body : begun.body['connection']
  // What was brought signs in again; an app asks again; what a person granted is renewed where there is a token for it.
  const renews = facts.auth['type'] === 'session' || (facts.auth['type'] === 'oauth2' && (facts.renews || !redirects))
  expect(connection).toMatchObject({ status: 'active', autoRefresh: renews })
  await step('call', call(linkName, facts), 200)
  if (renews) {
    await step('renew', server.call('POST', `${path}/refresh`), 200)
    await step('call again', call(linkName, facts), 200)
  }
  expect(standIn.calls()).toBeGreaterThan(0)
  return (await step('revoke', server.call('POST', `${path}/revoke`, {}), 200)).body
}

/** With no header but the key: what the service adds is its own. A key in a form needs a call that carries one. */
async function call(name: string, { auth }: Facts): Promise<Pick<Answer, 'status' | 'text'>> {
  const inForm = JSON.stringify(auth).includes('"location":"form"')
  const { statusCode, body } = await request(`${server.url}/v1/proxy/${name}${checkPath}`, {
    method: inForm ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${ownerKey}`,
      ...(inForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
  })
  return { status: statusCode, text: await body.text() }
}

function kindOf(facts: Facts): Provider | Keyed {
  const make = kinds[String(facts.auth['type'])]
  if (make === undefined) throw new Error(`no provider speaks ${String(facts.auth['type'])}`)
  return make(facts)
}

describe('R-001 the whole way', () => {
  test.each([...entries().values()].map((entry) => [entry.id, entry] as const))('%s', async (_, entry) => {
    const facts = factsOf(entry)
    expect(await goThrough(facts, kindOf(facts))).toMatchObject({
      status: 'revoked',
      providerRevocation: typeof facts.auth['revokeTokenUrl'] === 'string' ? 'done' : 'not_configured',
    })
  })
})

/** What each would do wrong, and what the stand-in says to it. */
const mistakes: [what: string, id: string, change: (service: Whole) => Whole, says: RegExp][] = [
  [
    'another delimiter',
    'zoho-books',
    (service) => ({ ...service, scopeDelimiter: 'space' }),
    /the authorization request/,
  ],
  [
    'another client authentication',
    'notion',
    (service) => withAuth(service, { clientAuthentication: 'form' }),
    /Authorization is/,
  ],
  ['standard names', 'tiktok', (service) => withAuth(service, { parameterNames: {} }), /client_key=/],
  ['a missing parameter', 'withings', (service) => withAuth(service, { tokenParams: {} }), /the exchange/],
  ['a parameter too many', 'asana', (service) => withAuth(service, { tokenParams: { more: '1' } }), /more=1/],
  ['another format', 'notion', (service) => withAuth(service, { tokenRequestFormat: 'form' }), /the type is/],
  ['no challenge', 'asana', (service) => withAuth(service, { pkce: false }), /code_challenge/],
  ['a challenge', 'acuity-scheduling', (service) => withAuth(service, { pkce: true }), /code_challenge/],
  ['no constant header', 'notion', (service) => ({ ...service, headers: {} }), /Notion-Version/],
  [
    'another header for the token',
    'shopify',
    (service) => withAuth(service, { header: null }),
    /X-Shopify-Access-Token/,
  ],
  ['another prefix', 'zoho-books', (service) => withAuth(service, { header: null }), /Zoho-oauthtoken/],
  [
    'another host',
    'sendgrid',
    (service) => ({ ...service, hosts: [], baseUrl: 'https://api.evil.example' }),
    /the host is/,
  ],
  [
    'another place for a key',
    'abstract-api',
    (service) => withKey(service, { location: 'header' }),
    /the query api_key/,
  ],
  ['another password', 'bamboohr', (service) => withKey(service, { fixed: 'y' }, 1), /Basic is/],
  ['another service to sign for', 'aws-ses', (service) => withAuth(service, { service: 'email' }), /signed for/],
  [
    'another region to sign for',
    'cloudflare-r2',
    (service) => withAuth(service, { signingRegion: 'us-east-1' }),
    /signed for/,
  ],
  [
    'another method to sign with',
    'trello',
    (service) => withAuth(service, { signatureMethod: 'HMAC-SHA256' }),
    /signed with/,
  ],
]

type Whole = NonNullable<ReturnType<typeof serviceFrom>>['input']

function withAuth(service: Whole, change: object): Whole {
  return { ...service, auth: { type: '', ...service.auth, ...change } }
}

function withKey(service: Whole, change: object, at = 0): Whole {
  const parameters = service.auth?.['parameters']
  const list: unknown[] = Array.isArray(parameters) ? parameters : []
  return withAuth(service, {
    parameters: list.map((each, index) => (index === at ? Object.assign({}, each, change) : each)),
  })
}

describe('the stand-in', () => {
  test.each(mistakes)('refuses %s (%s)', async (_, id, change, says) => {
    const entry = findEntry(id)
    if (entry === undefined) throw new Error(`there is no ${id}`)
    const facts = factsOf(entry)
    const made = serviceFrom({ from: id, auth: facts.brought })
    if (made === undefined) throw new Error(`nothing is made of ${id}`)
    const wrong = { ...facts, id: `wrong-${mistakes.findIndex((each) => each[2] === change)}` }
    const refused = await goThrough(wrong, kindOf(wrong), change(made.input)).then(
      () => 'nothing',
      // What was refused stands in the comparison, not in the message.
      (error: unknown) =>
        `${String(error)} ${error instanceof Error && 'actual' in error ? JSON.stringify(error.actual) : ''}`,
    )
    expect(refused).toMatch(says)
  })
})
