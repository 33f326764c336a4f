/** Data as a lively installation holds it: services in both stages, connections in every status, calls, keys, people. */
import { demo } from '@mooring/sandbox'
import { createClient, type UserRole } from '@mooring/sdk'
import type { Locator, Page } from 'playwright-core'
import type { World } from './world.ts'

/** Connects by redirect, in a tab of the browser's own. */
export async function authorize(world: World, page: Page, connection: string, user?: string): Promise<void> {
  const reply = await world.client.connections.authorize(connection, user === undefined ? {} : { user })
  if (reply.kind !== 'redirect') return
  const tab = await page.context().newPage()
  await tab.goto(reply.authorizationUrl)
  const go = tab.getByRole('button', { name: /^Continue/ })
  const person = tab.getByRole('button', { name: demo.people[0].name })
  const accept = tab.getByRole('button', { name: 'Accept' })
  const come = (...next: Locator[]): Promise<void> =>
    next
      .reduce((one, other) => one.or(other))
      .first()
      .waitFor()
  await come(go, person, accept)
  if ((await go.count()) > 0) await go.click()
  // Whoever has signed in there before is asked to accept at once.
  await come(person, accept)
  if ((await person.count()) > 0) await person.click()
  await accept.click()
  await tab.waitForURL((url) => url.href.startsWith(world.url)).catch(() => undefined)
  await world.client.connections.waitForAttempt(connection, reply.attempt, { intervalMs: 200, timeoutMs: 10_000 })
  await tab.close().catch(() => undefined)
}

export async function furnish(world: World, page: Page): Promise<void> {
  const { client, provider } = world
  const { services, connections } = client
  const oauth2 = provider.services.find(({ linkName }) => linkName === 'sandbox_oauth2')?.service
  if (oauth2 === undefined) throw new Error('the provider offers no OAuth 2')
  await services.create({
    ...oauth2,
    name: 'Harbour CRM',
    linkName: 'harbour_crm',
    description: 'Berths, boats and the people who own them.',
    stage: 'draft',
  })
  await services.create({
    name: 'Weather',
    linkName: 'weather',
    description: 'Forecasts for the coast.',
    stage: 'ready',
    auth: { type: 'api_key', parameters: [{ name: 'Your weather key', key: 'X-Api-Key', location: 'header' }] },
    baseUrl: `${provider.url}/api/api_key`,
    probe: { method: 'GET', path: '/me' },
  })
  await services.create({ name: 'Named only', description: 'Begun, and left for later.' })
  await services.create({
    name: 'Half done',
    auth: {
      type: 'oauth2',
      clientId: 'half-done',
      authorizationUrl: 'http://accounts.google.com/o/oauth2/v2/auth',
      parameterLocation: 'query',
    },
    baseUrl: 'https://www.googleapis.com/calendar/v3',
  })
  await services.create({ ...oauth2, name: 'Fleet tracker', linkName: 'fleet_tracker' })

  await services.create({
    name: 'Television',
    stage: 'ready',
    auth: {
      type: 'oauth2',
      grantType: 'device_code',
      clientId: demo.oauth2.device.clientId,
      clientAuthentication: 'none',
      deviceAuthorizationUrl: `${provider.url}/oauth2/device_authorization`,
      tokenUrl: `${provider.url}/oauth2/token`,
    },
    scopes: [{ value: 'read' }],
    scopeDelimiter: 'space',
    baseUrl: `${provider.url}/api/oauth2`,
  })

  const make = async (name: string, service: string, more: object = {}): Promise<string> =>
    (await connections.create({ name, service, ...more })).linkName
  await make('Old CRM', 'fleet_tracker', { scopes: ['read'] })
  await make('CRM production', 'sandbox_oauth2', { scopes: ['read', 'write'] })
  await make('CRM staging', 'fleet_tracker', { scopes: ['read'] })
  await make('Calendar', 'sandbox_pkce', { scopes: ['read'] })
  await make('Nightly export', 'sandbox_machine', { scopes: ['read'] })
  await make('Coast forecast', 'weather')
  await make('Object store', 'sandbox_aws', { credentials: { ...demo.aws.longLived } })
  await make('Living room', 'television', { scopes: ['read'] })
  await make('Legacy ledger', 'sandbox_basic', { credentials: { ...demo.basic } })
  await connections.authorize('coast_forecast', { credentials: { 'X-Api-Key': demo.apiKey } })
  for (const name of ['old_crm', 'crm_production', 'crm_staging']) await authorize(world, page, name)
  await make('Team inbox', 'fleet_tracker', { scopes: ['read'], authorizationLevel: 'per_user' })
  for (const user of ['ada', 'grace']) await authorize(world, page, 'team_inbox', user)
  await connections.revoke('team_inbox', { user: 'grace' })
  await connections.revoke('old_crm')
  for (let call = 0; call < 5; call++) await connections.invoke('crm_production', { url: '/me' })
  await connections.invoke('crm_production', { url: '/missing' })
  await connections.invoke('coast_forecast', { url: '/me' })
  await connections.refresh('crm_production')
  await connections.update('nightly_export', { scopes: ['read', 'write'] })
  provider.control.failToken({ kind: 'invalid_grant' })
  await connections.refresh('crm_staging').catch(() => undefined)
  await client.keys.create({ name: 'Billing job', role: 'invoke', connections: ['crm_production'] })
  await client.keys.create({ name: 'Deploy script', role: 'developer' })
  await join(world, 'Ana Archer', 'developer')
  const vic = await join(world, 'Vic Vale', 'viewer')
  await client.users.update(vic, { active: false })
  await client.invitations.create({ role: 'admin', name: 'Noor Haddad', email: 'noor@example.com' })
  await client.encryption.rotate()
}

/** Somebody accepts an invitation; their id. */
export async function join(world: World, name: string, role: UserRole): Promise<string> {
  const { url } = await world.client.invitations.create({ role })
  const token = new URL(url).hash.replace('#token=', '')
  const email = `${name.split(' ', 1)[0]?.toLowerCase()}@example.com`
  const stranger = createClient({ url: world.url })
  return (await stranger.invitations.accept({ token, name, email, password: 'a pier in the evening' })).user.id
}
