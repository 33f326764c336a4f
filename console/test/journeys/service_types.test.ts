/** J4, J5, J6, J7, J8, the service's side: each authentication type by the one-page form alone; what is stored is what was typed. */
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let context: BrowserContext
let page: Page

/** By its label; some say "optional" behind it. */
const field = (label: string): Locator =>
  page.getByLabel(label, { exact: true }).or(page.getByLabel(`${label} optional`, { exact: true }))
const errorAt = (id: string): Locator => page.locator(`#quick-${id.replaceAll('.', '-')}-error`)
const preview = (): Locator => page.getByRole('region', { name: 'What we will send' })
const choose = (name: string): Promise<void> => page.getByRole('radio', { name: new RegExp(`^${name}`) }).click()
const fold = (name: string): Promise<void> => page.locator('summary', { hasText: name }).click()
const create = (): Promise<void> => page.getByRole('button', { name: 'Create Service' }).click()
const summary = (): Locator => page.getByRole('alert').filter({ hasText: 'There is a problem' })
const fill = async (values: Record<string, string>): Promise<void> => {
  for (const [label, value] of Object.entries(values)) await field(label).fill(value)
}

/** Creates, and gives what the server keeps of it. */
async function created(name: string, link: string): Promise<Record<string, unknown>> {
  await create()
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
  expect(await page.getByTestId('stage').textContent()).toBe('Ready')
  return { ...(await world.client.services.get(link)) }
}

beforeAll(async () => {
  world = await startWorld()
  context = await world.context()
  page = await setUp(world, context)
  page.setDefaultTimeout(20_000)
})
afterAll(() => world.close())
beforeEach(async () => {
  await page.goto(`${world.url}/services/new?form=quick`)
  await page.getByRole('radio', { name: 'Basic' }).waitFor()
})

describe('the one-page form', () => {
  test('says everything that is missing, in a summary that leads to each field', async () => {
    await create()
    await summary().getByRole('link', { name: 'Service Name: Fill this in.' }).waitFor()
    await summary()
      .getByRole('link', { name: /^Authentication Type: Choose an authentication type/ })
      .waitFor()
    await summary()
      .getByRole('link', { name: /^Hosts: Name at least one host/ })
      .waitFor()
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('alert')
    await checksAccessible(page, 'the one-page form, with errors')
    await summary().getByRole('link', { name: 'Service Name: Fill this in.' }).click()
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('quick-name')
  })

  test('API Key: asks under its own name, sends it where it was chosen', async () => {
    await fill({ 'Service Name': 'Weather', 'Base URL': 'https://api.example.com/v1' })
    await choose('API Key')
    await field('Parameter Name').fill('.key')
    await field('Parameter Key').fill('app id')
    await field('Parameter Key').blur()
    await errorAt('auth.parameters.0.name').getByText('Start with a letter or a number.').waitFor()
    await errorAt('auth.parameters.0.key').getByText('Use printable ASCII characters without spaces.').waitFor()
    await field('Parameter Location').focus()
    await field('Parameter Location').blur()
    await errorAt('auth.parameters.0.location').getByText(/./).waitFor()
    await fill({ 'Parameter Name': 'Your weather key', 'Parameter Key': 'app(id)' })
    await field('Parameter Location').selectOption({ label: 'Header' })
    await errorAt('auth.parameters.0.key')
      .getByText(/the name of a header allows no others/)
      .waitFor()
    await field('Parameter Key').fill('appid')
    await preview().getByText('appid: ••••••').waitFor()
    await field('Parameter Location').selectOption({ label: 'Form Data' })
    await preview().getByText('appid=••••••').waitFor()
    await field('Parameter Location').selectOption({ label: 'Query String' })
    await preview().getByText('GET https://api.example.com/v1/…?appid=••••••').waitFor()
    await page.getByRole('button', { name: 'Add to Parameters' }).click()
    const second = page.getByRole('group', { name: 'Parameters 2' })
    await second.getByLabel('Parameter Name').fill('Region')
    await second.getByLabel('Parameter Key').fill('appid')
    await second.getByLabel('Parameter Key').blur()
    await second.getByLabel('Parameter Location').selectOption({ label: 'Query String' })
    await errorAt('auth.parameters.1.key').getByText('Another parameter already has this key in the query.').waitFor()
    await checksAccessible(page, 'API Key, with an error')
    await page.getByRole('button', { name: 'Remove Parameters 2' }).click()
    expect(await created('Weather', 'weather')).toMatchObject({
      auth: {
        type: 'api_key',
        parameters: [{ name: 'Your weather key', key: 'appid', location: 'query', prefix: '' }],
      },
      baseUrl: 'https://api.example.com/v1',
      stage: 'ready',
    })
  })

  test('Basic: in the header with the location locked, or in the query string, and locked there', async () => {
    await fill({ 'Service Name': 'Ledger', 'Base URL': 'https://ledger.example.com' })
    await choose('Basic')
    expect(await field('Parameter Location').inputValue()).toBe('Header')
    await preview().getByText('Authorization: Basic ••••••').waitFor()
    await choose('In the query string')
    expect(await field('Parameter Location').inputValue()).toBe('Query String')
    expect(await field('Parameter Location').getAttribute('readonly')).not.toBeNull()
    const [user, password] = [1, 2].map((row) => page.getByRole('group', { name: `Parameters ${row}` }))
    await user?.getByLabel('Parameter Name').fill('Ledger user')
    await user?.getByLabel('Parameter Key').fill('login')
    await password?.getByLabel('Parameter Name').fill('Ledger password')
    await password?.getByLabel('Parameter Key').fill('login')
    await password?.getByLabel('Parameter Key').blur()
    await errorAt('auth.parameters.1.key').getByText('Give the password another key than the user name.').waitFor()
    await password?.getByLabel('Parameter Key').fill('pass')
    expect(await page.getByRole('button', { name: 'Add to Parameters' }).count()).toBe(0)
    await preview().getByText('GET https://ledger.example.com/…?login=••••••&pass=••••••').waitFor()
    await fold('Advanced Parameters')
    await page.getByRole('group', { name: 'Expected Values' }).getByLabel('User Name optional').fill('ada')
    const expected = world.needles.plant('expected password')
    await page.getByRole('group', { name: 'Expected Values' }).getByLabel('Password optional').fill(expected)
    await checksAccessible(page, 'Basic')
    expect(await created('Ledger', 'ledger')).toMatchObject({
      auth: {
        type: 'basic',
        delivery: 'query',
        parameters: [
          { name: 'Ledger user', key: 'login' },
          { name: 'Ledger password', key: 'pass' },
        ],
        expected: { set: true },
      },
    })
    await page.getByText('•••••••• stored').waitFor()
  })

  test('Bearer Token: location and key are fixed, the prefix may hold a hyphen or be none', async () => {
    await fill({ 'Service Name': 'Notes', 'Base URL': 'https://notes.example.com' })
    await choose('Bearer Token')
    expect(await field('Parameter Location').inputValue()).toBe('Header')
    expect(await field('Parameter Key').inputValue()).toBe('Authorization')
    for (const label of ['Parameter Location', 'Parameter Key']) {
      expect(await field(label).getAttribute('readonly'), label).not.toBeNull()
    }
    expect(await field('Parameter Name').inputValue()).toBe('Bearer Token')
    await fill({ 'Parameter Name': '_token', 'Token Prefix': 'Zoho-oauthtoken' })
    await field('Token Prefix').blur()
    await errorAt('auth.parameterName').getByText('Start with a letter or a number.').waitFor()
    await preview().getByText('Authorization: Zoho-oauthtoken ••••••').waitFor()
    await fill({ 'Parameter Name': 'Integration token', 'Token Prefix': '' })
    await preview().getByText('Authorization: ••••••').waitFor()
    await checksAccessible(page, 'Bearer Token')
    expect(await created('Notes', 'notes')).toMatchObject({
      auth: { type: 'bearer', parameterName: 'Integration token', tokenPrefix: '' },
    })
  })

  test('OAuth 1.0: key, secret and four URLs', async () => {
    const [key, secret] = [world.needles.plant('consumer key'), world.needles.plant('consumer secret')]
    await fill({ 'Service Name': 'Photos', 'Base URL': 'https://photos.example.com' })
    await choose('OAuth 1.0')
    await page.getByRole('heading', { name: 'Register this callback URL at the provider' }).waitFor()
    const callback = await field('callback URL').inputValue()
    await field('Consumer Key').fill('konsüm')
    await field('Request Token URL').fill('https://photos.example.com')
    await field('Request Token URL').blur()
    await errorAt('auth.consumerKey').getByText('Use printable ASCII characters only.').waitFor()
    await errorAt('auth.requestTokenUrl')
      .getByText(/^Add the path after the host/)
      .waitFor()
    await fill({ 'Consumer Key': key, 'Consumer Secret': secret })
    await field('Consumer Secret').blur()
    await field('Signature Method').selectOption({ label: 'RSA-SHA1' })
    await errorAt('auth.consumerSecret')
      .getByText(/^For RSA-SHA1, paste an RSA private key as PEM/)
      .waitFor()
    await field('Signature Method').selectOption({ label: 'HMAC-SHA256' })
    const urls = {
      'Request Token URL': 'https://photos.example.com/oauth/request_token',
      'Authorization URL': 'https://photos.example.com/oauth/authorize',
      'Token URL': 'https://photos.example.com/oauth/access_token',
      'Revoke Token URL': 'https://photos.example.com/oauth/revoke',
    }
    await fill(urls)
    await preview()
      .getByText(/oauth_signature_method="HMAC-SHA256"/)
      .first()
      .waitFor()
    await checksAccessible(page, 'OAuth 1.0')
    const service = await created('Photos', 'photos')
    expect(service).toMatchObject({
      auth: {
        type: 'oauth1',
        consumerKey: { set: true },
        consumerSecret: { set: true },
        requestTokenUrl: urls['Request Token URL'],
        authorizationUrl: urls['Authorization URL'],
        tokenUrl: urls['Token URL'],
        revokeTokenUrl: urls['Revoke Token URL'],
        signatureMethod: 'HMAC-SHA256',
      },
      // What was registered before there was a service.
      callbackUrl: callback,
    })
    await checksClean(world, page)
  })

  test('OAuth2 with PKCE: no secret is needed, or asked for', async () => {
    await fill({ 'Service Name': 'Calendar', 'Base URL': 'https://calendar.example.com' })
    await choose('OAuth2')
    await choose('Authorization Code With PKCE')
    await page.getByLabel('Client Secret optional', { exact: true }).waitFor()
    await field('Client Authentication').first().selectOption({ label: 'None' })
    expect(await field('Client Secret').count()).toBe(0)
    await fill({
      'Client ID': 'public-client',
      'Authorization URL': 'https://login.example.com/authorize?prompt=consent',
      'Token URL': 'https://login.example.com/token',
    })
    await preview()
      .getByText(/prompt=consent&response_type=code/)
      .waitFor()
    await preview()
      .getByText(/code_challenge_method=S256/)
      .waitFor()
    await page.getByRole('button', { name: 'Add to Scopes' }).first().click()
    const scope = page.getByRole('group', { name: 'Scopes 1' })
    await scope.getByLabel(/^Scope Display Name/).fill('Read everything')
    await scope.getByLabel('Scope Value').fill('calendar read')
    await scope.getByLabel('Scope Value').blur()
    await errorAt('scopes.0.value')
      .getByText(/^Use printable ASCII characters without spaces/)
      .waitFor()
    await scope.getByLabel('Scope Value').fill('calendar.read')
    await fold('Paste many')
    await field('Scopes to add').fill('calendar.write, openid')
    await page.getByRole('button', { name: 'Add 2 scopes' }).click()
    await field('Scope Delimiter').selectOption({ label: 'Space' })
    await preview()
      .getByText(/scope=calendar.read%20calendar.write%20openid/)
      .waitFor()
    await checksAccessible(page, 'OAuth2 with PKCE')
    expect(await created('Calendar', 'calendar')).toMatchObject({
      auth: {
        type: 'oauth2',
        grantType: 'authorization_code_pkce',
        clientId: 'public-client',
        clientAuthentication: 'none',
        authorizationUrl: 'https://login.example.com/authorize?prompt=consent',
      },
      scopes: [
        { name: 'Read everything', value: 'calendar.read' },
        { name: 'calendar_write', value: 'calendar.write' },
        { name: 'openid', value: 'openid' },
      ],
      scopeDelimiter: 'space',
    })
  })

  test('OAuth2 Client Credentials: no sign-in page, no callback, and what was typed for another grant is not sent', async () => {
    const secret = world.needles.plant('machine secret')
    await fill({ 'Service Name': 'Reports', 'Base URL': 'https://reports.example.com' })
    await choose('OAuth2')
    await fill({
      'Client ID': 'machine',
      'Client Secret': secret,
      'Authorization URL': 'https://login.example.com/authorize',
      'Token URL': 'https://login.example.com/token',
    })
    await choose('Client Credentials')
    for (const label of ['Authorization URL', 'Refresh Token URL', 'Revoke Token URL']) {
      expect(await field(label).count(), label).toBe(0)
    }
    await page
      .getByRole('heading', { name: 'Register this callback URL at the provider' })
      .waitFor({ state: 'detached' })
    await preview()
      .getByText(/grant_type=client_credentials/)
      .waitFor()
    await field('Client Authentication').first().selectOption({ label: 'Include in authorization header' })
    await preview()
      .getByText(/authorization: Basic ••••••/i)
      .waitFor()
    await fold('Advanced Parameters')
    await field('Bearer Name').fill('Token')
    await preview().getByText('Authorization: Token ••••••').waitFor()
    const { auth } = await created('Reports', 'reports')
    expect(auth).toMatchObject({
      grantType: 'client_credentials',
      clientId: 'machine',
      clientSecret: { set: true },
      clientAuthentication: 'header',
      authorizationUrl: null,
      bearerName: 'Token',
    })
  })

  test('AWS: the region as AWS writes it', async () => {
    await fill({ 'Service Name': 'Store', 'Base URL': 'https://s3.eu-west-2.amazonaws.com' })
    await choose('AWS Signature')
    await fill({ 'AWS Service Name': 'S3', 'AWS Region': 'Ireland' })
    await field('AWS Region').blur()
    await errorAt('auth.service')
      .getByText(/^Use the exact AWS name/)
      .waitFor()
    await errorAt('auth.region')
      .getByText(/^Use a region as AWS writes it/)
      .waitFor()
    await fill({ 'AWS Service Name': 's3', 'AWS Region': 'eu-west-2' })
    await preview()
      .getByText(/eu-west-2\/s3\/aws4_request/)
      .waitFor()
    await checksAccessible(page, 'AWS')
    expect(await created('Store', 'store')).toMatchObject({ auth: { type: 'aws', service: 's3', region: 'eu-west-2' } })
  })

  test('keeps everything when sending fails, and puts what only the server knows at its field', async () => {
    await fill({ 'Service Name': 'Second store', 'Base URL': 'https://store.example.com' })
    await field('Service Link Name').fill('store_two')
    await choose('Bearer Token')
    await preview().getByText('Authorization: Bearer ••••••').waitFor()
    await context.setOffline(true)
    await create()
    await summary()
      .getByText(/The server does not answer/)
      .waitFor()
    expect(await field('Service Link Name').inputValue()).toBe('store_two')
    await context.setOffline(false)
    // Taken between the last look and the click.
    await world.client.services.create({ name: 'Faster', linkName: 'store_two' })
    await create()
    await errorAt('linkName')
      .getByText(/link name/)
      .waitFor()
    await checksAccessible(page, 'the one-page form, refused')
    await field('Service Link Name').fill('store_three')
    expect(await created('Second store', 'store_three')).toMatchObject({ auth: { type: 'bearer' } })
  })

  test('is sent as it stands, whatever was found wrong with what stood there before', async () => {
    const previews = '**/v1/services/preview'
    const judged = page.waitForResponse(
      async (response) =>
        response.url().endsWith('/preview') && (response.request().postData() ?? '').includes('Hasty'),
    )
    await choose('Bearer Token')
    await field('Service Name').fill('Hasty')
    const { errors } = (await (await judged).json()) as { errors: { path: string }[] }
    expect(errors.map(({ path }) => path)).toContain('hosts')
    // From here on nothing is judged before it is sent.
    await page.route(previews, () => undefined)
    await field('Base URL').fill('https://hasty.example.com')
    expect(await created('Hasty', 'hasty')).toMatchObject({ baseUrl: 'https://hasty.example.com' })
    await page.unroute(previews)
  })

  test('asks before what was typed is left behind', async () => {
    await field('Service Name').fill('Forgotten')
    await page.getByRole('link', { name: 'Activity' }).click()
    await page.getByRole('alertdialog').getByText('Leave without saving?').waitFor()
    await page.getByRole('button', { name: 'Leave', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor()
    await checksClean(world, page)
  })
})
