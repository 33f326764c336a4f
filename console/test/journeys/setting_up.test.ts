/** What has to be brought along: an app of one's own at the provider, a domain, the user who signs in; or a whole service. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { agree, checksStatus, makeService, popupOf, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await startWorld()
  page = await setUp(world, await world.context())
  await makeService(world, { linkName: 'fleet', name: 'Fleet tracker' })
})
afterAll(async () => world.close())

const create = async (): Promise<void> => page.getByRole('button', { name: 'Create and Connect' }).click()

test('the callback URL is there to copy before anything is filled in, and stays the same when the page is loaded anew', async () => {
  await page.goto(`${world.url}/connections/new/zendesk?from=catalogue`)
  const field = page.getByLabel('callback URL', { exact: true })
  const shown = await field.inputValue()
  expect(shown).toMatch(new RegExp(`^${world.url}/oauth/callback/[A-Za-z0-9_-]{32}$`))
  await page.getByRole('button', { name: 'Copy callback URL' }).click()
  await expect.poll(async () => page.evaluate(async () => navigator.clipboard.readText())).toBe(shown)
  for (const heading of ['What you need', 'Create the app', 'Copy the values', 'Common errors'])
    await page.getByRole('heading', { name: heading }).waitFor()
  await page.reload()
  expect(await field.inputValue()).toBe(shown)
})

test('what is missing is told before a window opens, and nothing is stored by halves', async () => {
  let opened = 0
  page.on('popup', () => (opened += 1))
  await create()
  const problems = page.getByRole('alert')
  await problems.getByText(/Client ID/).waitFor()
  await problems.getByText(/Zendesk subdomain/).waitFor()
  await checksAccessible(page, 'values are missing')
  expect(opened).toBe(0)
  await page.getByLabel('Client ID').fill('an-app-of-ours')
  await page.getByLabel('Client Secret').fill(world.needles.plant('the client secret'))
  // The pattern of the service allows no slash.
  await page.getByLabel('Zendesk subdomain').fill('acme/evil')
  await create()
  await problems.getByText(/does not have the expected form/).waitFor()
  expect(opened).toBe(0)
  const { items } = await world.client.services.list({ query: 'zendesk' })
  expect(items).toEqual([])
})

test('service and connection are created together, under the callback URL that was shown', async () => {
  const shown = await page.getByLabel('callback URL', { exact: true }).inputValue()
  // No provider is reached from here; how it goes on is told by other journeys.
  let leadsTo = ''
  await page.context().route(`${world.url}/connect/*`, async (route) => {
    leadsTo = (await route.fetch({ maxRedirects: 0 })).headers()['location'] ?? ''
    await route.fulfill({ body: 'Sign in' })
  })
  await page.getByLabel('Zendesk subdomain').fill('acme')
  const popup = await popupOf(page, create)
  await page.getByRole('main').getByText('Finish signing in in the other window').waitFor()
  await popup.getByText('Sign in').waitFor()
  await page.context().unroute(`${world.url}/connect/*`)
  expect(new URL(leadsTo).hostname).toBe('acme.zendesk.com')
  expect(new URL(leadsTo).searchParams.get('redirect_uri')).toBe(shown)
  await page.getByRole('region', { name: 'Signing in' }).getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('It was created and stays, but it is not connected yet.').waitFor()
  await page.getByRole('button', { name: 'Connect again' }).waitFor()
  const made = await world.client.services.get('zendesk_support')
  expect(made.callbackUrl).toBe(shown)
  expect((await world.client.connections.get('zendesk_support')).parameters).toEqual({ subdomain: 'acme' })
  await page.goto(`${world.url}/connections/new`)
  await page.getByRole('link', { name: 'Zendesk Support', exact: true }).click()
  await page.getByRole('heading', { name: 'Connection Details', level: 1 }).waitFor()
  expect(await page.getByLabel('Client Secret').count()).toBe(0)
})

test('a per-user connection names who signs in; left open, it is created only', async () => {
  await page.goto(`${world.url}/connections/new/fleet`)
  await page.getByLabel('Connection Name').fill('Boats of everybody')
  await page.getByRole('radio', { name: /^Per user/ }).check()
  await page.getByLabel('Who is it for?').fill('ada')
  await agree(await popupOf(page, create))
  await page.getByRole('heading', { name: 'Boats of everybody', level: 1 }).waitFor()
  const { items } = await world.client.connections.authorizations('boats_of_everybody')
  expect(items.map(({ user }) => user)).toEqual(['ada'])

  await page.goto(`${world.url}/connections/new/fleet`)
  await page.getByLabel('Connection Name').fill('Boats of nobody yet')
  await page.getByRole('radio', { name: /^Per user/ }).check()
  await create()
  await page.getByRole('heading', { name: 'Boats of nobody yet', level: 1 }).waitFor()
  await checksStatus(page, 'Not connected')
})

test('a draft says that it takes no connections, and leads to where it is finished', async () => {
  await world.client.services.create({ name: 'Half done', linkName: 'half_done' })
  await page.goto(`${world.url}/connections/new/half_done`)
  await page.getByText('Half done is a draft, and a draft takes no connections').waitFor()
  await checksAccessible(page, 'a draft')
  expect(await page.getByRole('link', { name: 'Finish setup' }).getAttribute('href')).toBe(
    '/services/half_done/general',
  )
})

test('a service and its connection are made in one form, and connected by the same button', async () => {
  await page.goto(`${world.url}/connections/new?tab=custom`)
  const card = page.getByRole('listitem').filter({ hasText: 'Fleet tracker' })
  await card.getByRole('link', { name: 'Create Connection' }).waitFor()
  await page
    .getByRole('listitem')
    .filter({ hasText: 'Half done' })
    .getByRole('link', { name: 'Finish setup' })
    .waitFor()
  await page.getByLabel('Service Name').fill('Harbour gate')
  await page.getByRole('radio', { name: /^Bearer Token/ }).check()
  await page.getByLabel('Base URL').fill(`${world.provider.url}/api/bearer`)
  await checksAccessible(page, 'a service and its connection in one form')
  await create()
  const dialog = page.getByRole('dialog', { name: 'Connect Harbour gate' })
  await dialog.getByLabel('Bearer Token').fill('sandbox-bearer-token')
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
  await page.getByRole('heading', { name: 'Harbour gate', level: 1 }).waitFor()
  await checksStatus(page, 'Saved, not tested')
  await checksClean(world, page)
})
