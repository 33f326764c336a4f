/** What people do on every journey. */
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { World } from './world.ts'

export const owner = { name: 'Olga Owner', email: 'olga@example.com', password: 'a quiet harbour at dawn' }

/** The first person: the printed link, a form, and one is in. */
export async function setUp(world: World, context: BrowserContext): Promise<Page> {
  world.needles.watch("the owner's password", owner.password)
  const page = await world.page(context)
  await page.goto(world.setupLink())
  await page.getByLabel('Name').fill(owner.name)
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: 'Create owner' }).click()
  await page.getByRole('heading', { name: 'Connections', level: 1 }).waitFor()
  return page
}

export async function signIn(page: Page, world: World, who: { email: string; password: string }): Promise<void> {
  await page.goto(`${world.url}/login`)
  await page.getByLabel('E-mail address').fill(who.email)
  await page.getByLabel('Password', { exact: true }).fill(who.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Connections', level: 1 }).waitFor()
}

/** Does what opens a window, and gives the window. */
export async function popupOf(page: Page, act: () => Promise<void>): Promise<Page> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), act()])
  return popup
}

/** Signs in at the sandbox as its first person, or another, and agrees. The window closes by itself. */
export async function agree(popup: Page, person = /^First/): Promise<void> {
  const people = popup.getByRole('button', { name: person })
  const accept = popup.getByRole('button', { name: 'Accept' })
  // It opens empty; whoever has signed in there before is asked to accept at once.
  await people.or(accept).first().waitFor()
  if ((await people.count()) > 0) await people.first().click()
  await accept.click()
}

/** A ready service of the provider whose faults are in the test's hand; `auth` overrides parts of its own. */
export async function makeService(
  { client, provider }: World,
  { linkName, name, auth = {} }: { linkName: string; name: string; auth?: object },
): Promise<void> {
  const offered = provider.services.find((one) => one.linkName === 'sandbox_oauth2')?.service
  if (offered === undefined) throw new Error('the provider offers no OAuth 2')
  await client.services.create({
    ...offered,
    linkName,
    name,
    auth: { ...offered.auth, ...auth },
    scopes: offered.scopes?.slice(0, 2),
  })
}

/** Until the first badge of the page says this. */
export async function checksStatus(page: Page, word: string): Promise<void> {
  await expect.poll(() => page.getByTestId('status').first().textContent()).toBe(word)
}

/** The dialog that is open. News at the edge of the page has the role too, and may come and go meanwhile. */
export function openDialog(page: Page): Locator {
  return page.getByRole('dialog').and(page.locator(':not([aria-modal="false"])'))
}
