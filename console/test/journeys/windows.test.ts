/** J6: the sign-in window, whatever the provider and the browser do with it. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { agree, checksStatus, popupOf, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page

beforeAll(async () => {
  // Long enough that nothing is renewed meanwhile: what the provider is told to refuse is what is asked for here.
  world = await startWorld({ accessTokenLifeSeconds: 3600 })
  page = await setUp(world, await world.context())
  const definition = world.provider.services.find(({ linkName }) => linkName === 'sandbox_pkce')?.service
  if (definition === undefined) throw new Error('the provider offers no PKCE')
  await world.client.services.create({ ...definition, name: 'Tide tables', linkName: 'tide_tables' })
})
beforeEach(() => world.provider.control.reset())
afterAll(async () => world.close())

/** Fills the details in, and stops before the button. */
async function name(on: Page, connection: string): Promise<void> {
  await on.goto(`${world.url}/connections/new/tide_tables`)
  await on.getByLabel('Connection Name').fill(connection)
  await on.getByRole('checkbox', { name: 'Read' }).check()
}

const create = (on: Page) => async () => on.getByRole('button', { name: 'Create and Connect' }).click()

test('a provider whose window looks closed is waited for all the same, and proves its PKCE challenge', async () => {
  world.provider.control.openerPolicy('same-origin')
  await name(page, 'Tides')
  const popup = await popupOf(page, create(page))
  await popup.getByRole('button', { name: /First/ }).waitFor()
  expect(await popup.evaluate(() => window.opener === null)).toBe(true)
  // Long enough for a console that believed `closed` to have given up.
  await page.waitForTimeout(5000)
  await page.getByRole('main').getByText('Finish signing in in the other window').waitFor()
  expect(await page.getByRole('main').textContent()).not.toMatch(/closed/i)
  await agree(popup)
  await page.getByRole('heading', { name: 'Tides', level: 1 }).waitFor()
  await checksStatus(page, 'Active')
  const [asked] = world.provider.control.log().filter(({ endpoint }) => endpoint === 'authorize')
  expect(asked?.codeChallengeMethod).toBe('S256')
})

test('a blocked window is said, and the sign-in goes on in this tab and comes back to the summary', async () => {
  const careful = await world.page(page.context())
  // As browsers answer that let no window open.
  await careful.addInitScript(() => {
    window.open = () => null
  })
  await name(careful, 'Tides in this tab')
  await create(careful)()
  await careful.getByText('Your browser blocked the sign-in window').waitFor()
  await checksAccessible(careful, 'the window was blocked')
  await careful.getByRole('button', { name: 'Continue in this tab' }).click()
  await careful.waitForURL((url) => url.href.startsWith(world.provider.url))
  await agree(careful)
  await careful.getByRole('heading', { name: 'Tides in this tab', level: 1 }).waitFor()
  await checksStatus(careful, 'Active')
  await careful.close()
})

test('on a phone the sign-in takes the tab at once', async () => {
  const phone = await world.context({ width: 390, height: 844, phone: true })
  await phone.addCookies(await page.context().cookies())
  const small = await world.page(phone)
  await name(small, 'Tides on a phone')
  await create(small)()
  await small.waitForURL((url) => url.href.startsWith(world.provider.url))
  await agree(small)
  await small.getByRole('heading', { name: 'Tides on a phone', level: 1 }).waitFor()
  await checksStatus(small, 'Active')
  await phone.close()
})

test('cancelling at the provider is told in plain words, and connecting again works', async () => {
  await name(page, 'Tides refused')
  const popup = await popupOf(page, create(page))
  await popup.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('You pressed Cancel at Tide tables').waitFor()
  await page.getByText('It was created and stays, but it is not connected yet.').waitFor()
  await checksStatus(page, 'Not connected')
  await page.getByText('Technical details').click()
  await page.getByText('access_denied', { exact: true }).waitFor()
  await checksAccessible(page, 'cancelled at the provider')
  await popup.close()
  const again = await popupOf(page, async () =>
    page.getByRole('region', { name: 'Not connected' }).getByRole('button', { name: 'Connect again' }).click(),
  )
  await agree(again)
  await page.getByRole('heading', { name: 'Tides refused', level: 1 }).waitFor()
  await checksStatus(page, 'Active')
})

test('Cancel in the console ends the attempt, closes the window and gives the focus back', async () => {
  await page.goto(`${world.url}/connections`)
  await world.client.connections.create({ name: 'Tides later', service: 'tide_tables' })
  const row = page.getByRole('row', { name: /Tides later/ })
  const connect = row.getByRole('button', { name: 'Connect', exact: true })
  const popup = await popupOf(page, async () => connect.click())
  await page.getByText('Finish signing in in the other window').waitFor()
  await popup.waitForURL((url) => url.href.startsWith(world.provider.url))
  const closed = popup.waitForEvent('close')
  await page.getByRole('region', { name: 'Signing in' }).getByRole('button', { name: 'Cancel' }).click()
  await closed
  await page.getByText('Finish signing in in the other window').waitFor({ state: 'detached' })
  await expect.poll(async () => connect.evaluate((button) => button === document.activeElement)).toBe(true)
  const { items } = await world.client.connections.attempts('tides_later')
  expect(items[0]?.state).toBe('failed')
  await expect.poll(async () => row.textContent()).toContain('Not connected')
})

test('another account than before is asked about before it replaces the first', async () => {
  world.provider.control.failToken({ kind: 'invalid_grant' })
  await world.client.connections.refresh('tides').catch(() => undefined)
  await page.goto(`${world.url}/connections?show=attention`)
  const row = page.getByRole('row', { name: /^Tides tides/ })
  const popup = await popupOf(page, async () => row.getByRole('button', { name: 'Reconnect' }).click())
  const other = popup.getByRole('button', { name: 'Use another account' })
  const second = popup.getByRole('button', { name: /^Second/ })
  await other.or(second).first().waitFor()
  if (await other.isVisible()) await other.click()
  await agree(popup, /^Second/)
  const dialog = page.getByRole('alertdialog')
  await dialog.getByText('You signed in as second@sandbox.example, before it was first@sandbox.example.').waitFor()
  await checksAccessible(page, 'another account')
  await dialog.getByRole('button', { name: 'Replace' }).click()
  // First the dialog: while it is open no role of the page behind it can be found.
  await dialog.waitFor({ state: 'detached' })
  await row.waitFor({ state: 'detached' })
  expect((await world.client.connections.get('tides')).account).toBe('second@sandbox.example')
  await checksClean(world, page)
})
