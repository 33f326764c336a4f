/** J3: the scopes of a service: added, pasted, found, edited, deleted, counted, and locked once a connection has them. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean, checksSoon } from '../checks.ts'
import { join } from '../furnish.ts'
import { openDialog, setUp, signIn } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page

const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: true })
const main = (): Locator => page.getByRole('main')
const rows = (): Locator => page.getByRole('table', { name: 'Scopes' }).getByRole('row')
const row = (value: string): Locator => rows().filter({ has: page.getByText(value, { exact: true }) })
const count = (): Promise<string | null> => page.getByTestId('scope-count').textContent()
const stored = async (): Promise<[string, string][]> =>
  (await world.client.services.get('crm')).scopes.map(({ name, value }) => [name, value])
const add = async (name: string, value: string): Promise<void> => {
  await page.getByLabel(/^Scope Display Name/).fill(name)
  await page.getByLabel(/^Scope Value/).fill(value)
  await button('Add').click()
}

beforeAll(async () => {
  world = await startWorld()
  page = await setUp(world, await world.context())
  page.setDefaultTimeout(20_000)
  const offered = world.provider.services.find(({ linkName }) => linkName === 'sandbox_oauth2')?.service
  if (offered === undefined) throw new Error('the provider offers no OAuth 2')
  await world.client.services.create({ ...offered, name: 'CRM', linkName: 'crm', stage: 'draft', scopes: [] })
})
afterAll(() => world.close())

describe('the scopes of a draft', () => {
  test('are recommended while there are none', async () => {
    await page.goto(`${world.url}/services/crm/scopes`)
    await main().getByText('We strongly recommend adding scopes', { exact: true }).waitFor()
    expect(await count()).toMatch(/^0 of 50/)
    await checksAccessible(page, 'scopes, none yet')
  })

  test('R-050 are added one by one, each judged at its field', async () => {
    await button('Add Scope').first().click()
    await add('.read', 'a b')
    await main().locator('#scope-name-error').getByText('Start with a letter or a number.').waitFor()
    await main()
      .locator('#scope-value-error')
      .getByText(/^Use printable ASCII characters without spaces/)
      .waitFor()
    await checksAccessible(page, 'a scope, with errors')
    await add('Read', 'read')
    await button('Add New').click()
    await add('', 'crm.write')
    await button('Add New').click()
    await add('Profile', 'profile')
    await row('profile').waitFor()
    expect(await stored()).toEqual([
      ['Read', 'read'],
      ['crm_write', 'crm.write'],
      ['Profile', 'profile'],
    ])
    await button('Add New').click()
    await add('Again', 'read')
    await main().locator('#scope-value-error').getByText('The service has this scope already.').waitFor()
    await button('Cancel').click()
    expect(await count()).toMatch(/^3 of 50/)
    await checksAccessible(page, 'the table of scopes')
  })

  test('are pasted many at once, seen before they are added', async () => {
    await button('Paste many').click()
    const dialog = openDialog(page)
    await dialog
      .getByRole('textbox', { name: 'Scopes' })
      .fill('deals.read, deals.write\nread deals.read a"b tasks mail notes')
    await dialog.getByText('5 to add, 3 left out').waitFor()
    await dialog.getByText('The service has this scope already.').waitFor()
    await dialog.getByText('It is in what you pasted twice.').waitFor()
    await dialog.getByText(/^Use printable ASCII characters without spaces/).waitFor()
    await dialog.getByText('deals_read', { exact: true }).first().waitFor()
    await checksAccessible(page, 'pasting scopes')
    await dialog.getByRole('button', { name: 'Add 5 scopes' }).click()
    await row('notes').waitFor()
    expect(await count()).toMatch(/^8 of 50/)
    expect((await stored()).map(([, value]) => value)).toEqual([
      'read',
      'crm.write',
      'profile',
      'deals.read',
      'deals.write',
      'tasks',
      'mail',
      'notes',
    ])
  })

  test('R-051 are edited in their row', async () => {
    await button('More actions for crm_write').click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    await page.getByRole('textbox', { name: 'Scope Display Name' }).fill('Write deals')
    await page.getByRole('textbox', { name: 'Scope Value' }).fill('read')
    await button('Save').click()
    await main().getByText('The service has this scope already.').first().waitFor()
    await page.getByRole('textbox', { name: 'Scope Value' }).fill('write')
    await button('Save').click()
    await row('write').waitFor()
    expect(await stored()).toContainEqual(['Write deals', 'write'])
  })

  test('R-053 are found by name and by value, and the search is in the address', async () => {
    const search = page.getByLabel('Search scopes by name or value')
    await search.fill('WRITE')
    await checksSoon(() => rows().count()).toBe(3)
    await checksSoon(() => new URL(page.url()).searchParams.get('query')).toBe('WRITE')
    await search.fill('Profile')
    await checksSoon(() => rows().count()).toBe(2)
    await search.fill('nothing')
    await main().getByText('No scope fits “nothing”').waitFor()
    await button('Clear search').click()
    await checksSoon(() => rows().count()).toBe(9)
  })

  test('R-052 are deleted several at a time', async () => {
    for (const name of ['tasks', 'mail']) await page.getByLabel(`Select ${name}`).check()
    await button('Delete 2').click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByText('tasks, mail').waitFor()
    await checksAccessible(page, 'deleting scopes')
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await checksSoon(count).toMatch(/^6 of 50/)
    await dialog.waitFor({ state: 'detached' })
    await button('More actions for notes').click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await checksSoon(count).toMatch(/^5 of 50/)
    await dialog.waitFor({ state: 'detached' })
    expect((await stored()).map(([, value]) => value)).toEqual([
      'read',
      'write',
      'profile',
      'deals.read',
      'deals.write',
    ])
  })

  test('R-174 are fifty at most', async () => {
    await button('Paste many').click()
    const dialog = openDialog(page)
    const many = Array.from({ length: 46 }, (_, index) => `extra.${index}`)
    await dialog.getByRole('textbox', { name: 'Scopes' }).fill(many.join(' '))
    await dialog.getByText('45 to add, 1 left out').waitFor()
    await dialog.getByText('A service holds at most 50 scopes.').waitFor()
    await dialog.getByRole('button', { name: 'Add 45 scopes' }).click()
    await checksSoon(count).toBe('50 of 50. A service holds no more.')
    expect(await button('Add Scope').isDisabled()).toBe(true)
    // A form that was open when somebody else added the fiftieth is told by the server.
    const [first] = (await world.client.services.get('crm')).scopes
    await world.client.services.scopes.delete('crm', first?.id ?? '')
    await page.reload()
    await button('Add Scope').click()
    await world.client.services.scopes.add('crm', { value: 'read' })
    await add('', 'one.more')
    await main().locator('#scope-value-error').getByText('A service holds at most 50 scopes.').waitFor()
    await button('Cancel').click()
  })

  test('R-176 are sent as the provider expects them', async () => {
    await page.getByLabel('Scope Delimiter').selectOption({ label: 'Space' })
    await page
      .getByRole('region', { name: 'What we will send' })
      .getByText(/scope=write%20profile%20/)
      .waitFor()
    await checksSoon(async () => (await world.client.services.get('crm')).scopeDelimiter).toBe('space')
  })
})

describe('the scopes of a service with connections', () => {
  test('R-180 are locked and say why; new ones can be added', async () => {
    const { scopes } = await world.client.services.get('crm')
    const extra = scopes.filter(({ value }) => value.startsWith('extra.')).map(({ id }) => id)
    await world.client.services.scopes.deleteMany('crm', extra)
    await world.client.services.ready('crm')
    await world.client.connections.create({ name: 'Deals', service: 'crm' })
    await page.reload()
    await main().getByText('These scopes are locked').waitFor()
    await main()
      .getByText(/^A connection was authorized with them/)
      .waitFor()
    expect(await page.getByRole('checkbox').count()).toBe(0)
    expect(await page.getByRole('button', { name: /^More actions for (read|write)/ }).count()).toBe(0)
    expect(await page.getByLabel('Scope Delimiter').count()).toBe(0)
    await checksAccessible(page, 'locked scopes')
    await button('Add Scope').click()
    await add('Calendar', 'calendar')
    await row('calendar').waitFor()
    expect(await stored()).toContainEqual(['Calendar', 'calendar'])
  })
})

test('who may only look is offered nothing that changes, on a phone as well', async () => {
  await join(world, 'Vic Vale', 'viewer')
  const looking = await world.page(await world.context({ width: 320, height: 700 }))
  looking.setDefaultTimeout(20_000)
  await signIn(looking, world, { email: 'vic@example.com', password: 'a pier in the evening' })
  const pages: [path: string, shows: string | RegExp][] = [
    ['/services', 'Custom services'],
    ['/services/crm/general', 'Base URL'],
    ['/services/crm/security', 'Client Secret'],
    ['/services/crm/scopes', 'Calendar'],
    ['/services/crm/connections', 'Deals'],
    ['/services/new', /You may look at services but not create them/],
  ]
  for (const [path, shows] of pages) {
    await looking.goto(world.url + path)
    await looking.getByRole('main').getByText(shows, { exact: true }).first().waitFor()
    for (const name of [/Create/, /Save/, /Replace/, /Mark as Ready/, /Add/, /Delete/, /^More actions/, /Duplicate/]) {
      const offered = looking
        .getByRole('main')
        .getByRole('button', { name })
        .or(looking.getByRole('main').getByRole('link', { name }))
      expect(await offered.count(), `${path} ${String(name)}`).toBe(0)
    }
    expect(
      await looking.getByRole('main').locator('input:not([readonly]):not([type=search]), textarea, select').count(),
      path,
    ).toBe(0)
    expect(await looking.evaluate(() => document.documentElement.scrollWidth <= innerWidth), path).toBe(true)
    await checksAccessible(looking, `${path} of somebody who may only look`)
  }
  // They may not ask for a preview either, and nothing asked for one.
  expect(world.output()).not.toMatch(/services\/preview[^\n]*403/)
  await checksClean(world, looking)
})

test('nothing of it is wider than a phone', async () => {
  await page.setViewportSize({ width: 320, height: 700 })
  const pages: [path: string, shows: string][] = [
    ['services', 'crm'],
    ['services/crm/general', 'The API'],
    ['services/crm/security', 'Every request'],
    ['services/crm/scopes', 'Calendar'],
    ['services/new?form=quick', 'OAuth 1.0'],
  ]
  for (const [path, shows] of pages) {
    await page.goto(`${world.url}/${path}`)
    await main().getByText(shows, { exact: true }).first().waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), path).toBe(true)
  }
  await checksClean(world, page)
})
