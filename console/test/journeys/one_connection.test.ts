/** The Connection Summary beyond the sign-in: tests, settings, two editors, links for others, deleting, who may only look. */
import type { BrowserContext, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { authorize, join } from '../furnish.ts'
import { makeService, openDialog, setUp, signIn } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let context: BrowserContext
let page: Page

const heading = (name: string) => page.getByRole('heading', { name, level: 1 })
const status = (word: string) => page.getByTestId('status').filter({ hasText: word }).first()
const open = (path: string): Promise<unknown> => page.goto(`${world.url}/connections/${path}`)

async function create(name: string, more: object = {}): Promise<string> {
  return (await world.client.connections.create({ name, service: 'harbour_crm', scopes: ['read'], ...more })).linkName
}

beforeAll(async () => {
  world = await startWorld({ accessTokenLifeSeconds: 3600 })
  context = await world.context()
  page = await setUp(world, context)
  await makeService(world, { linkName: 'harbour_crm', name: 'Harbour CRM' })
  await authorize(world, page, await create('Berths'))
})
afterAll(() => world.close())

describe('a connection', () => {
  test('is tested and renewed where it is looked at', async () => {
    await open('berths')
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await page.getByText('Test passed', { exact: true }).first().waitFor()
    await page.getByText(/^Harbour CRM answered 200\. It took \d+ ms\.$/).waitFor()
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await page.getByText('Token refreshed', { exact: true }).first().waitFor()
    await page.getByText(/^It took .* Next refresh in \d+ min\.$/).waitFor()
    await checksAccessible(page, 'the result of a refresh')
    world.provider.control.failToken({ kind: 'invalid_client' })
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await page.getByText('Harbour CRM did not accept the Client ID or Client Secret').first().waitFor()
    await status('Retrying').waitFor()
    await page.getByRole('button', { name: 'Try now' }).click()
    await status('Active').waitFor()
  })

  test('copies its link name', async () => {
    await page.getByRole('button', { name: 'Copy link name' }).click()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('berths')
  })

  test('is renamed by the rules, and shows it at once', async () => {
    await page.getByRole('link', { name: 'Settings', exact: true }).last().click()
    const name = page.getByLabel('Connection Name')
    await name.fill('?Berths')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByRole('alert').getByText('Start with a letter, a number or _.').waitFor()
    await checksAccessible(page, 'settings with an error')
    await name.fill('Berths 2')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await heading('Berths 2').waitFor()
    await expect.poll(() => page.title()).toContain('Berths 2')
    await expect.poll(async () => (await world.client.connections.get('berths')).name).toBe('Berths 2')
  })

  test('keeps what is typed while a save is under way', async () => {
    const name = page.getByLabel('Connection Name')
    const { promise, resolve: release } = Promise.withResolvers<void>()
    const held = async (route: Route): Promise<void> => {
      if (route.request().method() === 'PATCH') await promise
      await route.continue()
    }
    await page.route('**/v1/connections/berths', held)
    await name.fill('Berths 3')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await heading('Berths 3').waitFor()
    await name.fill('Berths 4')
    const save = page.getByRole('button', { name: 'Save changes' })
    expect(await save.getAttribute('aria-busy')).toBe('true')
    release()
    await expect.poll(() => save.getAttribute('aria-busy')).toBeNull()
    expect(await name.inputValue()).toBe('Berths 4')
    expect((await world.client.connections.get('berths')).name).toBe('Berths 3')
    await page.unroute('**/v1/connections/berths', held)
    await save.click()
    await heading('Berths 4').waitFor()
    await expect.poll(async () => (await world.client.connections.get('berths')).name).toBe('Berths 4')
    await expect.poll(() => page.getByRole('button', { name: 'Save changes' }).isDisabled()).toBe(true)
  })

  test('keeps what is typed while somebody else changes it, and says so', async () => {
    const name = page.getByLabel('Connection Name')
    await name.fill('Mine')
    await world.client.connections.update('berths', { name: 'Theirs' })
    await page.getByText('Somebody changed this connection meanwhile').waitFor()
    expect(await name.inputValue()).toBe('Mine')
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('alertdialog').getByText('Leave without saving?').waitFor()
    await page.getByRole('button', { name: 'Keep editing' }).click()
    await page.getByRole('button', { name: 'Take theirs' }).click()
    await expect.poll(() => name.inputValue()).toBe('Theirs')
  })

  test('is switched off and on', async () => {
    await page.getByRole('switch', { name: 'Enabled' }).click()
    await status('Disabled').waitFor()
    await page.getByText('Calls through it are refused and nothing is renewed.').first().waitFor()
    // Shown before the server has answered.
    await expect.poll(async () => (await world.client.connections.get('berths')).enabled).toBe(false)
    await checksAccessible(page, 'a connection that is switched off')
    await page.getByRole('button', { name: 'Enable', exact: true }).click()
    await status('Active').waitFor()
  })

  test('is authorized by somebody without an account through a link that is shown once', async () => {
    await open(await create('Lighthouse'))
    await page.getByRole('button', { name: 'Share connect link' }).click()
    await page.getByRole('button', { name: 'Create link' }).click()
    await openDialog(page).getByText('There is a problem').waitFor()
    await page.getByLabel('Who is it for?').fill('keeper@example.com')
    await checksAccessible(page, 'asking whom a connect link is for')
    await page.getByRole('button', { name: 'Create link' }).click()
    await openDialog(page).getByText('30 minutes').waitFor()
    const link = await page.getByLabel('connect link', { exact: true }).inputValue()
    world.needles.watch('the connect link', link)
    await checksAccessible(page, 'a connect link')
    await page.getByRole('button', { name: 'Done' }).click()
    await openDialog(page).waitFor({ state: 'detached' })
    const outside = await world.context()
    const stranger = await outside.newPage()
    await stranger.goto(link)
    await stranger.getByText('Harbour CRM').first().waitFor()
    await outside.close()
  })

  test('that each user authorizes tells who has, and takes it from one of them alone', async () => {
    const linkName = await create('Inbox', { authorizationLevel: 'per_user' })
    for (const user of ['ada', 'grace']) await authorize(world, page, linkName, user)
    await open(linkName)
    const person = (name: string) => page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })
    await person('grace').getByText('Active').waitFor()
    await checksAccessible(page, 'a connection that each user authorizes')
    await page.getByRole('button', { name: 'Revoke for grace' }).click()
    await page.getByRole('alertdialog').getByText('Revoke Inbox for grace?').waitFor()
    await page.getByRole('button', { name: 'Revoke connection' }).click()
    await person('grace').getByText('Revoked').waitFor()
    await person('ada').getByText('Active').waitFor()
    await status('Active').waitFor()
  })
})

describe('deleting', () => {
  test('asks for the link name, and leads back to the list', async () => {
    await open('berths/settings')
    await page.getByRole('button', { name: 'Delete connection' }).click()
    const confirm = openDialog(page).getByRole('button', { name: 'Delete connection' })
    await page.getByLabel('Type berths to delete it').fill('berth')
    expect(await confirm.isDisabled()).toBe(true)
    await checksAccessible(page, 'asking before deleting')
    await page.getByLabel('Type berths to delete it').fill('berths')
    await page.keyboard.press('Enter')
    await heading('Connections').waitFor()
    await page.getByText('Theirs is deleted').waitFor()
    await expect.poll(() => page.getByRole('link', { name: 'Theirs', exact: true }).count()).toBe(0)
  })

  test('from elsewhere is told, and what was typed stays', async () => {
    await open('lighthouse/settings')
    await page.getByLabel('Connection Name').fill('A long name that took some thought')
    await world.client.connections.delete('lighthouse')
    await page.getByText('This connection was deleted').waitFor()
    expect(await page.getByLabel('Connection Name').inputValue()).toBe('A long name that took some thought')
    expect(await page.getByRole('button', { name: 'Save changes' }).count()).toBe(0)
    await checksAccessible(page, 'a connection that was deleted meanwhile')
  })

  test('leaves an address that helps to find another', async () => {
    const link = await create('Lighthouse north')
    await open('lighthouse')
    await page.getByText('No connection has the link name').waitFor()
    await checksAccessible(page, 'a connection that is not there')
    await page.getByRole('link', { name: 'Lighthouse north' }).click()
    await heading('Lighthouse north').waitFor()
    expect(page.url()).toMatch(new RegExp(`${link}$`))
  })
})

test('who may only look is offered nothing that changes', async () => {
  await join(world, 'Vic Vale', 'viewer')
  const theirs = await world.context({ width: 320, height: 640 })
  const looking = await world.page(theirs)
  await signIn(looking, world, { email: 'vic@example.com', password: 'a pier in the evening' })
  await looking.goto(`${world.url}/connections/inbox`)
  await looking.getByRole('heading', { name: 'Inbox', level: 1 }).waitFor()
  await looking.getByText('Who has authorized').waitFor()
  for (const name of [/Revoke/, /Authorize/, /Connect/, 'More actions', /Refresh/])
    expect(await looking.getByRole('main').getByRole('button', { name }).count(), String(name)).toBe(0)
  await checksAccessible(looking, 'a connection of somebody who may only look, on a phone')
  const fits = async (): Promise<boolean> =>
    looking.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)
  for (const part of ['', '/activity', '/use']) {
    await looking.goto(`${world.url}/connections/inbox${part}`)
    await looking.getByRole('heading', { level: 2 }).or(looking.getByLabel('How it went')).first().waitFor()
    expect(await fits(), `inbox${part} at 320 pixels`).toBe(true)
  }
  await looking.goto(`${world.url}/connections/inbox/settings`)
  await looking.getByText('You may look at this connection').waitFor()
  expect(await looking.getByLabel('Connection Name').getAttribute('readonly')).not.toBeNull()
  expect(await looking.getByRole('button', { name: /Save|Delete/ }).count()).toBe(0)
  await checksAccessible(looking, 'settings of somebody who may only look, on a phone')
  expect(await fits(), 'settings at 320 pixels').toBe(true)
  await checksClean(world, page)
})
