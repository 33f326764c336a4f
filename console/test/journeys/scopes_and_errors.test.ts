/** J11: changed scopes ask for a new sign-in, and what goes wrong says what happened, why, and what mends it. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { authorize } from '../furnish.ts'
import { agree, makeService, popupOf, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let context: BrowserContext
let page: Page

const differing = () => page.getByRole('list', { name: 'Scopes that differ' })
const status = (word: string) => page.getByTestId('status').filter({ hasText: word }).first()

async function create(name: string, service: string, scopes: string[] = ['read']): Promise<string> {
  return (await world.client.connections.create({ name, service, scopes })).linkName
}

/** Presses the button, signs in, and waits until the page has what came of it; the window is closed. */
async function signIn(button: string, comes: string): Promise<void> {
  const popup = await popupOf(page, () => page.getByRole('button', { name: button, exact: true }).click())
  await agree(popup)
  await page.getByText(comes, { exact: false }).first().waitFor()
  await popup.close()
}

beforeAll(async () => {
  world = await startWorld({ accessTokenLifeSeconds: 1800 })
  context = await world.context()
  page = await setUp(world, context)
  await makeService(world, { linkName: 'harbour_crm', name: 'Harbour CRM' })
  await authorize(world, page, await create('Berths', 'harbour_crm'))
  await create('Boats', 'harbour_crm')
})
afterAll(() => world.close())

describe('a changed scope', () => {
  test('that the service has got can be chosen, and says that it takes a new sign-in', async () => {
    const { linkName } = await world.client.services.get('harbour_crm')
    await world.client.services.scopes.add(linkName, { name: 'Profile', value: 'profile' })
    await page.goto(`${world.url}/connections/berths`)
    await page.getByText(/2 more scopes of the service not used/).waitFor()
    await page.getByRole('link', { name: 'Choose scopes' }).click()
    await page.getByRole('checkbox', { name: 'Profile' }).check()
    await page.getByText('It has to be authorized again for other scopes').waitFor()
    await checksAccessible(page, 'settings with a changed scope')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await differing().getByText('profile', { exact: true }).waitFor()
    expect(await differing().getByRole('listitem').allInnerTexts()).toEqual([expect.stringMatching(/added:\s*profile/)])
    await status('Missing scopes').waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await checksAccessible(page, 'a connection whose scopes were changed')
  })

  test('is told until somebody reviews and reconnects', async () => {
    await signIn('Review and reconnect', 'Berths is connected')
    await status('Active').waitFor()
    await expect.poll(() => differing().count()).toBe(0)
    expect((await world.client.connections.get('berths')).grantedScopes).toEqual(expect.arrayContaining(['profile']))
  })

  test('is nothing to a connection that was never connected', async () => {
    await world.client.connections.update('boats', { scopes: ['read', 'profile'] })
    await page.goto(`${world.url}/connections/boats`)
    await status('Not connected').waitFor()
    await page.getByRole('button', { name: 'Connect', exact: true }).waitFor()
    expect(await differing().count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Review and reconnect' }).count()).toBe(0)
  })
})

describe('what the provider says no to', () => {
  /** Title, reason, fix and details: on the spot, and still there when the page is loaded anew. */
  async function provesExplained(
    title: string,
    fix: RegExp,
    code: string,
    looks?: (moment: string) => Promise<void>,
  ): Promise<void> {
    for (const moment of ['on the spot', 'later']) {
      if (moment === 'later') await page.reload()
      await page.getByText(title).first().waitFor()
      await page.getByText(fix).first().waitFor()
      await page.getByText('Technical details').first().click()
      await page.getByText(code).first().waitFor()
      await looks?.(moment)
    }
    await page.getByText('How it went').first().click()
    await page.getByText('Begun by').first().waitFor()
  }

  test('a wrong client secret', async () => {
    const clientSecret = world.needles.plant('the wrong client secret')
    await makeService(world, { linkName: 'mistyped', name: 'Mistyped CRM', auth: { clientSecret } })
    await page.goto(`${world.url}/connections/${await create('Wrong secret', 'mistyped')}`)
    const title = 'Mistyped CRM did not accept the Client ID or Client Secret'
    await signIn('Connect', title)
    await provesExplained(title, /Paste (them|both) again/, 'invalid_client', async (moment) =>
      checksAccessible(page, `an explained error, ${moment}`),
    )
    await status('Not connected').waitFor()
  })

  test.each([
    ['invalid_scope', 'Harbour CRM does not know one of these scopes', /Check their spelling and the Scope Delimiter/],
    ['invalid_grant', 'The sign-in code was refused', /Connect again\./],
  ])('%s', async (error, title, fix) => {
    await page.goto(`${world.url}/connections/boats`)
    world.provider.control.failToken({ kind: 'error_200', error })
    await signIn('Connect', title)
    await provesExplained(title, fix, error)
    await status('Not connected').waitFor()
  })

  test('no refresh token: connected, but only for a while, and told before it ends', async () => {
    world.provider.control.shapeToken({ omit: ['refresh_token'] })
    await page.goto(`${world.url}/connections/boats`)
    await signIn('Connect', 'Connected, but only for')
    world.provider.control.shapeToken({})
    await page.reload()
    await status('Expires soon').waitFor()
    await page.getByText(/^Connected, but only for \d+ min$/).waitFor()
    await page.getByText('Harbour CRM sent no refresh token, so nothing can renew the access.').waitFor()
    await page
      .getByText(/^Expires in \d+ min, sign in again$/)
      .first()
      .waitFor()
    expect(await page.getByText('Next refresh', { exact: true }).count()).toBe(0)
    await checksAccessible(page, 'a connection that nothing renews')
  })

  test('an address it does not know, of which only the person sees: help comes after a while', async () => {
    const patient = await world.page(context)
    await patient.clock.install()
    await patient.goto(`${world.url}/connections/${await create('Lighthouse', 'harbour_crm')}`)
    const popup = await popupOf(patient, () => patient.getByRole('button', { name: 'Connect', exact: true }).click())
    await patient.getByTestId('status').filter({ hasText: 'Waiting for sign-in' }).waitFor()
    await patient.getByText('Finish signing in in the other window').waitFor()
    await patient.clock.fastForward(21_000)
    await patient.getByText('Does Harbour CRM say the redirect URI does not match?').waitFor()
    await checksAccessible(patient, 'help with the redirect URI')
    await patient.getByRole('button', { name: 'Copy callback URL' }).first().click()
    const { callbackUrl } = await world.client.services.get('harbour_crm')
    await expect.poll(() => patient.evaluate(() => navigator.clipboard.readText())).toBe(callbackUrl)
    // Loaded anew, the page knows of the sign-in that is still open, and can end it.
    await patient.reload()
    await patient.getByText('Somebody is signing in at Harbour CRM').waitFor()
    await patient.getByTestId('status').filter({ hasText: 'Waiting for sign-in' }).waitFor()
    await patient.getByRole('button', { name: 'Cancel sign-in' }).click()
    await popup.close()
    await patient.getByTestId('status').filter({ hasText: 'Not connected' }).waitFor()
    await checksClean(world, page)
  })
})
