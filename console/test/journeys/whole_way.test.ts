/** The whole way in one go: a service is defined, connected, called and revoked. */
import { demo } from '@mooring/sandbox'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksClean } from '../checks.ts'
import { agree, checksStatus, popupOf, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

const { clientId, clientSecret } = demo.oauth2.confidential

let world: World
let page: Page
let key: string

const heading = (name: string): Locator => page.getByRole('heading', { level: 1, name, exact: true })
const button = (name: string): Locator => page.getByRole('button', { name, exact: true })
/** By its label; some say "optional" behind it. */
const field = (label: string): Locator =>
  page.getByLabel(label, { exact: true }).or(page.getByLabel(`${label} optional`, { exact: true }))

/** As a program does it. */
async function call(): Promise<{ status: number; code?: string }> {
  const response = await fetch(`${world.url}/v1/proxy/harbour/me`, { headers: { authorization: `Bearer ${key}` } })
  const { code } = (await response.json()) as { code?: string }
  return { status: response.status, ...(code === undefined ? {} : { code }) }
}

beforeAll(async () => {
  world = await startWorld()
  world.needles.watch('the client secret', clientSecret)
  page = await setUp(world, await world.context())
})
afterAll(() => world.close())

test('a service is defined, and is Ready', async () => {
  const { url } = world.provider
  await page.goto(`${world.url}/services/new?form=quick`)
  await field('Service Name').fill('Harbour')
  await field('Base URL').fill(`${url}/api/oauth2`)
  await page.getByRole('radio', { name: /^OAuth2/ }).click()
  await field('Client ID').fill(clientId)
  await field('Client Secret').fill(clientSecret)
  await field('Authorization URL').fill(`${url}/oauth2/authorize`)
  await field('Token URL').fill(`${url}/oauth2/token`)
  await field('Revoke Token URL').fill(`${url}/oauth2/revoke`)
  await page.locator('summary', { hasText: 'Paste many' }).click()
  await field('Scopes to add').fill('read')
  await button('Add 1 scope').click()
  await field('Scope Delimiter').selectOption({ label: 'Space' })
  await button('Create Service').click()
  await heading('Harbour').waitFor()
  expect(await page.getByTestId('stage').textContent()).toBe('Ready')
})

test('it is connected by a sign-in', async () => {
  await page.getByRole('link', { name: 'Add Connection' }).click()
  await heading('Connection Details').waitFor()
  await page.getByRole('checkbox', { name: 'read' }).check()
  await agree(await popupOf(page, () => button('Create and Connect').click()))
  await heading('Harbour').waitFor()
  await checksStatus(page, 'Active')
})

test('a program calls through it, and the page says which one', async () => {
  const made = await world.client.keys.create({ name: 'Billing job', role: 'invoke', connections: ['harbour'] })
  key = made.key
  world.needles.watch('the API key of the billing job', key)
  expect(await call()).toEqual({ status: 200 })
  // No event tells of a call: the page looks every half minute.
  await page.reload()
  // The timeline tells of the call as well.
  const users = page.locator('section', { has: page.getByRole('heading', { name: 'Used by' }) }).getByRole('listitem')
  await users.filter({ hasText: 'Billing job' }).filter({ hasText: '1 call' }).waitFor()
})

test('revoked, it is gone at the provider too, and calls are refused', async () => {
  const before = world.provider.control.counts().revoke
  await button('Revoke').click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke connection' }).click()
  await checksStatus(page, 'Revoked')
  expect(world.provider.control.counts().revoke).toBeGreaterThan(before)
  expect(await call()).toEqual({ status: 409, code: 'connection_not_active' })
  await checksClean(world, page)
})
