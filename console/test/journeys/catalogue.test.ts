/** The ready-made services: finding one among hundreds, and what each says of itself. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksAccessible, checksClean, checksSoon } from '../checks.ts'
import { setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page

const cards = () => page.locator('a[data-offer]')
const search = () => page.getByRole('searchbox', { name: 'Search services' })
const find = async (text: string): Promise<void> => {
  await search().fill(text)
  await checksSoon(() => new URL(page.url()).searchParams.get('query') ?? '').toBe(text)
  await checksSoon(() => page.locator('[aria-busy=true]').count()).toBe(0)
}

beforeAll(async () => {
  world = await startWorld()
  page = await setUp(world, await world.context())
  page.setDefaultTimeout(20_000)
})
afterAll(async () => world.close())

test('hundreds are offered, of which those far from the screen are not drawn; what nobody confirmed comes last', async () => {
  await page.goto(`${world.url}/connections/new`)
  const made = page.getByRole('region', { name: 'Ready-made, with your own app or key' })
  await made.waitFor()
  const { items } = await world.client.catalogue.list({ summary: 'true' })
  expect(items.length).toBeGreaterThan(500)
  const count = Number(/\d+$/.exec((await made.getByRole('heading', { level: 2 }).textContent()) ?? '')?.[0])
  expect(count).toBeGreaterThan(400)
  expect(await cards().count()).toBeLessThan(count / 2)
  const sections = await page
    .getByRole('main')
    .getByRole('region')
    .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')))
  expect(sections.at(-1)).toBe('Ready-made, not verified')
  await checksAccessible(page, 'all default services')
})

test('the ways into one service stand on one card, each with a link of its own', async () => {
  await find('github')
  await checksSoon(() => cards().first().textContent()).toBe('GitHub')
  const ways = page.getByRole('list', { name: 'Ways into GitHub', exact: true })
  await ways.getByRole('link', { name: 'Personal access token' }).waitFor()
  await page.getByText('2 ways to authenticate').first().waitFor()
  await checksAccessible(page, 'a card with several ways')
  await ways.getByRole('link', { name: 'Personal access token' }).click()
  await page.getByText('GitHub (personal access token)').first().waitFor()
  await page.getByText('Other ways to authenticate').waitFor()
  await page.getByRole('link', { name: 'OAuth2' }).click()
  await page.getByRole('heading', { name: 'Create the app' }).waitFor()
})

test('category and type narrow the list and stand in the address; filters that leave nothing can be cleared', async () => {
  await page.goto(`${world.url}/connections/new`)
  const [largest] = (await world.client.catalogue.categories()).items
  if (largest === undefined) throw new Error('there are no categories')
  await page.getByLabel('Category').selectOption(largest.name)
  await checksSoon(() => new URL(page.url()).searchParams.get('category')).toBe(largest.name)
  await checksSoon(() => page.locator('[aria-busy=true]').count()).toBe(0)
  await checksSoon(() => page.getByRole('region', { name: 'Ready to connect' }).count()).toBe(0)
  await page.getByLabel('Authentication Type').selectOption('oauth1')
  await page.getByText('No default service is of this kind').waitFor()
  await checksAccessible(page, 'filters without a match')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await cards().nth(10).waitFor()
  expect([...new URL(page.url()).searchParams.keys()]).toEqual([])
})

test('works by keyboard alone: type, go down, open; Enter opens the first', async () => {
  await search().focus()
  await find('stripe')
  await checksSoon(() => cards().first().textContent()).toContain('Stripe')
  await page.keyboard.press('ArrowDown')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(await cards().first().textContent())
  await page.keyboard.press('ArrowUp')
  expect(await search().evaluate((box) => box === document.activeElement)).toBe(true)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Connection Details', level: 1 }).waitFor()
  await page.getByText('Stripe').first().waitFor()
})

test('a data centre is chosen from those there are, another one can be written, and its form is told', async () => {
  await page.goto(`${world.url}/connections/new/zoho-crm?from=catalogue`)
  const choice = page.getByLabel('Data centre domain', { exact: true })
  expect(await choice.inputValue()).toBe('zoho.com')
  await choice.selectOption({ label: 'Europe (zoho.eu)' })
  await checksAccessible(page, 'a ready-made service with choices')
  await choice.selectOption({ label: 'Another one …' })
  const written = page.getByLabel('Data centre domain, another one')
  await written.fill('elsewhere.example')
  await page.getByRole('button', { name: 'Create and Connect' }).click()
  await page.getByRole('alert').getByText('This does not have the expected form, such as zoho.com.').waitFor()
  await checksAccessible(page, 'a choice that is none')
  for (const heading of ['What you need', 'Create the app', 'Copy the values'])
    await page.getByRole('heading', { name: heading }).waitFor()
})

test('what nobody confirmed says so, and everything fits a narrow screen', async () => {
  const { items } = await world.client.catalogue.list({ summary: 'true' })
  const doubtful = items.find(({ verified }) => !verified)
  if (doubtful === undefined) throw new Error('every entry is verified')
  await page.setViewportSize({ width: 320, height: 700 })
  await page.goto(`${world.url}/connections/new/${doubtful.id}?from=catalogue`)
  await page.getByText(/is not verified$/).waitFor()
  await checksAccessible(page, 'an entry that is not verified')
  await page.goto(`${world.url}/connections/new?query=github`)
  await page.getByRole('list', { name: 'Ways into GitHub', exact: true }).waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  await checksAccessible(page, 'cards on a narrow screen')
  await checksClean(world, page)
})
