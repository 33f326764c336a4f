/** The frame around every page: finding one's way, keys, small screens, a lost network, an upgrade, many tabs. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consoleFolder } from '../../build.ts'
import { checksAccessible, checksClean } from '../checks.ts'
import { tabTo } from '../keyboard.ts'
import { makeService, openDialog, owner, setUp, signIn } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let context: BrowserContext
let page: Page

const heading = (name: string): Locator => page.getByRole('heading', { name, level: 1 })
const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => element === document.activeElement)
const go = async (path: string): Promise<void> => void (await page.goto(world.url + path))

/** The script of the build that holds a part which is loaded on demand. */
async function scriptOf(part: string): Promise<string> {
  const built = await consoleFolder(() => undefined)
  const manifest = JSON.parse(await readFile(join(built, '.vite', 'manifest.json'), 'utf8')) as Record<
    string,
    { file: string; isDynamicEntry?: boolean }
  >
  const found = Object.entries(manifest).find(([name, { isDynamicEntry }]) => name.includes(part) && isDynamicEntry)
  if (found === undefined) throw new Error(`the build loads no ${part} on demand`)
  return found[1].file
}

/** What the browser notes of a network that is not there, and of a script that is gone, is as it should be. */
function forgiveFaults(...patterns: RegExp[]): void {
  expect(world.faults().filter((fault) => !patterns.some((pattern) => pattern.test(fault)))).toEqual([])
  world.faults().length = 0
}

beforeAll(async () => {
  world = await startWorld()
  context = await world.context()
  page = await setUp(world, context)
  await makeService(world, { linkName: 'harbour_crm', name: 'Harbour CRM' })
  await world.client.connections.create({ name: 'CRM production', service: 'harbour_crm' })
  await world.client.connections.create({ name: 'Nightly export', service: 'sandbox_machine' })
})
afterAll(() => world.close())

describe('the palette', () => {
  const palette = (): Locator => page.getByRole('dialog', { name: 'Search or jump to' })
  const field = (): Locator => palette().getByRole('combobox')

  test('finds a connection by typing, and remembers what was chosen', async () => {
    await go('/activity')
    await heading('Activity').waitFor()
    await page.keyboard.press('Control+k')
    await field().fill('nightly')
    await palette().getByRole('option', { name: 'Nightly export' }).waitFor()
    await checksAccessible(page, 'the palette')
    await page.keyboard.press('Enter')
    await heading('Nightly export').waitFor()
    await page.keyboard.press('Control+k')
    await expect.poll(() => palette().getByRole('option').first().textContent()).toContain('Nightly export')
    await page.keyboard.press('Escape')
    await palette().waitFor({ state: 'detached' })
  })

  test('offers pages and things to do, and to make what it does not find', async () => {
    await page.getByRole('button', { name: 'Search or jump to' }).click()
    await field().fill('audit')
    await palette().getByRole('option', { name: 'Audit log' }).click()
    await heading('Audit log').waitFor()
    await page.keyboard.press('Control+k')
    await field().fill('keyb short')
    await expect.poll(() => palette().getByRole('option').first().textContent()).toContain('Keyboard shortcuts')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await field().fill('Acme Billing')
    await palette().getByRole('option', { name: 'Create a custom service named “Acme Billing”' }).click()
    await expect.poll(() => new URL(page.url()).search).toBe('?name=Acme+Billing')
    await page.waitForURL('**/services/new?**')
  })
})

describe('keys', () => {
  test('are listed, lead everywhere, and do nothing where somebody types', async () => {
    await go('/connections')
    await heading('Connections').waitFor()
    await page.keyboard.press('?')
    const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await list.getByText('Go to Activity').waitFor()
    await checksAccessible(page, 'the list of shortcuts')
    await page.keyboard.press('Escape')
    await list.waitFor({ state: 'detached' })
    for (const [keys, name] of [
      ['ga', 'Activity'],
      ['gs', 'Custom services'],
      ['gt', 'Try a request'],
      ['gk', 'API keys'],
      ['gc', 'Connections'],
    ] as const) {
      for (const key of keys) await page.keyboard.press(key)
      await heading(name).waitFor()
    }
    await page.getByRole('searchbox').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('ga?c')
    expect(await page.getByRole('searchbox').inputValue()).toBe('ga?c')
    await page.getByRole('searchbox').fill('')
    await page.getByRole('searchbox').blur()
    await page.keyboard.press('c')
    await heading('Pick Your Service').waitFor()
    await page.getByRole('searchbox').blur()
    await page.keyboard.press('Escape')
    await heading('Connections').waitFor()
  })

  test('of single letters can be switched off; the others stay', async () => {
    await page.keyboard.press('?')
    await page.getByLabel('Single letters work as shortcuts').uncheck()
    await page.keyboard.press('Escape')
    await openDialog(page).waitFor({ state: 'detached' })
    for (const key of 'ga?') await page.keyboard.press(key)
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog', { name: 'Search or jump to' })
    await palette.getByRole('combobox').fill('keyboard')
    await expect.poll(() => palette.getByRole('option').first().textContent()).toContain('Keyboard shortcuts')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/connections')
    await page.getByLabel('Single letters work as shortcuts').check()
    await page.keyboard.press('Escape')
  })
})

describe('by keyboard alone', () => {
  test('the content is one key away, and the sidebar is walked through in order', async () => {
    await go('/connections')
    await heading('Connections').waitFor()
    await page.keyboard.press('Tab')
    expect(await isFocused(page.getByRole('link', { name: 'Skip to content' }))).toBe(true)
    await page.keyboard.press('Enter')
    await expect.poll(() => isFocused(page.getByRole('main'))).toBe(true)
    await go('/connections')
    await heading('Connections').waitFor()
    const walked: (string | null)[] = []
    for (let stop = 0; stop < 14; stop++) {
      await page.keyboard.press('Tab')
      walked.push(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? null))
    }
    expect(walked.slice(3, 14)).toEqual([
      'Connections',
      'Custom services',
      'Activity',
      'Try a request',
      'Users',
      'API keys',
      'Audit log',
      'Encryption',
      'Instance',
      'Your account',
      'Help and API reference',
    ])
  })

  test('a new page is read from its heading, and its title stands in the tab', async () => {
    const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' })
    await link.focus()
    await page.keyboard.press('Enter')
    await heading('Activity').waitFor()
    await expect.poll(() => isFocused(heading('Activity'))).toBe(true)
    await expect.poll(() => page.title()).toBe('Activity · Mooring')
    await page.goBack()
    await expect.poll(() => isFocused(heading('Connections'))).toBe(true)
    // A tab of the page that stays keeps the focus.
    await go('/connections/nightly_export')
    const tab = page.getByRole('main').getByRole('link', { name: 'Use it', exact: true })
    await tab.focus()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/use')
    expect(await isFocused(tab)).toBe(true)
  })

  test('a menu that is asked for before its script is there opens once it is, and gives the focus back', async () => {
    const slow = await world.page(context)
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const menu = await scriptOf('@base-ui/react/menu')
    await slow.route(`**/${menu}`, async (route) => {
      await held
      await route.continue()
    })
    await slow.goto(`${world.url}/connections`)
    const button = slow.getByRole('button', { name: 'Account of Olga Owner' })
    await tabTo(slow, button)
    await slow.keyboard.press('Enter')
    expect(await slow.getByRole('menu').count()).toBe(0)
    release()
    await slow.getByRole('menuitem', { name: 'Sign out' }).waitFor()
    await slow.keyboard.press('Escape')
    await slow.getByRole('menu').waitFor({ state: 'detached' })
    await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true)
    await slow.close()
  })
})

describe('the theme', () => {
  test('is chosen in the account menu, stays, and is the same in every tab', async () => {
    await go('/connections')
    const other = await world.page(context)
    await other.goto(`${world.url}/activity`)
    const theme = (of: Page): Promise<string | undefined> =>
      of.evaluate(() => document.documentElement.dataset['theme'])
    await page.getByRole('button', { name: 'Account of Olga Owner' }).click()
    await page.getByRole('menuitem', { name: 'Dark' }).waitFor()
    await checksAccessible(page, 'the account menu')
    await page.getByRole('menuitem', { name: 'Dark' }).click()
    await expect.poll(() => theme(page)).toBe('dark')
    await expect.poll(() => theme(other)).toBe('dark')
    await page.reload()
    await heading('Connections').waitFor()
    expect(await theme(page)).toBe('dark')
    await page.getByRole('button', { name: 'Account of Olga Owner' }).click()
    await page.getByRole('menuitem', { name: 'As the system' }).click()
    await expect.poll(() => theme(page)).toBeUndefined()
    await other.close()
  })
})

/** In the page: what reaches beyond its right edge, where it scrolls sideways. */
function tooWide(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth <= clientWidth) return []
  const all = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > clientWidth)
  return all.map((one) => `${one.tagName} ${one.className} ${one.textContent?.slice(0, 30)}`)
}

describe('screens', () => {
  const paths = [
    '/connections',
    '/connections?query=acme',
    '/connections/new',
    '/connections/new?tab=custom',
    '/connections/new/sandbox_oauth2',
    '/connections/crm_production',
    '/connections/crm_production/activity',
    '/connections/crm_production/use',
    '/connections/crm_production/settings',
    '/services',
    '/services/new',
    '/services/harbour_crm/general',
    '/services/harbour_crm/security',
    '/services/harbour_crm/scopes',
    '/services/harbour_crm/connections',
    '/activity',
    '/try?connection=crm_production',
    '/settings/users',
    '/settings/api-keys',
    '/settings/audit-log',
    '/settings/encryption',
    '/settings/instance',
    '/settings/me',
    '/nowhere',
  ]

  test('of every width show every page without scrolling sideways', async () => {
    const narrow = await world.context({ width: 1440, height: 800 })
    const small = await world.page(narrow)
    await signIn(small, world, owner)
    const wide: string[] = []
    for (const path of paths) {
      await small.goto(world.url + path)
      await small.getByRole('heading', { level: 1 }).first().waitFor()
      await small.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
      for (const width of [1440, 768, 390, 320]) {
        await small.setViewportSize({ width, height: 800 })
        wide.push(...(await small.evaluate(tooWide)).map((element) => `${path} at ${width}: ${element}`))
      }
    }
    expect(wide).toEqual([])
    await narrow.close()
  })

  test('of 320 pixels have the navigation in a drawer, which closes when it has led somewhere', async () => {
    const narrow = await world.context({ width: 320, height: 640 })
    const small = await world.page(narrow)
    await signIn(small, world, owner)
    await checksAccessible(small, 'the list at 320 pixels')
    await small.getByRole('button', { name: 'Menu' }).click()
    const drawer = small.getByRole('dialog', { name: 'Menu' })
    await drawer.getByRole('link', { name: 'Help and API reference' }).waitFor()
    await checksAccessible(small, 'the drawer')
    await drawer.getByRole('link', { name: 'Audit log' }).click()
    await small.getByRole('heading', { name: 'Audit log', level: 1 }).waitFor()
    await drawer.waitFor({ state: 'detached' })
    await narrow.close()
  })
})

describe('when the server is out of reach', () => {
  const banner = (): Locator => page.getByRole('alert').filter({ hasText: 'The server does not answer' })

  test('it is said, what was typed stays, and it goes away by itself', async () => {
    await go('/connections/new/sandbox_oauth2')
    await page.getByLabel('Connection Name').fill('Typed before')
    await context.setOffline(true)
    await banner().waitFor()
    await checksAccessible(page, 'a lost network')
    await page.getByRole('button', { name: 'Create and Connect' }).click()
    expect(await page.getByLabel('Connection Name').inputValue()).toBe('Typed before')
    await context.setOffline(false)
    await banner().waitFor({ state: 'detached' })
    expect(await page.getByLabel('Connection Name').inputValue()).toBe('Typed before')
  })

  test('a page whose script is not there yet says so inside the frame, and comes once it can', async () => {
    // A browser that keeps no script of an earlier visit.
    const fresh = await world.context()
    await fresh.addCookies(await context.cookies())
    const other = await world.page(fresh)
    const title = (name: string): Locator => other.getByRole('heading', { name, level: 1 })
    await other.goto(`${world.url}/connections`)
    await title('Connections').waitFor()
    await fresh.setOffline(true)
    await other.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Instance' }).click()
    await title('This page could not be loaded').waitFor()
    expect(await other.getByRole('navigation', { name: 'Main' }).count()).toBe(1)
    await fresh.setOffline(false)
    await title('Instance').waitFor()
    forgiveFaults(/net::ERR_INTERNET_DISCONNECTED/, /MooringError: No answer from/)
    await fresh.close()
  })
})

describe('after an upgrade', () => {
  test('a script that is gone brings the new console, once', async () => {
    await go('/connections')
    await heading('Connections').waitFor()
    let asked = 0
    let loads = 0
    await page.route(/\/console\/audit_log-[^/]+\.js$/, async (route) => {
      asked++
      // Gone for the page as it was loaded; the one that is loaded anew names what is there.
      if (loads === 0) await route.fulfill({ status: 404, body: '' })
      else await route.continue()
    })
    // Asked for anew: the script is wanted before the page counts as loaded.
    page.on('request', (request) => (loads += request.isNavigationRequest() ? 1 : 0))
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit log' }).click()
    await heading('Audit log').waitFor()
    expect([asked >= 2, loads]).toEqual([true, 1])
    await page.unroute(/\/console\/audit_log-[^/]+\.js$/)
    forgiveFaults(/Failed to fetch dynamically imported module/)
  })
})

describe('events', () => {
  test('of many tabs come over one stream, which another takes over when its tab closes', async () => {
    await page.close()
    const streams = new Set<object>()
    context.on('request', (request) => {
      if (new URL(request.url()).pathname === '/v1/events') streams.add(request)
    })
    const over = (request: object): void => void streams.delete(request)
    context.on('requestfinished', over)
    context.on('requestfailed', over)
    const tabs: Page[] = []
    for (let n = 0; n < 8; n++) {
      const tab = await world.page(context)
      await tab.goto(`${world.url}/services`)
      await tab.getByRole('heading', { name: 'Custom services', level: 1 }).waitFor()
      tabs.push(tab)
    }
    await expect.poll(() => streams.size).toBe(1)
    await makeService(world, { linkName: 'told_to_all', name: 'Told to all' })
    for (const tab of tabs) await tab.getByText('Told to all').first().waitFor()
    // The first has the stream.
    await tabs.shift()?.close()
    await expect.poll(() => streams.size).toBe(1)
    await makeService(world, { linkName: 'told_by_another', name: 'Told by another' })
    for (const tab of tabs) await tab.getByText('Told by another').first().waitFor()
    for (const tab of tabs.splice(1)) await tab.close()
    page = tabs[0] ?? page
  })

  test('come again after the server was started anew', async () => {
    await world.restart()
    await makeService(world, { linkName: 'after_restart', name: 'After the restart' })
    await page.getByText('After the restart').first().waitFor()
    forgiveFaults(/net::ERR_(?:CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING)/)
    await checksClean(world, page)
  })
})
