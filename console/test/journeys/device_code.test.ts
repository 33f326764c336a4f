/** A connection that is authorized on another device: a code is shown, and the page waits (RFC 8628). */
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { checksStatus, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page

const panel = (): Locator => page.getByRole('region', { name: 'Authorizing on another device' })
const connect = async (): Promise<void> => {
  await page.goto(`${world.url}/connections/living_room`)
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await panel().waitFor()
}
/** Opens the provider's page, with the code in it, and answers there as a person. */
const answerThere = async (decision: 'Accept' | 'Cancel'): Promise<void> => {
  const [tab] = await Promise.all([
    page.context().waitForEvent('page'),
    panel().getByRole('link', { name: 'Open with the code filled in' }).click(),
  ])
  const forward = tab.getByRole('button', { name: /^(Continue|First)/ })
  const answer = tab.getByRole('button', { name: decision })
  const end = tab.getByText('The device is connected')
  for (;;) {
    await forward.or(answer).or(end).first().waitFor()
    if ((await end.count()) > 0) break
    // The code itself can be turned down, before anybody signs in.
    const no = decision === 'Cancel' && (await answer.count()) > 0
    const next = !no && (await forward.count()) > 0 ? forward : answer
    // Each leads to another page; until it is there, the button of the page before could be pressed again.
    await Promise.all([tab.waitForEvent('framenavigated'), next.first().click()])
    await tab.waitForLoadState()
    if (no) break
  }
  await page.bringToFront()
}

beforeAll(async () => {
  world = await startWorld()
  page = await setUp(world, await world.context())
  page.setDefaultTimeout(30_000)
  const { url } = world.provider
  await world.client.services.create({
    name: 'Television',
    linkName: 'television',
    stage: 'ready',
    auth: {
      type: 'oauth2',
      grantType: 'device_code',
      clientId: 'sandbox-device',
      clientAuthentication: 'none',
      deviceAuthorizationUrl: `${url}/oauth2/device_authorization`,
      tokenUrl: `${url}/oauth2/token`,
    },
    scopes: [{ value: 'read' }],
    scopeDelimiter: 'space',
    baseUrl: `${url}/api/oauth2`,
    probe: { path: '/me' },
  })
  await world.client.connections.create({ name: 'Living room', service: 'television', scopes: ['read'] })
})
afterAll(async () => world.close())

test('the code is large, can be copied, and says how long it is good; cancelled, nothing is changed', async () => {
  await connect()
  const code = (await panel().getByLabel('Code', { exact: true }).textContent()) ?? ''
  expect(code).toMatch(/^[A-Z-]{8,}$/)
  await panel().getByRole('button', { name: 'Copy code' }).click()
  await panel().getByRole('button', { name: 'Copied' }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code)
  await panel()
    .getByText(/^Good for \d+ min more\./)
    .waitFor()
  const link = panel().getByRole('link', { name: 'Open with the code filled in' })
  expect(await link.getAttribute('href')).toContain(`user_code=${code}`)
  await checksAccessible(page, 'a code to enter elsewhere')
  await page.setViewportSize({ width: 320, height: 700 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  await page.setViewportSize({ width: 1280, height: 800 })
  await panel().getByRole('button', { name: 'Cancel' }).click()
  await panel().waitFor({ state: 'detached' })
  expect((await world.client.connections.get('living_room')).status).toBe('created')
})

test('turned down there, it says so here', async () => {
  await connect()
  await answerThere('Cancel')
  await page.getByRole('region', { name: 'Not connected' }).waitFor()
  await checksAccessible(page, 'a code that was turned down')
})

test('agreed there, the page goes on by itself', async () => {
  await connect()
  await answerThere('Accept')
  await panel().waitFor({ state: 'detached' })
  await checksStatus(page, 'Active')
  await checksClean(world, page)
})
