import { demo } from '@mooring/sandbox'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { owner, setUp, signIn } from '../people.ts'
import { startWorld, type World } from '../world.ts'

const { confidential } = demo.oauth2
const [person] = demo.people

let world: World

beforeAll(async () => {
  world = await startWorld({
    environment: (provider) => ({
      MOORING_OIDC_ISSUER: provider.url,
      MOORING_OIDC_CLIENT_ID: confidential.clientId,
      MOORING_OIDC_CLIENT_SECRET: confidential.clientSecret,
      MOORING_OIDC_NAME: 'Harbour ID',
    }),
  })
  world.needles.watch("the identity provider's secret", confidential.clientSecret)
})
afterAll(() => world.close())

const heading = (on: Page, name: string) => on.getByRole('heading', { name, level: 1 })
const stranger = async (): Promise<Page> => world.page(await world.context())
/** Presses it even where the page has found out by itself that the session is over, and asks in front of it. */
const press = async (control: Locator): Promise<void> => control.dispatchEvent('click')
const signInHere = async (page: Page, password = owner.password): Promise<void> => {
  await page.getByLabel('E-mail address').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

describe('before anybody has an account', () => {
  test('the sign-in page says where the link is, a link that is over says how to get another', async () => {
    const page = await stranger()
    await page.goto(`${world.url}/connections`)
    await heading(page, 'Nobody has an account yet').waitFor()
    expect(await page.textContent('main')).toContain('one-time link')
    await checksAccessible(page, 'sign-in before the first owner')
    await page.goto(`${world.url}/setup#token=${world.needles.plant('a link that never was')}`)
    await page.getByLabel('Name').fill(owner.name)
    await page.getByLabel('E-mail address').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.getByRole('button', { name: 'Create owner' }).click()
    await heading(page, 'This link works no more').waitFor()
    expect(await page.textContent('main')).toContain('each start prints a link')
    await checksAccessible(page, 'a setup link that is over')
    await checksClean(world, page)
    await page.context().close()
  })
})

describe('with an account', () => {
  beforeAll(async () => {
    const page = await setUp(world, await world.context())
    await page.goto(`${world.url}/setup`)
    await heading(page, 'Connections').waitFor()
    await page.context().close()
  })

  test('a wrong password and an unknown address are told with the same sentence', async () => {
    const page = await stranger()
    await page.goto(`${world.url}/setup`)
    await heading(page, 'Mooring is set up already').waitFor()
    await checksAccessible(page, 'setup, done already')
    await page.getByRole('link', { name: 'Go to the sign-in page' }).click()
    await heading(page, 'Sign in').waitFor()
    await checksAccessible(page, 'sign-in')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect.poll(() => page.getByText('Fill this in.').count()).toBe(2)
    await checksAccessible(page, 'sign-in with nothing filled in')
    const told: (string | null)[] = []
    for (const email of [owner.email, 'nobody@example.com']) {
      await page.getByLabel('E-mail address').fill(email)
      await page.getByLabel('Password', { exact: true }).fill('not this one, surely')
      // What was told before goes with the click, so that an alert is the answer's.
      const answered = page.waitForResponse((response) => response.request().method() === 'POST')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      expect((await answered).status()).toBe(401)
      await expect.poll(() => page.getByRole('alert').count()).toBe(1)
      told.push(await page.getByRole('alert').textContent())
      expect(await page.getByLabel('E-mail address').inputValue()).toBe(email)
    }
    expect(told[0]).toContain('The address or the password is wrong.')
    expect(told[1]).toBe(told[0])
    await checksAccessible(page, 'sign-in, refused')
    await checksClean(world, page)
    await page.context().close()
  })

  test('too many tries are told with how long to wait', async () => {
    const page = await stranger()
    await page.goto(`${world.url}/login`)
    await page.getByLabel('E-mail address').fill('guessed@example.com')
    await page.getByLabel('Password', { exact: true }).fill('guessing')
    const told = async (): Promise<string | null> => {
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      return page.getByRole('alert').textContent()
    }
    // Each wrong one makes the next wait longer, until it is longer than this machine takes for one.
    await expect.poll(told, { timeout: 60_000 }).toMatch(/too many attempts.*Wait \d+ s/)
    await page.context().close()
  })

  test('at an address that is not the public one it says where to go', async () => {
    const page = await stranger()
    await page.goto(`${world.url.replace('localhost', '127.0.0.1')}/login`)
    await signInHere(page)
    await expect.poll(() => page.getByRole('alert').textContent()).toContain(`Open the console at ${world.url}`)
    await page.context().close()
  })

  test('signing in leads to the page that was asked for, with its state', async () => {
    const page = await stranger()
    await page.goto(`${world.url}/settings/audit-log?action=session.create`)
    await heading(page, 'Sign in').waitFor()
    await signInHere(page)
    await heading(page, 'Audit log').waitFor()
    expect(page.url()).toBe(`${world.url}/settings/audit-log?action=session.create`)
    // Whoever is signed in has nothing to do there.
    await page.goto(`${world.url}/login?next=%2Fsettings%2Fme`)
    await heading(page, 'Your account').waitFor()
    await page.context().close()
  })

  test.each(['https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example', 'javascript:alert(1)'])(
    'S-14 is never led elsewhere: %s',
    async (next) => {
      const page = await stranger()
      await page.goto(`${world.url}/login?next=${encodeURIComponent(next)}`)
      const provider = page.getByRole('link', { name: 'Sign in with Harbour ID' })
      expect(new URL((await provider.getAttribute('href')) ?? '', world.url).searchParams.get('returnTo')).toBe(
        '/connections',
      )
      await signInHere(page)
      await heading(page, 'Connections').waitFor()
      expect(page.url()).toBe(`${world.url}/connections`)
      await page.context().close()
    },
  )

  test('a session that ends over an open dialog and a form loses nothing', async () => {
    const page = await stranger()
    await signIn(page, world, owner)
    await page.goto(`${world.url}/settings/users`)
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    const form = page.getByRole('dialog', { name: 'Invite somebody' })
    await form.getByLabel('Name').fill('Ana')
    await form.getByLabel('E-mail address').fill('ana@example.com')
    // As when it has run out.
    await page.context().clearCookies()
    await press(page.locator('button', { hasText: 'Make the link' }))
    const again = page.getByRole('dialog', { name: 'You are signed out' })
    await again.waitFor()
    await checksAccessible(page, 'signed out over a dialog')
    await again.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.keyboard.press('Enter')
    await again.waitFor({ state: 'detached' })
    expect(await form.getByLabel('Name').inputValue()).toBe('Ana')
    await form.getByRole('button', { name: 'Make the link' }).click()
    await page.getByRole('dialog', { name: 'The invitation is made' }).waitFor()
    await page.getByRole('button', { name: 'I have handed it over' }).click()
    await checksClean(world, page)
    await page.context().close()
  })

  test('somebody else who signs in there sees a page of their own', async () => {
    const other = { name: 'Ben', email: 'ben@example.com', password: world.needles.plant("Ben's password") }
    const { url } = await world.client.invitations.create({ role: 'viewer' })
    const page = await stranger()
    await page.goto(url)
    await page.getByLabel('Name').fill(other.name)
    await page.getByLabel('E-mail address').fill(other.email)
    await page.getByLabel('Password', { exact: true }).fill(other.password)
    await page.getByRole('button', { name: 'Join' }).click()
    await heading(page, 'Connections').waitFor()
    await page.context().clearCookies()
    await signIn(page, world, owner)
    await page.context().clearCookies()
    await press(page.locator('nav a', { hasText: 'Audit log' }))
    const again = page.getByRole('dialog', { name: 'You are signed out' })
    await again.waitFor()
    await again.getByLabel('E-mail address').fill(other.email)
    await again.getByLabel('Password', { exact: true }).fill(other.password)
    await again.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Only owners and admins see this').waitFor()
    await checksClean(world, page)
    await page.context().close()
  })

  test('an identity provider is a second way in, and back to the page that was asked for', async () => {
    await world.client.invitations.create({ role: 'developer', email: person.email })
    const page = await stranger()
    await page.goto(`${world.url}/services?query=crm`)
    await page.getByRole('link', { name: 'Sign in with Harbour ID' }).click()
    await page.getByRole('button', { name: person.name }).click()
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.waitForURL(`${world.url}/services?query=crm`)
    await page.goto(`${world.url}/settings/me`)
    await page.getByText('You have none: you sign in through the identity provider.').waitFor()
    await checksAccessible(page, 'the own account without a password')

    // Its session ends; the provider's own is still there.
    await page.getByLabel('Name').fill('First of the Harbour')
    await page.context().clearCookies({ domain: 'localhost', name: 'mooring_session' })
    await press(page.locator('button', { hasText: /^Save$/ }))
    const again = page.getByRole('dialog', { name: 'You are signed out' })
    await again.waitFor()
    const [tab] = await Promise.all([
      page.context().waitForEvent('page'),
      again.getByRole('link', { name: 'Sign in with Harbour ID in a new tab' }).click(),
    ])
    await tab.getByRole('button', { name: 'Accept' }).click()
    await heading(tab, 'Connections').waitFor()
    await tab.close()
    await page.evaluate(() => window.dispatchEvent(new Event('focus')))
    await again.waitFor({ state: 'detached' })
    expect(await page.getByLabel('Name').inputValue()).toBe('First of the Harbour')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Your account is saved').waitFor()
    await checksClean(world, page)
    await page.context().close()
  })

  test('a link that is over or came without its end says so', async () => {
    const page = await stranger()
    for (const path of ['/invite', '/reset']) {
      await page.goto(world.url + path)
      await heading(page, 'Open the whole link').waitFor()
      await checksAccessible(page, `${path} without a token`)
    }
    await page.goto(`${world.url}/invite#token=${world.needles.plant('another link that never was')}`)
    await heading(page, 'This link works no more').waitFor()
    await checksAccessible(page, 'an invitation that never was')
    await checksClean(world, page)
  })
})
