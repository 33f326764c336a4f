/** J1: a default service, connected by signing in at the provider. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { agree, checksStatus, popupOf, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await startWorld()
  page = await setUp(world, await world.context())
})
afterAll(async () => world.close())

test('an empty list says what connections are, and leads to Pick Your Service', async () => {
  await page.getByText('No connections yet. Connect an app once, use it everywhere.').waitFor()
  await checksAccessible(page, 'no connections')
  await page.getByRole('main').getByRole('link', { name: 'Add Connection' }).first().click()
  await page.getByRole('heading', { name: 'Pick Your Service', level: 1 }).waitFor()
  await expect
    .poll(async () => page.getByRole('searchbox').evaluate((box) => box === document.activeElement))
    .toBe(true)
  await checksAccessible(page, 'pick a service')
})

test('searching narrows the cards and stands in the address; what nobody offers can be made', async () => {
  await page.keyboard.type('acme')
  const own = page.getByRole('link', { name: 'Connect “acme” yourself' })
  await own.waitFor()
  await expect.poll(() => new URL(page.url()).searchParams.get('query')).toBe('acme')
  expect(await own.getAttribute('href')).toBe('/services/new?name=acme')
  await checksAccessible(page, 'no service matches')
  await page.getByRole('searchbox').fill('git')
  await page.getByRole('link', { name: 'GitHub', exact: true }).waitFor()
  await expect.poll(async () => page.getByRole('link', { name: 'Dropbox' }).count()).toBe(0)
  await page.getByRole('searchbox').fill('oauth 2')
  await page.getByRole('link', { name: 'Sandbox OAuth 2', exact: true }).click()
  await page.getByRole('heading', { name: 'Connection Details', level: 1 }).waitFor()
})

test('the link name fills itself from the name, and a taken one is told while typing', async () => {
  await world.client.connections.create({ name: 'Harbour office', service: 'sandbox_basic' })
  const name = page.getByLabel('Connection Name')
  const linkName = page.getByLabel('Connection Link Name')
  expect(await name.inputValue()).toBe('Sandbox OAuth 2')
  await name.fill('Harbour CRM')
  await expect.poll(async () => linkName.inputValue()).toBe('harbour_crm')
  await page.getByText('Free', { exact: true }).waitFor()
  await linkName.fill('harbour_office')
  await page.getByText('This link name is taken. Choose another one.').waitFor()
  await page.getByRole('button', { name: 'Create and Connect' }).click()
  await page.getByRole('alert').getByText('There is a problem').waitFor()
  await checksAccessible(page, 'connection details with an error')
  await linkName.fill('harbour_crm')
  await page.getByText('Free', { exact: true }).waitFor()
})

test('Create and Connect opens the provider in a window, which closes by itself once somebody accepts', async () => {
  await page.getByRole('checkbox', { name: 'Read' }).check()
  await page.getByRole('checkbox', { name: 'Profile' }).check()
  await page.getByText('2 of 3 chosen').waitFor()
  await checksAccessible(page, 'connection details')
  const popup = await popupOf(page, async () => page.getByRole('button', { name: 'Create and Connect' }).click())
  await page.getByText('Finish signing in in the other window').waitFor()
  await popup.waitForURL((url) => url.href.startsWith(world.sandboxUrl))
  await checksAccessible(page, 'waiting for the sign-in')
  const closed = popup.waitForEvent('close')
  await agree(popup)
  await closed
  await page.getByRole('heading', { name: 'Harbour CRM', level: 1 }).waitFor()
  await checksStatus(page, 'Active')
})

test('the Connection Summary shows what was granted, and the list has the new one on top', async () => {
  await page.getByText('2 of 2 granted').waitFor()
  const { grantedScopes, nextRefreshAt } = await world.client.connections.get('harbour_crm')
  expect(grantedScopes).toEqual(['read', 'profile'])
  expect(nextRefreshAt).not.toBeNull()
  await page.getByText('Next refresh').first().waitFor()
  await page.getByRole('main').getByRole('link', { name: 'Connections' }).first().click()
  await page.getByRole('heading', { name: 'Connections', level: 1 }).waitFor()
  const first = page.getByRole('row').nth(1)
  await first.getByRole('link', { name: 'Harbour CRM' }).waitFor()
  await expect.poll(async () => first.textContent()).toContain('Active')
  await checksAccessible(page, 'the list')
  await checksClean(world, page)
})
