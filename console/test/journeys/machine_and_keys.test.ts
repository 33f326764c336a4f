/** J7, and the connecting of J4 and J5: nobody signs in anywhere; a token is fetched, or values are asked for. */
import { demo } from '@mooring/sandbox'
import type { Service } from '@mooring/sdk'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { checksStatus, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page
let windows = 0

beforeAll(async () => {
  // Long enough that nothing is renewed meanwhile: each token request is the one that was asked for.
  world = await startWorld({ accessTokenLifeSeconds: 3600 })
  page = await setUp(world, await world.context())
  page.on('popup', () => (windows += 1))
})
afterAll(async () => world.close())

/** A service like one of the provider's own, with what is different about it. */
async function serviceLike(kind: string, name: string, auth: object, more: object = {}): Promise<Service> {
  const like = world.provider.services.find(({ linkName }) => linkName === `sandbox_${kind}`)?.service
  if (like === undefined) throw new Error(`the provider offers no ${kind}`)
  return world.client.services.create({
    ...like,
    name,
    linkName: name.toLowerCase().replaceAll(' ', '_'),
    auth: { ...like.auth, ...auth },
    ...more,
  })
}

async function createAndConnect({ linkName }: Service): Promise<void> {
  await page.goto(`${world.url}/connections/new/${linkName}`)
  await page.getByRole('button', { name: 'Create and Connect' }).click()
}

/** Of the Connection Summary. */
async function provesConnected(name: string): Promise<void> {
  await page.getByRole('heading', { name, level: 1 }).waitFor()
  await checksStatus(page, 'Active')
}

async function send(dialog: Locator): Promise<void> {
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
}

test.each(['form', 'header'])(
  'a machine is connected at once, without a window, with its secret in the %s',
  async (clientAuthentication) => {
    world.provider.control.reset()
    const name = `Machine by ${clientAuthentication}`
    await createAndConnect(await serviceLike('machine', name, { clientAuthentication }))
    await provesConnected(name)
    expect(windows).toBe(0)
    const [token] = world.provider.control.log().filter(({ endpoint }) => endpoint === 'token')
    expect(token).toMatchObject({ clientAuthentication, grantType: 'client_credentials', status: 200 })
  },
)

test('a machine whose secret is wrong is told so, with the steps, and stays not connected', async () => {
  const clientSecret = world.needles.plant('a wrong client secret')
  await createAndConnect(await serviceLike('machine', 'Machine refused', { clientSecret }))
  await page.getByText('Machine refused did not accept the Client ID or Client Secret').waitFor()
  await checksStatus(page, 'Not connected')
  await page.getByText('Technical details').click()
  await page.getByText('invalid_client', { exact: true }).waitFor()
  await checksAccessible(page, 'the client was refused')
})

test('keys for signing are asked for by name; a wrong one is refused by the API, the right ones are accepted', async () => {
  await createAndConnect(await serviceLike('aws', 'Object store', {}))
  const dialog = page.getByRole('dialog', { name: 'Connect Object store' })
  await dialog.getByLabel('Access Key ID').fill(demo.aws.longLived.accessKeyId)
  await dialog.getByLabel('Secret Access Key').fill(world.needles.plant('a wrong secret key'))
  await send(dialog)
  await dialog.getByText('Object store said no').first().waitFor()
  await dialog.getByLabel('Secret Access Key').fill(demo.aws.longLived.secretAccessKey)
  await send(dialog)
  await provesConnected('Object store')
})

const places = [
  { location: 'query', key: 'api_key', probe: { method: 'GET', path: '/me' } },
  { location: 'header', key: 'X-Api-Key', probe: { method: 'GET', path: '/me' } },
  { location: 'form', key: 'api_key', probe: { method: 'POST', path: '/me' } },
] as const

test.each(places)(
  'a key in the $location is asked for by the exact label of the service, told wrong, then accepted',
  async ({ location, key, probe }) => {
    const name = `Weather by ${location}`
    const parameters = [{ name: 'Your weather key', key, location }]
    await createAndConnect(await serviceLike('api_key', name, { parameters }, { probe }))
    const dialog = page.getByRole('dialog', { name: `Connect ${name}` })
    const field = dialog.getByLabel('Your weather key', { exact: true })
    expect(await field.getAttribute('type')).toBe('password')
    expect(await field.getAttribute('autocomplete')).toBe('off')
    await field.fill(world.needles.plant(`a wrong key in the ${location}`))
    await send(dialog)
    await dialog.getByText(`${name} said no to this Your weather key`).waitFor()
    await checksStatus(page, 'Not connected')
    if (location === 'header') await checksAccessible(page, 'a key was refused')
    await field.fill(`  ${demo.apiKey} `)
    await field.blur()
    await dialog.getByText('Spaces around the value were removed.').waitFor()
    await send(dialog)
    await provesConnected(name)
  },
)

test('a name and a password: an empty one is told at its field, a wrong one by the API, the right ones connect', async () => {
  const parameters = [
    { name: 'Ledger user', key: 'username' },
    { name: 'Ledger password', key: 'password' },
  ]
  await createAndConnect(await serviceLike('basic', 'Ledger', { parameters }))
  const dialog = page.getByRole('dialog', { name: 'Connect Ledger' })
  await send(dialog)
  await dialog.getByRole('alert').getByText('Fill in Ledger user.').waitFor()
  await checksAccessible(page, 'a value is missing')
  await dialog.getByLabel('Ledger user').fill(demo.basic.username)
  await dialog.getByLabel('Ledger password').fill(world.needles.plant('a wrong password'))
  await send(dialog)
  await dialog.getByText('Ledger said no to Ledger user and Ledger password').waitFor()
  await dialog.getByLabel('Ledger password').fill(demo.basic.password)
  await send(dialog)
  await provesConnected('Ledger')
})

test('a token without a test is saved, and called not tested', async () => {
  await createAndConnect(await serviceLike('bearer', 'Pilot boat', { parameterName: 'Pilot token' }, { probe: null }))
  const dialog = page.getByRole('dialog', { name: 'Connect Pilot boat' })
  await dialog.getByLabel('Pilot token', { exact: true }).fill(demo.bearer)
  await dialog.getByRole('button', { name: 'Show' }).click()
  expect(await dialog.getByLabel('Pilot token', { exact: true }).getAttribute('type')).toBe('text')
  await send(dialog)
  await page.getByRole('heading', { name: 'Pilot boat', level: 1 }).waitFor()
  await checksStatus(page, 'Saved, not tested')
  await page.goto(`${world.url}/connections`)
  const row = page.getByRole('row', { name: /Pilot boat/ })
  expect(await row.textContent()).toContain('Saved, not tested')
  expect(windows).toBe(0)
  await checksClean(world, page)
})
