/** J2: a custom service from its name to Ready, section by section, with everything that can come between. */
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean, checksSoon } from '../checks.ts'
import { openDialog, owner, setUp, signIn } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let context: BrowserContext
let page: Page
let secret: string

const button = (name: string | RegExp, on: Page = page): Locator => on.getByRole('button', { name, exact: true })
/** By its label; some say "optional" behind it. */
const field = (label: string, on: Page = page): Locator =>
  on.getByLabel(label, { exact: true }).or(on.getByLabel(`${label} optional`, { exact: true }))
/** Not what is read out only. */
const shown = (text: RegExp | string): Locator => page.getByRole('main').getByText(text)
const checklist = (): Locator =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: 'Before you mark as Ready' }) })
/** What stands at a field as wrong. */
const says = async (label: string, text: RegExp): Promise<void> => {
  const id = await field(label).getAttribute('id')
  await page.locator(`#${id}-error`).getByText(text).waitFor()
}
const section = async (name: string): Promise<void> => {
  await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name }).click()
}
/** Until what was typed is stored. */
const saved = async (check: () => Promise<unknown>, wanted: unknown): Promise<void> => {
  await checksSoon(check).toEqual(wanted)
}
const stored = async (link: string): Promise<Record<string, unknown>> => ({
  ...(await world.client.services.get(link)),
})
const authOf = async (link: string): Promise<Record<string, unknown>> =>
  (await world.client.services.get(link)).auth ?? {}

beforeAll(async () => {
  world = await startWorld()
  context = await world.context()
  page = await setUp(world, context)
  page.setDefaultTimeout(20_000)
  secret = world.needles.plant('client secret')
})
afterAll(() => world.close())

describe('a new service', () => {
  test('begins with a name and a description, whose rules stand at the fields', async () => {
    await page.goto(`${world.url}/services`)
    await page.getByRole('heading', { level: 1, name: 'Custom services' }).waitFor()
    await page.getByText('No custom services yet').waitFor()
    await checksAccessible(page, 'custom services, none yet')
    await page.getByRole('link', { name: 'Create Service' }).first().click()
    await page.getByLabel(/^Service Name/).fill('.Harbour')
    await field('Description').fill('Boats <b>')
    await button('Create Service').click()
    await page.getByRole('alert').getByText('Start with a letter, a number or _.').waitFor()
    await page
      .getByRole('alert')
      .getByText(/Use letters, digits, spaces and , \. \( \)/)
      .waitFor()
    await checksAccessible(page, 'a new service, with errors')
    await page.getByLabel(/^Service Name/).fill('Harbour CRM')
    await field('Description').fill('Berths and boats.')
    await button('Create Service').click()
    await page.getByRole('heading', { level: 1, name: 'Harbour CRM' }).waitFor()
    expect(await page.getByTestId('stage').textContent()).toBe('Draft')
    expect(await stored('harbour_crm')).toMatchObject({ stage: 'draft', description: 'Berths and boats.' })
  })

  test('takes its general part as it is typed, and says what it cannot take', async () => {
    await field('Service Name').fill('Harbour: CRM')
    await checksSoon(() => field('Service Link Name').inputValue()).toBe('harbour__crm')
    await field('Service Name').fill('Harbour CRM')
    await checksSoon(() => field('Service Link Name').inputValue()).toBe('harbour_crm')
    await field('Service Link Name').fill('1crm')
    await field('Base URL').fill('api.example.com')
    await field('Base URL').blur()
    await says('Service Link Name', /^Start with a letter \(A to Z\)\.$/)
    await says('Base URL', /^Write a whole URL/)
    await shown('Not saved: mend Service Link Name and Base URL').waitFor()
    await field('Description').fill('Berths, boats and people.')
    // What is right is stored beside what is not.
    await saved(async () => (await stored('harbour_crm'))['description'], 'Berths, boats and people.')
    await checksAccessible(page, 'General, with errors')
    await field('Service Link Name').fill('harbour')
    await field('Base URL').fill(`${world.provider.url}/api/oauth2`)
    await saved(async () => (await stored('harbour'))['baseUrl'], `${world.provider.url}/api/oauth2`)
    await checksSoon(() => new URL(page.url()).pathname).toBe('/services/harbour/general')
    await page.getByRole('button', { name: 'Add to Hosts' }).click()
    await field('Hosts 1').fill('*')
    await field('Hosts 1').blur()
    await says('Hosts 1', /./)
    await shown(/^Not saved: mend Hosts/).waitFor()
    await button('Remove Hosts 1').click()
    await field('Path').fill('/me')
    await saved(async () => (await stored('harbour'))['probe'], { method: 'GET', path: '/me' })
  })

  test('has its logo judged by what is in the file', async () => {
    const file = page.getByLabel('Logo file')
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    await file.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('<svg/>') })
    await page.getByText('Use a PNG or JPG picture; this file is neither, whatever its name says.').waitFor()
    const large = Buffer.concat([png, Buffer.alloc(1_048_576)])
    await file.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: large })
    await page.getByText('Use a picture of less than 1 MB; this one has 1.0 MB.').waitFor()
    await file.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: png })
    await button('Replace logo').waitFor()
    expect((await stored('harbour'))['logoUrl']).not.toBeNull()
    const shown = page.locator('main img').first()
    await checksSoon(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
  })

  test('cannot be connected while it is a Draft', async () => {
    await section('Connections')
    await page.getByText('A Draft cannot be connected. Mark it as Ready first.').waitFor()
    await checksAccessible(page, 'connections of a Draft')
    expect(await page.getByRole('link', { name: 'Add Connection' }).count()).toBe(0)
    await section('General')
    await button('Save & Continue').click()
    await page.getByRole('radio', { name: 'Basic' }).waitFor()
  })
})

describe('how it authenticates', () => {
  test('begins with a type, and with the callback URL to copy where there is one', async () => {
    await checklist().getByText('Choose an authentication type.').waitFor()
    await page.getByRole('radio', { name: 'OAuth2' }).click()
    await page.getByRole('heading', { name: 'Register this callback URL at the provider' }).waitFor()
    await page.getByRole('button', { name: 'Copy callback URL' }).click()
    await page.getByRole('button', { name: 'Copy callback URL' }).getByText('Copied').waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toBe((await stored('harbour'))['callbackUrl'])
    await saved(async () => (await authOf('harbour'))['type'], 'oauth2')
    await checksAccessible(page, 'Security of a new service')
  })

  test('shows each rule at its field once the field was left', async () => {
    const rules: [label: string, wrong: string, rule: RegExp][] = [
      ['Client ID', ' spaced', /^Remove the spaces at the ends/],
      ['Client Secret', 'geheimnüs', /^Use printable ASCII characters only/],
      ['Authorization URL', 'https://sandbox.example', /^Add the path after the host/],
      ['Token URL', 'ftp://sandbox.example/token', /^Write a whole URL/],
      ['Refresh Token URL', 'https://a:b@sandbox.example/token', /^Remove the user name and password/],
      ['Revoke Token URL', 'https://sandbox.example/revoke#x', /^Remove the # and what follows/],
    ]
    for (const [label, wrong, rule] of rules) {
      await field(label).fill(wrong)
      await field(label).blur()
      await says(label, rule)
    }
    await page.locator('summary', { hasText: 'Advanced Parameters' }).click()
    await field('Bearer Name').fill('Zoho-oauthtoken')
    await field('Expiry Time').fill('899')
    await field('Expiry Time').blur()
    await says('Bearer Name', /^Use letters and digits only\.$/)
    await says('Expiry Time', /^Use a whole number of seconds from 900 to 86400\.$/)
    await field('Expiry Time').fill('checksSoon')
    await field('Expiry Time').blur()
    await says('Expiry Time', /^Use a whole number of seconds from 900 to 86400\.$/)
    await checksAccessible(page, 'Security, with errors')
    await field('Bearer Name').fill('Bearer')
    await field('Expiry Time').fill('1800')
    for (const label of ['Refresh Token URL', 'Revoke Token URL']) await field(label).fill('')
    await saved(async () => (await authOf('harbour'))['expiryTime'], 1800)
  })

  test('offers what the provider is known to want, and adds it by one click', async () => {
    await field('Authorization URL').fill('https://accounts.zoho.com/oauth/v2/auth')
    await page.getByText(/^Zoho gives no refresh token without access_type=offline/).waitFor()
    await checksAccessible(page, 'Security, with a hint')
    await button('Add it for me').click()
    await page.getByText(/^Zoho gives no refresh token/).waitFor({ state: 'detached' })
    await page.locator('summary', { hasText: 'Provider specifics' }).click()
    expect(await field('Authorization Parameters 1, name').inputValue()).toBe('access_type')
    expect(await field('Authorization Parameters 1, value').inputValue()).toBe('offline')
    // The same name again could not be sent.
    await page.getByRole('button', { name: 'Add to Authorization Parameters' }).click()
    await field('Authorization Parameters 2, name').fill('access_type')
    await field('Authorization Parameters 2, name').blur()
    await says('Authorization Parameters 2, name', /^This name is in the list twice\.$/)
    await button('Remove Authorization Parameters 2').click()
  })

  test('keeps what few providers need closed, with what it is for and how much is set', async () => {
    const specifics = page.locator('summary', { hasText: 'Provider specifics' })
    await specifics.getByText('1 set').waitFor()
    const answer = page.locator('summary', { hasText: 'Token Answer' })
    const token = page.locator('#service-auth-tokenResponse-accessToken')
    expect(await token.isVisible()).toBe(false)
    await answer.click()
    await token.fill('data.access_token')
    await answer.getByText('Set', { exact: true }).waitFor()
    await specifics.getByText('2 set').waitFor()
    await saved(async () => (await authOf('harbour'))['tokenResponse'], { accessToken: 'data.access_token' })
    await checksAccessible(page, 'a part of the provider specifics, open')
    await token.fill('')
    await specifics.getByText('1 set').waitFor()
  })

  test('shows what will be sent, the secret as dots', async () => {
    const { authorizationUrl, tokenUrl, revokeTokenUrl } = (world.provider.services.find(
      ({ linkName }) => linkName === 'sandbox_oauth2',
    )?.service.auth ?? {}) as Record<string, string>
    await field('Client ID').fill('sandbox-client')
    await field('Client Secret').fill(secret)
    await field('Authorization URL').fill(authorizationUrl ?? '')
    await field('Token URL').fill(tokenUrl ?? '')
    await field('Revoke Token URL').fill(revokeTokenUrl ?? '')
    const preview = page.getByRole('region', { name: 'What we will send' })
    await preview.getByText(/access_type=offline/).waitFor()
    await preview
      .getByText(/client_id=sandbox-client&client_secret=••••••/)
      .first()
      .waitFor()
    await preview.getByText(/Authorization: Bearer ••••••/).waitFor()
    await field('Client Authentication').first().selectOption({ label: 'Include in authorization header' })
    await preview
      .getByText(/authorization: Basic ••••••/i)
      .first()
      .waitFor()
    await field('Client Authentication').first().selectOption({ label: 'Include in the form data' })
    await saved(async () => (await authOf('harbour'))['clientSecret'], { set: true })
    // What was sent is not in the page any more.
    await checksSoon(() => field('Client Secret').inputValue()).toBe('')
    expect(await field('Client Secret').getAttribute('placeholder')).toMatch(/stored; type to replace/)
    await saved(() => authOf('harbour'), {
      ...(await authOf('harbour')),
      clientId: 'sandbox-client',
      authorizationUrl,
      tokenUrl,
      authorizationParams: { access_type: 'offline' },
    })
  })

  test('keeps what is typed while there is no network, and stores it afterwards', async () => {
    await context.setOffline(true)
    await field('Refresh Token URL').fill('https://sandbox.example/refresh')
    await shown('Not saved: the server does not answer').waitFor()
    await shown('Out of date').waitFor()
    expect((await authOf('harbour'))['refreshTokenUrl']).toBeNull()
    await context.setOffline(false)
    await saved(async () => (await authOf('harbour'))['refreshTokenUrl'], 'https://sandbox.example/refresh')
    expect(await field('Refresh Token URL').inputValue()).toBe('https://sandbox.example/refresh')
    await field('Refresh Token URL').fill('')
    await saved(async () => (await authOf('harbour'))['refreshTokenUrl'], null)
  })

  test('says before another type is taken what would be lost', async () => {
    await button('Change Authentication Type').click()
    await page.getByRole('radio', { name: 'Basic' }).click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByText(/^You lose these settings: Client ID, Client Secret, .*Authorization Parameters/).waitFor()
    await checksAccessible(page, 'the question before the type changes')
    await button('Keep OAuth2').click()
    await dialog.waitFor({ state: 'detached' })
    expect((await authOf('harbour'))['type']).toBe('oauth2')
  })
})

describe('two people at one draft', () => {
  test('change different parts without undoing each other, and are asked about the same one', async () => {
    const other = await world.page(await world.context())
    await signIn(other, world, owner)
    await other.goto(`${world.url}/services/harbour/general`)
    await field('Description', other).waitFor()
    await section('General')
    await field('Description', other).fill('Said by the other.')
    await saved(async () => (await stored('harbour'))['description'], 'Said by the other.')
    await field('Path').fill('/me?mine')
    await saved(async () => (await stored('harbour'))['probe'], { method: 'GET', path: '/me?mine' })
    await checksSoon(() => field('Description').inputValue()).toBe('Said by the other.')
    // Both at once at the same part.
    await context.setOffline(true)
    await field('Description').fill('Said by me.')
    await field('Description', other).fill('Said by the other again.')
    await saved(async () => (await stored('harbour'))['description'], 'Said by the other again.')
    await context.setOffline(false)
    await page.getByText(/^Changed elsewhere/).waitFor()
    await page.getByText(/You both changed Description\./).waitFor()
    await checksAccessible(page, 'a draft that was changed elsewhere')
    expect(await field('Description').inputValue()).toBe('Said by me.')
    await button('Keep mine').click()
    await saved(async () => (await stored('harbour'))['description'], 'Said by me.')
    await other.goto(`${world.url}/services/harbour/general`)
    await checksSoon(() => field('Description', other).inputValue()).toBe('Said by me.')
    await other.context().setOffline(true)
    await field('Description', other).fill('Lost on purpose.')
    await field('Description').fill('The last word.')
    await saved(async () => (await stored('harbour'))['description'], 'The last word.')
    await other.context().setOffline(false)
    await button('Load theirs', other).click()
    expect(await field('Description', other).inputValue()).toBe('The last word.')
    await other.context().close()
  })

  test('one whose session has ended goes on where they were once they have signed in again', async () => {
    const cookies = await context.cookies()
    await context.clearCookies()
    await field('Path').fill('/me?again')
    const dialog = openDialog(page)
    await dialog.getByText('You are signed out').waitFor()
    await dialog.getByLabel('Password', { exact: true }).fill(owner.password)
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await saved(async () => (await stored('harbour'))['probe'], { method: 'GET', path: '/me?again' })
    expect(await field('Path').inputValue()).toBe('/me?again')
    expect((await context.cookies()).length).toBe(cookies.length)
  })

  test('what was typed into one that somebody deleted becomes a draft of its own', async () => {
    await world.client.services.create({ name: 'Doomed', description: 'Stored.' })
    await page.goto(`${world.url}/services/doomed/general`)
    await field('Base URL').fill('https://doomed.example.com')
    await saved(async () => (await stored('doomed'))['baseUrl'], 'https://doomed.example.com')
    await world.client.services.delete('doomed')
    await field('Description').fill('Typed too late.')
    await page.getByText('This service was deleted elsewhere').waitFor()
    await checksAccessible(page, 'a draft that was deleted elsewhere')
    await button('Save as a new draft').click()
    await saved(
      async () => (await stored('doomed').catch(() => ({ description: '' })))['description'],
      'Typed too late.',
    )
    expect((await stored('doomed'))['baseUrl']).toBe('https://doomed.example.com')
    await page.goto(`${world.url}/services/harbour/general`)
    await field('Path').waitFor()
  })

  test('leaving with something that cannot be stored asks first', async () => {
    await field('Service Link Name').fill('not a link name')
    await page.getByRole('link', { name: 'Connections', exact: true }).first().click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByText('Leave without saving?').waitFor()
    await button('Stay here').click()
    expect(await field('Service Link Name').inputValue()).toBe('not a link name')
    await field('Service Link Name').fill('harbour')
    await field('Path').fill('/me')
    // What can be stored is, on the way out.
    await page.getByRole('link', { name: 'Connections', exact: true }).first().click()
    await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor()
    await saved(async () => (await stored('harbour'))['probe'], { method: 'GET', path: '/me' })
  })
})

describe('Ready', () => {
  test('is refused with a list that leads to each thing that is missing', async () => {
    await page.goto(`${world.url}/services/harbour/security`)
    await field('Token URL').fill('')
    await field('Client ID').fill('')
    await checklist().getByText('Token URL:').waitFor()
    await checklist().getByText('We strongly recommend adding scopes.').waitFor()
    await button('Mark as Ready').click()
    await says('Token URL', /^Fill this in\.$/)
    await says('Client ID', /^Fill this in\.$/)
    await checksAccessible(page, 'Security, with a checklist')
    await section('General')
    await checklist()
      .getByRole('button', { name: /^Token URL/ })
      .click()
    await checksSoon(() => page.evaluate(() => document.activeElement?.id)).toBe('service-auth-tokenUrl')
    const auth = world.provider.services.find(({ linkName }) => linkName === 'sandbox_oauth2')?.service.auth
    await field('Token URL').fill(String(auth?.['tokenUrl']))
    await field('Client ID').fill('sandbox-client')
    await button('Save & Continue').click()
    await page.getByRole('heading', { name: 'OAuth Scopes' }).waitFor()
  })

  test('locks how it authenticates, after saying so, and offers Add Connection', async () => {
    for (const value of ['read', 'write']) await world.client.services.scopes.add('harbour', { value })
    await page.goto(`${world.url}/services/harbour/scopes`)
    await checksSoon(() => field('Scope Delimiter').inputValue()).toBe('comma')
    await checklist().getByText('Everything that is needed is there.').waitFor()
    await button('Mark as Ready').click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByText('This cannot be undone. From then on these are locked:').waitFor()
    await dialog.getByText('the authentication type, OAuth2, and all of its settings').waitFor()
    await checksAccessible(page, 'the question before Ready')
    await dialog.getByRole('button', { name: 'Mark as Ready' }).click()
    await page.getByRole('link', { name: 'Add Connection' }).waitFor()
    expect(await page.getByTestId('stage').textContent()).toBe('Ready')
    expect((await stored('harbour'))['stage']).toBe('ready')
    await section('Security')
    await page.getByText('Locked since it is Ready').waitFor()
    expect(await page.getByLabel('Token URL').count()).toBe(0)
    await checksAccessible(page, 'Security of a Ready service')
    await section('General')
    expect(await field('Service Link Name').getAttribute('readonly')).not.toBeNull()
    await page.getByText(/cannot change once the service is Ready/).waitFor()
    await checksAccessible(page, 'General of a Ready service')
    await field('Description').fill('Berths.')
    await button('Save').click()
    await saved(async () => (await stored('harbour'))['description'], 'Berths.')
  })

  test('still takes another secret', async () => {
    await section('Security')
    await button('Replace Client Secret').click()
    const dialog = openDialog(page)
    await dialog.getByLabel('New Client Secret').fill('ends in a space ')
    await dialog.getByRole('button', { name: 'Replace', exact: true }).click()
    await dialog
      .getByText(/^Remove the spaces at the ends/)
      .first()
      .waitFor()
    await checksAccessible(page, 'replacing a secret, with an error')
    const next = world.needles.plant('second client secret')
    await dialog.getByLabel('New Client Secret').fill(next)
    await dialog.getByRole('button', { name: 'Replace', exact: true }).click()
    await page.getByText('Client Secret replaced').waitFor()
  })

  test('sends the provider the scopes with commas, and what the hint added', async () => {
    const { linkName } = await world.client.connections.create({ name: 'Harbour', service: 'harbour' })
    const begun = await world.client.connections.authorize(linkName)
    if (begun.kind !== 'redirect') throw new Error('no redirect')
    const start = await fetch(`${begun.authorizationUrl}/start`, { method: 'POST', redirect: 'manual' })
    const sent = new URL(start.headers.get('location') ?? '').searchParams
    expect([sent.get('scope'), sent.get('access_type')]).toEqual(['read,write', 'offline'])
    await section('Connections')
    await page.getByRole('link', { name: 'Harbour', exact: true }).waitFor()
    await page.getByRole('link', { name: 'Add Connection' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/connections/new/harbour')
  })

  test('is found in the list, duplicated as a draft without its secrets, and deleted with its connections', async () => {
    await page.goto(`${world.url}/services?query=harb`)
    await page.getByRole('heading', { level: 3, name: 'Harbour CRM' }).waitFor()
    await checksAccessible(page, 'custom services')
    await button('More actions for Harbour CRM').click()
    await page.getByRole('menuitem', { name: 'Duplicate' }).click()
    await page.getByRole('heading', { level: 1, name: 'Harbour CRM copy' }).waitFor()
    await section('Security')
    await checklist().getByText('Client Secret:').waitFor()
    await page.goto(`${world.url}/services?query=harbour`)
    await button('More actions for Harbour CRM').click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    const dialog = openDialog(page)
    await dialog.getByText(/^1 connection stands on it/).waitFor()
    expect(await dialog.getByRole('button', { name: 'Delete with its connections' }).isDisabled()).toBe(true)
    await checksAccessible(page, 'deleting a service with connections')
    await dialog.getByLabel('Type Harbour CRM to go on').fill('Harbour CRM')
    await dialog.getByRole('button', { name: 'Delete with its connections' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('heading', { level: 3, name: 'Harbour CRM', exact: true }).waitFor({ state: 'detached' })
    await page.getByLabel('Search by name or link name').fill('nothing like it')
    await page.getByText('No service fits “nothing like it”').waitFor()
    await checksSoon(() => new URL(page.url()).searchParams.get('query')).toBe('nothing like it')
    await page.getByRole('link', { name: 'Create “nothing like it”' }).click()
    await checksSoon(() => page.getByLabel(/^Service Name/).inputValue()).toBe('nothing like it')
    await checksClean(world, page)
  })
})
