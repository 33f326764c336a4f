/** J12: people, keys, the audit log. */
import { createClient } from '@mooring/sdk'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { tabTo } from '../keyboard.ts'
import { owner, signIn } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
/** The owner's, in the dark scheme from its first page on. */
let page: Page
/** The API key that the keyboard makes. */
let made = ''

const ana = { name: "Ana O'Neill", email: 'ana@example.com', password: 'a lantern on the pier' }
const vic = { name: 'Vic Vale', email: 'vic@example.com', password: 'salt and rope and tar' }

beforeAll(async () => {
  world = await startWorld()
  for (const { password } of [owner, ana, vic]) world.needles.watch('a password', password)
  await world.client.connections.create({ name: 'Reports', service: 'sandbox_machine' })
  await world.client.connections.create({ name: 'Ledger', service: 'sandbox_machine' })
  page = await world.page(await world.context({ colorScheme: 'dark' }))
})
afterAll(() => world.close())

const button = (on: Page, name: string | RegExp) => on.getByRole('button', { name, exact: true })
const heading = (on: Page, name: string) => on.getByRole('heading', { name, level: 1 })
const row = (on: Page, name: string) => on.getByRole('row').filter({ hasText: name })

/** What the API answers somebody who is signed in with this browser. */
async function asks(on: Page, method: string, path: string, body: object = {}): Promise<number> {
  return on.evaluate(
    async ([method, path, body]) => {
      const session = (await (await fetch('/v1/session')).json()) as { csrfToken: string }
      const headers = { 'content-type': 'application/json', 'x-csrf-token': session.csrfToken }
      const given = method === 'GET' ? {} : { body }
      return (await fetch(path, { method, headers, ...given })).status
    },
    [method, path, JSON.stringify(body)] as const,
  )
}

async function callThrough(connection: string, apiKey: string): Promise<number> {
  return (await createClient({ url: world.url, apiKey }).connections.fetch(connection, '/hello')).status
}

describe('with the keyboard only, in the dark', () => {
  test('the printed link makes the owner, and its token is out of the address at once', async () => {
    const link = world.setupLink()
    const token = new URL(link).hash.replace('#token=', '')
    await page.goto(link)
    await heading(page, 'Create the owner').waitFor()
    await expect.poll(() => page.url()).toBe(`${world.url}/setup`)
    await checksAccessible(page, 'first run')
    await page.emulateMedia({ colorScheme: 'dark' })

    await tabTo(page, button(page, 'Create owner'))
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('There is a problem')
    await checksAccessible(page, 'first run with nothing filled in')
    await page.emulateMedia({ colorScheme: 'dark' })

    await page.reload()
    await heading(page, 'Open the printed link').waitFor()
    await page.goto(link)
    await tabTo(page, page.getByLabel('Name'))
    await page.keyboard.type(owner.name)
    await page.keyboard.press('Tab')
    await page.keyboard.type(owner.email)
    await page.keyboard.press('Tab')
    await page.keyboard.type(owner.password)
    await page.keyboard.press('Enter')
    await heading(page, 'Connections').waitFor()
    const kept = await page.evaluate(() => JSON.stringify([Object.values(sessionStorage), Object.values(localStorage)]))
    expect(kept).not.toContain(token)
    await page.goBack().catch(() => undefined)
    expect(page.url()).not.toContain(token)
  })

  test('a key is made, is shown until it is said to be saved, and works', async () => {
    await page.goto(`${world.url}/connections`)
    await heading(page, 'Connections').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('k')
    await heading(page, 'API keys').waitFor()
    await tabTo(page, button(page, 'Create key'))
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Create an API key' })
    await dialog.waitFor()
    await checksAccessible(page, 'creating a key')
    await page.emulateMedia({ colorScheme: 'dark' })
    const name = dialog.getByLabel('Name')
    if (!(await name.evaluate((element) => element === document.activeElement))) await tabTo(page, name)
    await page.keyboard.type('Nightly job')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').waitFor()
    expect(await dialog.getByRole('alert').textContent()).toContain('Choose at least one connection')
    await tabTo(page, dialog.getByLabel('Search connections'))
    await page.keyboard.type('rep')
    await expect.poll(() => dialog.getByRole('checkbox').count()).toBe(1)
    await tabTo(page, dialog.getByRole('checkbox', { name: /Reports/ }))
    await page.keyboard.press('Space')
    await tabTo(page, dialog.getByRole('button', { name: 'Create key' }))
    await page.keyboard.press('Enter')

    const shown = page.getByRole('dialog', { name: 'The key of Nightly job' })
    await shown.waitFor()
    made = await shown.getByLabel('API key', { exact: true }).inputValue()
    expect(made).toMatch(/^mk_/)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    expect(await shown.isVisible()).toBe(true)
    await tabTo(page, shown.getByRole('button', { name: 'Copy API key' }))
    await page.keyboard.press('Enter')
    await shown.getByRole('button', { name: 'Copy API key' }).getByText('Copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(made)
    await checksAccessible(page, 'a key that is shown once')
    await page.emulateMedia({ colorScheme: 'dark' })
    await tabTo(page, shown.getByRole('button', { name: "I've saved this key" }))
    await page.keyboard.press('Enter')
    await shown.waitFor({ state: 'detached' })
    world.needles.watch('the key of the nightly job', made)
    // Back where it began.
    await expect
      .poll(() => button(page, 'Create key').evaluate((element) => element === document.activeElement))
      .toBe(true)

    expect(await callThrough('reports', made)).toBe(200)
    await expect(callThrough('ledger', made)).rejects.toMatchObject({ status: 404 })
    await page.reload()
    await expect.poll(() => row(page, 'Nightly job').textContent()).toContain('just now')
    await checksAccessible(page, 'API keys')
    await checksClean(world, page)
  })
})

describe('API keys with the mouse', () => {
  test('a click outside neither closes what was typed into nor what is shown once', async () => {
    await page.emulateMedia({ colorScheme: 'light' })
    await button(page, 'Create key').click()
    const dialog = page.getByRole('dialog', { name: 'Create an API key' })
    await dialog.getByLabel('Name').fill('Deploy')
    await page.mouse.click(5, 5)
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Deploy')
    await dialog.getByRole('radio', { name: /Developer/ }).check()
    await dialog.getByLabel('Expires').selectOption('On a date …')
    await dialog.getByRole('button', { name: 'Create key' }).click()
    await expect.poll(() => dialog.getByRole('alert').textContent()).toContain('Choose the last day')
    await dialog.getByLabel('Expires').selectOption('In 30 days')
    await dialog.getByRole('button', { name: 'Create key' }).click()
    const shown = page.getByRole('dialog', { name: 'The key of Deploy' })
    await shown.waitFor()
    await page.mouse.click(5, 5)
    expect(await shown.isVisible()).toBe(true)
    world.needles.watch('the deploy key', await shown.getByLabel('API key', { exact: true }).inputValue())
    await button(page, "I've saved this key").click()
    await expect.poll(() => row(page, 'Deploy').textContent()).toMatch(/Expires(?!Never)/)
  })

  test('a rolled key works beside the new one for the time that was chosen', async () => {
    await button(page, 'Roll Nightly job').click()
    const dialog = page.getByRole('dialog', { name: 'Roll Nightly job?' })
    await dialog.getByRole('radio', { name: 'In 1 hour' }).check()
    await checksAccessible(page, 'rolling a key')
    await dialog.getByRole('button', { name: 'Roll key' }).click()
    const shown = page.getByRole('dialog', { name: 'The new key of Nightly job' })
    expect(await shown.textContent()).toContain('works until')
    const next = await shown.getByLabel('API key', { exact: true }).inputValue()
    await button(page, "I've saved this key").click()
    world.needles.watch('the rolled key', next)
    expect([next === made, await callThrough('reports', made), await callThrough('reports', next)]).toEqual([
      false,
      200,
      200,
    ])
    const old = row(page, made.slice(0, 7)).first()
    await expect.poll(() => old.textContent()).toContain(`then ${next.slice(0, 7)}…`)
    await checksAccessible(page, 'API keys, one of them rolled')

    await old.getByRole('button', { name: /^Delete/ }).click()
    const question = page.getByRole('alertdialog')
    expect(await question.textContent()).toContain('was last used')
    await checksAccessible(page, 'asked before a key is deleted')
    await question.getByRole('button', { name: 'Delete key' }).click()
    await question.waitFor({ state: 'detached' })
    await expect(callThrough('reports', made)).rejects.toMatchObject({ status: 401 })
    expect(await callThrough('reports', next)).toBe(200)
    await checksClean(world, page)
  })
})

describe('people', () => {
  let editor: Page
  let viewer: Page
  const seen = new Set<string>()
  /** The same state twice proves no more. */
  const checksOnce = async (on: Page, state: string): Promise<void> => {
    if (!seen.has(state)) await checksAccessible(on, state)
    seen.add(state)
  }

  const invites = async (role: string, name = ''): Promise<string> => {
    await page.goto(`${world.url}/settings/users`)
    await button(page, 'Invite somebody').click()
    const dialog = page.getByRole('dialog', { name: 'Invite somebody' })
    await dialog.getByRole('radio', { name: new RegExp(`^${role}`) }).check()
    if (name !== '') await dialog.getByLabel('Name').fill(name)
    await checksOnce(page, 'inviting somebody')
    await dialog.getByRole('button', { name: 'Make the link' }).click()
    const shown = page.getByRole('dialog', { name: 'The invitation is made' })
    const link = await shown.getByLabel('invitation link', { exact: true }).inputValue()
    await page.mouse.click(5, 5)
    await page.keyboard.press('Escape')
    expect(await shown.isVisible()).toBe(true)
    await button(page, 'I have handed it over').click()
    await shown.waitFor({ state: 'detached' })
    return link
  }
  const joins = async (link: string, who: typeof ana): Promise<Page> => {
    const opened = await world.page(await world.context())
    await opened.goto(link)
    await heading(opened, 'Join Main').waitFor()
    await expect.poll(() => opened.url()).toBe(`${world.url}/invite`)
    await checksOnce(opened, 'an invitation')
    await opened.getByLabel('Name').fill(who.name)
    await opened.getByLabel('E-mail address').fill(who.email)
    await opened.getByLabel('Password', { exact: true }).fill('too short')
    await button(opened, 'Join').click()
    await expect.poll(() => opened.getByRole('alert').textContent()).toContain('12')
    await opened.getByLabel('Password', { exact: true }).fill(who.password)
    await button(opened, 'Join').click()
    await heading(opened, 'Connections').waitFor()
    return opened
  }

  test('a developer and a viewer join by links, which work once', async () => {
    const [forAna, forVic] = [await invites('Developer', 'Ana'), await invites('Viewer')]
    editor = await joins(forAna, ana)
    viewer = await joins(forVic, vic)
    const late = await world.page(await world.context())
    await late.goto(forAna)
    await heading(late, 'This link works no more').waitFor()
    expect(await late.textContent('main')).toContain('Ask whoever invited you')
    await checksAccessible(late, 'an invitation that is over')
    await late.context().close()
    await page.reload()
    await row(page, ana.email).waitFor()
    await checksAccessible(page, 'people')
  })

  test('the viewer sees neither secrets nor what would change something, and the API refuses it too', async () => {
    const pages = [
      ['/connections', 'Ledger'],
      ['/connections/reports', 'Reports'],
      ['/services', 'Sandbox'],
      ['/settings/users', owner.email],
      ['/settings/instance', 'Version'],
    ] as const
    for (const [path, shown] of pages) {
      await viewer.goto(world.url + path)
      await viewer.locator('main').getByText(shown).first().waitFor()
      const offered =
        /^(Add Connection|Create Service|Create and Connect|Revoke|Reconnect|Connect|Refresh now|Invite.*)$/
      expect(await viewer.getByRole('button', { name: offered }).count(), path).toBe(0)
      expect(await viewer.getByRole('link', { name: offered }).count(), path).toBe(0)
    }
    for (const path of ['/settings/api-keys', '/settings/audit-log']) {
      await viewer.goto(world.url + path)
      await viewer.getByText('Only owners and admins see this').waitFor()
      await checksAccessible(viewer, `${path} of a viewer`)
    }
    const nav = viewer.getByRole('navigation', { name: 'Main' })
    expect(await nav.getByRole('link', { name: 'Audit log' }).count()).toBe(0)
    expect(await nav.getByRole('link', { name: 'API keys' }).count()).toBe(0)
    expect(await asks(viewer, 'POST', '/v1/connections/reports/revoke')).toBe(403)
    expect(await asks(viewer, 'POST', '/v1/connections', { name: 'Mine', service: 'sandbox_machine' })).toBe(403)
    expect((await world.client.connections.get('reports')).status).toBe('active')
    await checksClean(world, viewer)
  })

  test('the developer does not manage people', async () => {
    await editor.goto(`${world.url}/settings/users`)
    await editor.getByText('Only owners and admins manage people').waitFor()
    await row(editor, owner.email).waitFor()
    expect(await editor.getByRole('button', { name: /^Invite|^Actions/ }).count()).toBe(0)
    expect(await asks(editor, 'POST', '/v1/invitations', { role: 'viewer' })).toBe(403)
    await checksAccessible(editor, 'people, for a developer')
    await checksClean(world, editor)
  })

  const acts = async (who: { name: string }, item: string): Promise<void> => {
    await button(page, `Actions for ${who.name}`).click()
    await page.getByRole('menuitem', { name: item }).click()
  }

  test('the last owner stays one, and is told why', async () => {
    await button(page, `Actions for ${owner.name}`).click()
    await checksAccessible(page, 'the menu of a person')
    await page.getByRole('menuitem', { name: 'Change role' }).click()
    const dialog = page.getByRole('dialog', { name: `What may ${owner.name} do?` })
    await dialog.getByRole('radio', { name: /^Viewer/ }).check()
    await dialog.getByRole('button', { name: 'Save role' }).click()
    await expect.poll(() => dialog.getByRole('alert').textContent()).toContain('the last active owner')
    expect(await dialog.getByRole('alert').textContent()).toContain('Make somebody else an owner first.')
    await checksAccessible(page, 'a refused change of role')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
  })

  test('a role is changed, an account deactivated and back, and holds at once', async () => {
    await acts(ana, 'Change role')
    await page
      .getByRole('dialog', { name: /^What may/ })
      .getByRole('radio', { name: /^Admin/ })
      .check()
    await button(page, 'Save role').click()
    await expect.poll(() => row(page, ana.email).textContent()).toContain('Admin')
    await editor.reload()
    await button(editor, 'Invite somebody').waitFor()

    await acts(vic, 'Deactivate')
    await checksAccessible(page, 'asked before somebody is deactivated')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Deactivate' }).click()
    await expect.poll(() => row(page, vic.email).textContent()).toContain('Deactivated')
    await viewer.reload()
    await heading(viewer, 'Sign in').waitFor()
    await acts(vic, 'Reactivate')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Reactivate' }).click()
    await expect.poll(() => row(page, vic.email).textContent()).toContain('Active')
  })

  test('a password link lets somebody in with a new password, once', async () => {
    await acts(vic, 'Make a password link')
    await button(page, 'Make the link').click()
    const shown = page.getByRole('dialog', { name: `A password link for ${vic.name}` })
    const link = await shown.getByLabel('password link', { exact: true }).inputValue()
    await button(page, 'I have handed it over').click()
    await viewer.goto(link)
    await heading(viewer, 'Choose a new password').waitFor()
    await expect.poll(() => viewer.url()).toBe(`${world.url}/reset`)
    await checksAccessible(viewer, 'choosing a new password')
    const password = world.needles.plant('the new password')
    await viewer.getByLabel('New password').fill(password)
    await button(viewer, 'Save and sign in').click()
    await heading(viewer, 'Connections').waitFor()
    await viewer.goto(link)
    await viewer.getByLabel('New password').fill(password)
    await button(viewer, 'Save and sign in').click()
    await heading(viewer, 'This link works no more').waitFor()
    await checksClean(world, viewer)
  })

  test('somebody who is removed is gone, an invitation that is withdrawn works no more', async () => {
    const question = page.getByRole('alertdialog')
    await acts(vic, 'Remove')
    await question.getByRole('button', { name: 'Remove' }).click()
    // First the dialog: while it is open no role of the page behind it can be found.
    await question.waitFor({ state: 'detached' })
    await row(page, vic.email).waitFor({ state: 'detached' })
    const link = await invites('Viewer', 'Nobody')
    await button(page, 'Withdraw the invitation of Nobody').click()
    await question.getByRole('button', { name: 'Withdraw invitation' }).click()
    await question.waitFor({ state: 'detached' })
    await row(page, 'Nobody').waitFor({ state: 'detached' })
    await viewer.goto(link)
    await heading(viewer, 'This link works no more').waitFor()
    await checksClean(world, page)
  })
})

describe('the own account', () => {
  test('a browser that is signed out elsewhere asks for the password, and what was typed stays', async () => {
    const other = await world.page(await world.context())
    await signIn(other, world, owner)
    await other.goto(`${world.url}/settings/me`)
    await other.getByLabel('Name').fill('Olga of the Harbour')

    await page.goto(`${world.url}/settings/me`)
    const sessions = page.getByRole('listitem').filter({ hasText: 'last seen' })
    await expect.poll(() => sessions.count()).toBe(2)
    expect(await sessions.first().textContent()).toContain('This browser')
    expect(await sessions.first().textContent()).toContain('Chrome on')
    await checksAccessible(page, 'the own account')
    await sessions
      .last()
      .getByRole('button', { name: /^Sign out/ })
      .click()
    await expect.poll(() => sessions.count()).toBe(1)

    const dialog = other.getByRole('dialog', { name: 'You are signed out' })
    await dialog.waitFor()
    await checksAccessible(other, 'signed out over a page')
    expect(await dialog.getByLabel('E-mail address').inputValue()).toBe(owner.email)
    await other.keyboard.press('Escape')
    await other.mouse.click(5, 5)
    await dialog.getByLabel('Password', { exact: true }).fill('not this one, surely')
    await dialog.getByRole('button', { name: 'Sign in' }).click()
    await expect.poll(() => dialog.getByRole('alert').textContent()).toContain('The address or the password is wrong.')
    await dialog.getByLabel('Password', { exact: true }).fill(owner.password)
    await dialog.getByRole('button', { name: 'Sign in' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(await other.getByLabel('Name').inputValue()).toBe('Olga of the Harbour')
    await button(other, 'Save').click()
    await other.getByText('Your account is saved').waitFor()
    await expect.poll(() => other.getByRole('button', { name: 'Account of Olga of the Harbour' }).count()).toBe(1)

    await page.reload()
    await button(page, 'Sign out everywhere else').click()
    await expect.poll(() => sessions.count()).toBe(1)
    await dialog.waitFor()
    await checksClean(world, other)
    await other.context().close()
  })

  test('a new password asks for the current one', async () => {
    const next = world.needles.plant("the owner's next password")
    await page.getByLabel('Current password').fill('not this one, surely')
    await page.getByLabel('New password').fill(next)
    await button(page, 'Change password').click()
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('This is not your current password.')
    await checksAccessible(page, 'a wrong current password')
    await page.getByLabel('Current password').fill(owner.password)
    await button(page, 'Change password').click()
    await page.getByText('Your password is changed').waitFor()
    await expect.poll(() => page.getByLabel('New password').inputValue()).toBe('')
    await checksClean(world, page)
  })

  test('the scheme and the letters of this browser are chosen', async () => {
    await page.getByRole('radio', { name: 'Dark' }).check()
    await expect.poll(() => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark')
    await page.getByRole('radio', { name: 'As the system' }).check()
    await page.getByRole('switch', { name: 'Single-letter shortcuts' }).uncheck()
    await page.locator('h1').click()
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await page.getByRole('switch', { name: 'Single-letter shortcuts' }).check()
    expect(page.url()).toBe(`${world.url}/settings/me`)
    await page.locator('h1').click()
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await heading(page, 'Connections').waitFor()
  })
})

describe('the audit log', () => {
  test('tells the acts, filters by the address, and is verified', async () => {
    for (let times = 0; times < 30; times++) await world.client.connections.update('ledger', { name: 'Ledger' })
    await page.goto(`${world.url}/settings/audit-log`)
    const log = page.getByRole('table', { name: 'Audit log' })
    await log.waitFor()
    for (const act of ["Change one's own account", 'Remove somebody', 'Withdraw an invitation', 'Invite somebody'])
      await log.getByRole('row').filter({ hasText: act }).first().waitFor()
    await page.getByLabel('What').selectOption('Roll an API key')
    await expect.poll(() => log.getByRole('row').count()).toBe(2)
    expect(new URL(page.url()).searchParams.get('action')).toBe('api_key.roll')
    await page.reload()
    await expect.poll(() => log.getByRole('row').count()).toBe(2)
    await log.getByRole('button', { name: /^Details/ }).click()
    await log.getByText('Hash of the one before').waitFor()
    await button(page, 'Verify').click()
    await page.getByText(/^All \d+ entries fit$/).waitFor()
    const { head } = await world.client.audit.verify()
    expect(await page.getByLabel('newest hash', { exact: true }).inputValue()).toBe(head)
    await checksAccessible(page, 'the audit log, verified, with details')
    await page.getByLabel('Object').fill('nothing of this name')
    await button(page, 'Filter').click()
    await page.getByText('No entry fits').waitFor()
    await checksAccessible(page, 'the audit log without a match')
    await page.getByRole('link', { name: 'Clear filters' }).first().click()
    await button(page, 'Load older').click()
    await expect.poll(() => log.getByRole('row').count()).toBeGreaterThan(51)
    await checksClean(world, page)
  })

  test('the instance tells its address and what it holds', async () => {
    await page.goto(`${world.url}/settings/instance`)
    await expect.poll(() => page.getByLabel('Public URL', { exact: true }).inputValue()).toBe(world.url)
    const setting = (on: Page) => on.getByLabel('setting', { exact: true })
    expect(await setting(page).count()).toBe(0)
    await checksAccessible(page, 'the instance')

    // The same session at another address of the same server.
    const elsewhere = await world.context()
    const cookies = await page.context().cookies(world.url)
    await elsewhere.addCookies(cookies.map((cookie) => ({ ...cookie, domain: '127.0.0.1' })))
    const there = await world.page(elsewhere)
    const address = world.url.replace('localhost', '127.0.0.1')
    await there.goto(`${address}/settings/instance`)
    await there.getByText(`You are at ${address}, but Mooring takes itself for ${world.url}`).waitFor()
    expect(await setting(there).inputValue()).toBe(`MOORING_PUBLIC_URL=${world.url}`)
    await checksAccessible(there, 'an instance that takes itself for another')
    await elsewhere.close()
    await checksClean(world, page)
  })
})
