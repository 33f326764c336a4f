/** The list of connections: seeing how they are, finding one, acting on it. */
import { demo } from '@mooring/sandbox'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { makeService, popupOf, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page

beforeAll(async () => {
  // Long enough that nothing is renewed meanwhile: each event loads the list anew.
  world = await startWorld({ accessTokenLifeSeconds: 3600 })
  page = await setUp(world, await world.context())
  const { connections } = world.client
  await connections.create({ name: 'Ledger', service: 'sandbox_basic', credentials: { ...demo.basic } })
  await connections.create({ name: 'Old store', service: 'sandbox_aws', credentials: { ...demo.aws.longLived } })
  await connections.revoke('old_store')
  await makeService(world, { linkName: 'fleet', name: 'Fleet tracker' })
  await connections.create({ name: 'Boats', service: 'fleet' })
  await page.goto(`${world.url}/connections`)
})
afterAll(async () => world.close())

const row = (name: string): Locator => page.getByRole('row').filter({ hasText: name })
const tile = (name: string): Locator => page.getByRole('navigation', { name: 'By status' }).getByRole('link', { name })
const opacity = async (element: Locator): Promise<string> => element.evaluate((one) => getComputedStyle(one).opacity)
const isFocused = async (element: Locator): Promise<boolean> =>
  element.evaluate((one) => one === document.activeElement)

test('tiles count each kind, show only that, and stand in the address', async () => {
  await row('Boats').waitFor()
  expect(await page.getByRole('row').nth(1).textContent()).toContain('Boats')
  await tile('Needs attention 1').click()
  await row('Ledger').waitFor({ state: 'detached' })
  expect(new URL(page.url()).searchParams.get('show')).toBe('attention')
  await expect.poll(async () => tile('Needs attention').getAttribute('aria-current')).toBe('page')
  expect(await tile('All').getAttribute('aria-current')).toBeNull()
  await tile('Revoked 1').click()
  await row('Old store').waitFor()
  await expect.poll(async () => page.getByRole('row').count()).toBe(2)
  await page.reload()
  await row('Old store').waitFor()
  await expect.poll(async () => page.getByRole('row').count()).toBe(2)
  await tile('All 3').click()
  await row('Ledger').waitFor()
})

test('a slash leads to the search, which finds names, link names and services', async () => {
  await page.keyboard.press('/')
  await page.keyboard.type('fleet')
  await row('Ledger').waitFor({ state: 'detached' })
  await row('Boats').waitFor()
  await expect.poll(() => new URL(page.url()).searchParams.get('query')).toBe('fleet')
  await page.getByRole('searchbox').fill('acme')
  const add = page.getByRole('link', { name: 'Add “acme”' })
  await add.waitFor()
  expect(await add.getAttribute('href')).toBe('/connections/new?query=acme')
  await checksAccessible(page, 'nothing matches')
  await page.getByRole('button', { name: 'Clear search' }).click()
  await row('Ledger').waitFor()
  await expect.poll(async () => page.getByRole('searchbox').inputValue()).toBe('')
})

test('actions wait for the pointer or the keyboard, and each row is a few tab stops', async () => {
  const revoke = row('Ledger').getByRole('button', { name: 'Revoke', exact: true })
  const more = row('Ledger').getByRole('button', { name: 'More actions for Ledger' })
  await page.mouse.move(0, 0)
  await expect.poll(async () => opacity(revoke)).toBe('0')
  await row('Ledger').hover()
  await expect.poll(async () => opacity(revoke)).toBe('1')
  await page.mouse.move(0, 0)
  await row('Ledger').getByRole('link', { name: 'Ledger', exact: true }).focus()
  await page.keyboard.press('Tab')
  expect(await isFocused(revoke)).toBe(true)
  await expect.poll(async () => opacity(revoke)).toBe('1')
  await page.keyboard.press('Tab')
  await expect.poll(async () => isFocused(more)).toBe(true)
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Open' }).waitFor()
  await checksAccessible(page, 'the menu of a row')
  await page.keyboard.press('Escape')
  await expect.poll(async () => isFocused(more)).toBe(true)
})

test('the menu copies the link name, tests, and switches off and on', async () => {
  const choose = async (item: string): Promise<void> => {
    await row('Ledger').getByRole('button', { name: 'More actions for Ledger' }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  await choose('Copy link name')
  await expect.poll(async () => page.evaluate(async () => navigator.clipboard.readText())).toBe('ledger')
  await choose('Test')
  await page.getByText('Ledger works').waitFor()
  await choose('Disable')
  await row('Ledger').getByText('Disabled').waitFor()
  await choose('Enable')
  await row('Ledger').getByText('Active').waitFor()
})

test('connecting from its row says which scopes the provider did not grant', async () => {
  const popup = await popupOf(page, async () =>
    row('Boats').getByRole('button', { name: 'Connect', exact: true }).click(),
  )
  await row('Boats').getByText('Waiting for sign-in').waitFor()
  await popup.getByRole('button', { name: /^First/ }).click()
  await popup.getByRole('checkbox', { name: 'write' }).uncheck()
  await popup.getByRole('button', { name: 'Accept' }).click()
  const panel = page.getByRole('region', { name: 'Connected' })
  await panel.getByText('Connected without 1 of the scopes you asked for').waitFor()
  await panel.getByText('− write').waitFor()
  await row('Boats').getByText('Missing scopes').waitFor()
  await checksAccessible(page, 'fewer scopes than asked for')
  await panel.getByRole('button', { name: /^Close/ }).click()
  await panel.waitFor({ state: 'detached' })
})

test('what was loaded stays when the server does not answer, below a bar with Retry', async () => {
  // Not watched: a browser calls a lost request an error.
  const context = await world.context()
  await context.addCookies(await page.context().cookies())
  const other = await context.newPage()
  await other.clock.install()
  await other.goto(`${world.url}/connections`)
  await other.getByRole('row').filter({ hasText: 'Ledger' }).waitFor()
  const ofList = /\/v1\/connections\?/
  let asked = 0
  other.on('request', (request) => (asked += ofList.test(request.url()) ? 1 : 0))
  await other.route(ofList, async (route) => route.abort())
  await other.getByRole('link', { name: 'Custom services' }).click()
  await other.getByRole('heading', { name: 'Custom services', level: 1 }).waitFor()
  // What was loaded is old by then.
  await other.clock.fastForward(6000)
  await other.getByRole('link', { name: 'Connections', exact: true }).click()
  const retry = other.getByRole('main').getByRole('button', { name: 'Retry' })
  await retry.waitFor()
  expect(await other.getByRole('row').count()).toBe(4)
  // The rest of the server answers: nothing is asked for over and over.
  expect(asked).toBe(3)
  expect(await other.getByText('The server does not answer').count()).toBe(1)
  await other.unroute(ofList)
  await retry.click()
  await retry.waitFor({ state: 'detached' })
  await context.close()
})

test('whoever may only look is offered nothing to do', async () => {
  const { url } = await world.client.invitations.create({ role: 'viewer' })
  const viewer = await world.page(await world.context())
  await viewer.goto(url)
  await viewer.getByLabel('Name').fill('Vera Viewer')
  await viewer.getByLabel('E-mail address').fill('vera@example.com')
  await viewer.getByLabel('Password', { exact: true }).fill(world.needles.plant("the viewer's password"))
  await viewer.getByRole('main').getByRole('button').last().click()
  await viewer.getByRole('row').filter({ hasText: 'Ledger' }).waitFor()
  expect(await viewer.getByRole('link', { name: 'Add Connection' }).count()).toBe(0)
  expect(await viewer.getByRole('table').getByRole('button').count()).toBe(0)
  await viewer.goto(`${world.url}/connections/new`)
  await viewer.getByText('You may look at connections, not add them').waitFor()
  await checksAccessible(viewer, 'a viewer where connections are added')
  await checksClean(world, page)
  await checksClean(world, viewer)
})
