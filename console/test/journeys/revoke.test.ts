/** J10: revoking by mouse and by keyboard, with who will be hurt said before, and what the provider answered after. */
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { authorize } from '../furnish.ts'
import { makeService, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let context: BrowserContext
let page: Page
let key: string

const row = (name: string): Locator => page.getByRole('row').filter({ hasText: name })
const dialog = (): Locator => page.getByRole('alertdialog')
const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => element === document.activeElement)

async function call(linkName: string): Promise<{ status: number; code?: string; detail?: string }> {
  const response = await fetch(`${world.url}/v1/proxy/${linkName}/me`, { headers: { authorization: `Bearer ${key}` } })
  const { code, detail } = (await response.json()) as { code?: string; detail?: string }
  return { status: response.status, ...(code ? { code } : {}), ...(detail ? { detail } : {}) }
}

beforeAll(async () => {
  world = await startWorld()
  context = await world.context()
  page = await setUp(world, context)
  await makeService(world, { linkName: 'harbour_crm', name: 'Harbour CRM' })
  for (const name of ['CRM production', 'CRM staging']) {
    const made = await world.client.connections.create({ name, service: 'harbour_crm', scopes: ['read'] })
    await authorize(world, page, made.linkName)
  }
  const connections = ['crm_production', 'crm_staging']
  ;({ key } = await world.client.keys.create({ name: 'Billing job', role: 'invoke', connections }))
  world.needles.watch('the API key of the billing job', key)
  await call('crm_production')
})
afterAll(() => world.close())

describe('revoking', () => {
  test('from the list by mouse says who uses the connection, and keeps it when asked to', async () => {
    await page.goto(`${world.url}/connections`)
    await row('CRM production').getByText('Active').waitFor()
    await row('CRM production').hover()
    const revoke = row('CRM production').getByRole('button', { name: 'Revoke', exact: true })
    await revoke.click()
    await dialog().getByText('Anything using crm_production stops working right away.').waitFor()
    await dialog()
      .getByText(/1\sAPI key used it in the last 7 days\./)
      .waitFor()
    await dialog().getByRole('listitem').filter({ hasText: 'Billing job' }).filter({ hasText: '1 call' }).waitFor()
    const keep = dialog().getByRole('button', { name: 'Keep connection' })
    await expect.poll(() => isFocused(keep)).toBe(true)
    await checksAccessible(page, 'the dialog that asks before revoking')
    await keep.click()
    await dialog().waitFor({ state: 'detached' })
    await expect.poll(() => isFocused(revoke)).toBe(true)
    expect(await call('crm_production')).toEqual({ status: 200 })
  })

  test('by keyboard alone tells the provider, and leaves the focus in the row', async () => {
    const before = world.provider.control.counts().revoke
    const name = row('CRM production').getByRole('link', { name: 'CRM production', exact: true })
    await name.focus()
    await page.keyboard.press('Tab')
    const revoke = row('CRM production').getByRole('button', { name: 'Revoke', exact: true })
    expect(await isFocused(revoke)).toBe(true)
    await expect.poll(() => revoke.evaluate((element) => getComputedStyle(element).opacity)).toBe('1')
    await page.keyboard.press('Enter')
    await expect.poll(() => isFocused(dialog().getByRole('button', { name: 'Keep connection' }))).toBe(true)
    await page.keyboard.press('Tab')
    expect(await isFocused(dialog().getByRole('button', { name: 'Revoke connection' }))).toBe(true)
    await page.keyboard.press('Enter')
    await dialog().waitFor({ state: 'detached' })
    // First what is shown for some seconds only.
    await page.getByText('CRM production is revoked').waitFor()
    await page.getByText('Harbour CRM confirmed it.').waitFor()
    await row('CRM production').getByText('Revoked', { exact: true }).waitFor()
    await expect.poll(() => isFocused(name)).toBe(true)
    expect(world.provider.control.counts().revoke).toBeGreaterThan(before)
    await checksAccessible(page, 'the list with a revoked connection')
    const refused = await call('crm_production')
    expect(refused).toMatchObject({ status: 409, code: 'connection_not_active' })
    expect(refused.detail).toContain('revoked')
  })

  test('greys the connection, with who did it and when, and how to take it up again', async () => {
    await row('CRM production').getByRole('link', { name: 'CRM production', exact: true }).click()
    await page.getByText(/^By Olga Owner, .*Calls through it are refused\./).waitFor()
    await page.getByRole('button', { name: 'Connect again' }).waitFor()
    expect(await page.getByRole('button', { name: 'Revoke', exact: true }).count()).toBe(0)
    await checksAccessible(page, 'a revoked connection')
  })

  test('says so where the provider does not confirm, and where to go', async () => {
    world.provider.control.failRevocation()
    await page.goto(`${world.url}/connections/crm_staging`)
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await dialog().getByText('Nobody used it in the last 7 days.').waitFor()
    await dialog().getByRole('button', { name: 'Revoke connection' }).click()
    const strip = page.getByText('Revoked here. Harbour CRM did not confirm').first()
    await strip.waitFor()
    await page.getByText('Remove the app at Harbour CRM yourself.').first().waitFor()
    const where = page.getByRole('link', { name: /^Open localhost:\d+$/ })
    expect(await where.getAttribute('href')).toBe(world.provider.url)
    await dialog().waitFor({ state: 'detached' })
    // The button is gone; the focus is at the way on.
    await expect.poll(() => isFocused(page.getByRole('button', { name: 'Connect again' }))).toBe(true)
    await page.getByRole('listitem').filter({ hasText: 'The provider did not confirm the revocation' }).waitFor()
    await checksAccessible(page, 'a revocation that was not confirmed')
    expect(await call('crm_staging')).toMatchObject({ status: 409, code: 'connection_not_active' })
    // It is told for as long as it is so, not only once.
    await page.reload()
    await strip.waitFor()
    await checksClean(world, page)
  })
})
