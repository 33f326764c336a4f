/** J9: a connection stays alive by itself, survives a provider that stumbles, dies for good, and is brought back in place. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { agree, makeService, popupOf, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let context: BrowserContext
let page: Page
/** Of an API key that was made before anything went wrong. */
let key: string
let id: string

const status = (word: string) => page.getByTestId('status').filter({ hasText: word }).first()
const timeline = () =>
  page.locator('section', { has: page.getByRole('heading', { name: 'Timeline' }) }).getByRole('listitem')

async function call(): Promise<{ status: number; code: string | undefined }> {
  const response = await fetch(`${world.url}/v1/proxy/harbour/me`, { headers: { authorization: `Bearer ${key}` } })
  const body = (await response.json()) as { code?: string }
  return { status: response.status, code: body.code }
}

/** The moment of the next refresh, as the page has it. */
async function nextRefresh(): Promise<string> {
  const fact = page.locator('dl > div', { has: page.getByText('Next refresh', { exact: true }) })
  return (await fact.locator('time').getAttribute('datetime')) ?? ''
}

beforeAll(async () => {
  world = await startWorld({ accessTokenLifeSeconds: 10 })
  context = await world.context()
  page = await setUp(world, context)
  await makeService(world, { linkName: 'harbour_crm', name: 'Harbour CRM' })
  const made = await world.client.connections.create({ name: 'Harbour', service: 'harbour_crm', scopes: ['read'] })
  id = made.id
})
afterAll(() => world.close())

describe('a connection', () => {
  test('says that it is not connected, and has one big button', async () => {
    await page.goto(`${world.url}/connections/harbour`)
    await page.getByRole('heading', { name: 'Harbour', level: 1 }).waitFor()
    await status('Not connected').waitFor()
    await checksAccessible(page, 'not connected')
    const popup = await popupOf(page, () => page.getByRole('button', { name: 'Connect', exact: true }).click())
    await agree(popup)
    await status('Active').waitFor()
  })

  test('is renewed by itself before its token ends, which the timeline tells', async () => {
    await timeline().filter({ hasText: 'Connected' }).waitFor()
    const before = await nextRefresh()
    await timeline()
      .filter({ hasText: /Token refreshed|refreshes, all fine/ })
      .first()
      .waitFor()
    await expect.poll(nextRefresh).not.toBe(before)
    const created = await world.client.keys.create({ name: 'Billing job', role: 'invoke', connections: ['harbour'] })
    key = created.key
    world.needles.watch('the API key of the billing job', key)
    expect(await call()).toEqual({ status: 200, code: undefined })
    await page.getByRole('heading', { name: 'Used by' }).waitFor()
    // The timeline tells of the call as well.
    const users = page.locator('section', { has: page.getByRole('heading', { name: 'Used by' }) }).getByRole('listitem')
    await users.filter({ hasText: 'Billing job' }).filter({ hasText: '1 call' }).waitFor()
    await checksAccessible(page, 'active')
  })

  test('is retried when the provider stumbles, and says when', async () => {
    world.provider.control.failToken({ kind: 'http_503', retryAfterSeconds: 1 })
    world.provider.control.failToken({ kind: 'http_503', retryAfterSeconds: 600 })
    await timeline().filter({ hasText: 'Refresh failed 2 times' }).waitFor()
    await status('Retrying').waitFor()
    await page.getByText('Harbour CRM could not renew the access').waitFor()
    await page.getByText(/^Next try in \d+ min\./).waitFor()
    await page.getByText('Technical details').click()
    await page.getByText('server_error', { exact: true }).waitFor()
    await checksAccessible(page, 'retrying')
    await page.getByRole('button', { name: 'Try now' }).click()
    await page.getByText(/^It took .* Next refresh in/).waitFor()
    await status('Active').waitFor()
    await timeline().filter({ hasText: 'Token refreshed after 2 failed tries' }).waitFor()
  })

  test('asks for a person when the provider refuses for good, wherever it is shown', async () => {
    world.provider.control.failToken({ kind: 'invalid_grant' })
    await status('Reconnect needed').waitFor()
    await page.getByText('Harbour needs to be reconnected').waitFor()
    await page.getByText('The account took back access, changed its password, or the refresh token ran out.').waitFor()
    await checksAccessible(page, 'reconnect needed')
    expect(await call()).toEqual({ status: 409, code: 'reauthorization_required' })
    await page.getByRole('link', { name: 'Connections', exact: true }).first().click()
    await page.getByRole('heading', { name: 'Connections', level: 1 }).waitFor()
    const row = page.getByRole('row').filter({ hasText: 'Harbour' })
    await row.getByText('Reconnect needed').waitFor()
    await page.getByRole('link', { name: /Needs attention\s*1/ }).click()
    await row.getByRole('link', { name: 'Harbour', exact: true }).click()
  })

  test('is reconnected in place: the same connection, the same key, one story', async () => {
    const popup = await popupOf(page, () => page.getByRole('button', { name: 'Reconnect', exact: true }).click())
    await agree(popup)
    await status('Active').waitFor()
    const { id: now, linkName } = await world.client.connections.get('harbour')
    expect([now, linkName]).toEqual([id, 'harbour'])
    expect(await call()).toEqual({ status: 200, code: undefined })
    await timeline().filter({ hasText: 'Connected' }).nth(1).waitFor()
    const lines = await timeline().allInnerTexts()
    const story = [
      /^Connected/,
      /^Reconnect needed/,
      /^Token refreshed after 2 failed tries/,
      /^Refresh failed 2 times/,
      /^(Token refreshed|\d+ refreshes)/,
      /^Connected/,
      /^Connection created/,
    ]
    let at = -1
    for (const step of story) {
      const found = lines.findIndex((line, index) => index > at && step.test(line.trim()))
      expect(found, `${step} in ${lines.join(' | ')}`).toBeGreaterThan(at)
      at = found
    }
  })

  test('has its whole activity to look through, and shows how programs call it', async () => {
    await page.getByRole('link', { name: 'Activity', exact: true }).last().click()
    await page.getByLabel('How it went').selectOption('Failed')
    await expect.poll(() => page.url()).toContain('ok=false')
    await page.getByRole('listitem').filter({ hasText: 'Reconnect needed' }).first().waitFor()
    await page.getByLabel('What happened').selectOption('Calls')
    await page.getByLabel('How it went').selectOption('Went well')
    await page
      .getByText(/GET localhost:\d+\/api\/oauth2\/me/)
      .first()
      .waitFor()
    await checksAccessible(page, 'activity of a connection')
    await page.getByRole('link', { name: 'Use it' }).click()
    await page.getByRole('tab', { name: 'Python' }).click()
    await page.getByText("os.environ['MOORING_API_KEY']").waitFor()
    await checksAccessible(page, 'snippets')
    await page.getByRole('tab', { name: 'curl', exact: true }).click()
    await page.getByRole('tabpanel').first().getByRole('button', { name: 'Copy' }).click()
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toBe(`curl ${world.url}/v1/proxy/harbour/me \\\n  -H "Authorization: Bearer $MOORING_API_KEY"`)
    await checksClean(world, page)
  })
})
