/** What happened, and trying it out: the activity log and Try a request. */
import { readFile } from 'node:fs/promises'
import { demo } from '@mooring/sandbox'
import type { Activity } from '@mooring/sdk'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { openDialog, owner, setUp, signIn } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let context: BrowserContext
let page: Page

const row = (text: string | RegExp): Locator => page.getByRole('listitem').filter({ hasText: text })
const dialog = (): Locator => openDialog(page)
/** How many entries the list has. */
const told = (on: Page): Promise<number> =>
  on
    .getByRole('listitem')
    .filter({ has: on.locator('time') })
    .count()
const search = (): URLSearchParams => new URL(page.url()).searchParams

/** A service of the sandbox's API that takes its key at this place, and a connection of it. */
async function connectByKey(location: 'query' | 'form' | 'header'): Promise<string> {
  const { client, provider } = world
  const key = location === 'header' ? 'X-Api-Key' : 'api_key'
  await client.services.create({
    name: `Weather by ${location}`,
    linkName: `weather_${location}`,
    stage: 'ready',
    auth: { type: 'api_key', parameters: [{ name: 'Your weather key', key, location }] },
    baseUrl: `${provider.url}/api/api_key`,
  })
  const made = await client.connections.create({ name: `Forecast by ${location}`, service: `weather_${location}` })
  await client.connections.authorize(made.linkName, { credentials: { [key]: demo.apiKey } })
  return made.linkName
}

async function clipboard(): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText())
}

beforeAll(async () => {
  world = await startWorld({ accessTokenLifeSeconds: 600 })
  world.needles.watch('the API key of the weather', demo.apiKey)
  context = await world.context()
  page = await setUp(world, context)
  for (const location of ['query', 'form', 'header'] as const) await connectByKey(location)
  await world.client.connections.create({ name: 'Nightly export', service: 'sandbox_machine' })
})
afterAll(() => world.close())

describe('the activity log', () => {
  test('has calls and everything else, failures loud, success quiet', async () => {
    await world.client.connections.invoke('forecast_by_header', { url: '/hello' })
    await world.client.connections.invoke('forecast_by_header', { url: '/status/503' })
    await page.getByRole('link', { name: 'Activity', exact: true }).click()
    await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor()
    const failed = row('GET /api/api_key/status/503')
    await failed.getByText('503', { exact: true }).waitFor()
    await row('GET /api/api_key/hello').getByText('200', { exact: true }).waitFor()
    await row('Connected').filter({ hasText: 'Nightly export' }).first().waitFor()
    await checksAccessible(page, 'the activity log')
  })

  test('is filtered by what the address says, and the address opens the same for somebody else', async () => {
    await page.getByLabel('Connection', { exact: true }).selectOption({ label: 'Forecast by header' })
    await page.getByLabel('Result').selectOption({ label: 'Failed' })
    await page.getByLabel('Kind').selectOption({ label: 'Calls' })
    await page.getByLabel('Time').selectOption({ label: 'Last hour' })
    await expect.poll(() => told(page)).toBe(1)
    await row('status/503').waitFor()
    const filters = { connection: 'forecast_by_header', ok: 'false', type: 'connection.invoked', from: '1h' }
    await expect.poll(() => Object.fromEntries(search())).toEqual(filters)

    const elsewhere = await world.context()
    const other = await world.page(elsewhere)
    await signIn(other, world, owner)
    await other.goto(page.url())
    await other.getByRole('listitem').filter({ hasText: 'status/503' }).waitFor()
    await expect.poll(() => told(other)).toBe(1)
    expect(await other.getByLabel('Result').locator('option:checked').textContent()).toBe('Failed')
    await elsewhere.close()
  })

  test('says when nothing fits, and each filter is taken out by itself or all together', async () => {
    await page.getByLabel('Who').selectOption({ label: 'Olga Owner (person)' })
    await page.getByText('Nothing that fits these filters').waitFor()
    await checksAccessible(page, 'the activity log without a match')
    await page.getByRole('button', { name: 'Clear Olga Owner' }).click()
    await row('status/503').waitFor()
    await page.getByLabel('Who').selectOption({ label: 'Olga Owner (person)' })
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await row('GET /api/api_key/hello').waitFor()
    await expect.poll(() => [...search()]).toEqual([])
  })

  test('tells everything of one entry at the side, under an address of its own, with a curl that holds no secret', async () => {
    await row('status/503').getByRole('link', { name: 'GET /api/api_key/status/503' }).click()
    await dialog().getByText('503 Service Unavailable').waitFor()
    await dialog().getByText('bootstrap').waitFor()
    await dialog().getByRole('link', { name: 'Weather by header' }).waitFor()
    await checksAccessible(page, 'an entry of the activity log')
    await dialog().getByRole('button', { name: 'Copy as curl' }).click()
    await expect
      .poll(clipboard)
      .toBe(
        `curl ${world.url}/v1/proxy/forecast_by_header/status/503 \\\n  -H "Authorization: Bearer $MOORING_API_KEY"`,
      )
    // Whatever the filters are by now, the address finds the entry.
    await page.goto(`${world.url}/activity?type=service&open=${search().get('open')}`)
    await dialog().getByText('503 Service Unavailable').waitFor()
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    await expect.poll(() => search().has('open')).toBe(false)
    await page.goto(`${world.url}/activity?open=999999-1`)
    await dialog().getByText('This event is not there any more').waitFor()
    await page.goto(`${world.url}/activity`)
  })

  test('offers what is new instead of moving what somebody reads', async () => {
    await row('status/503').waitFor()
    const before = await page.getByRole('main').getByRole('listitem').first().textContent()
    for (const path of ['/one', '/two']) await world.client.connections.invoke('forecast_by_header', { url: path })
    await world.client.keys.create({ name: 'Seen live', role: 'viewer' })
    // Three of ours; a refresh that is due may come in between.
    const pill = page.getByRole('button', { name: /^[3-9] new events$/ })
    await pill.waitFor()
    expect(await page.getByRole('main').getByRole('listitem').first().textContent()).toBe(before)
    await checksAccessible(page, 'the activity log with new events')
    await pill.click()
    await row('GET /api/api_key/two').waitFor()
    await row('API key created').first().waitFor()
    await pill.waitFor({ state: 'detached' })
  })

  test('is quiet where it is not live, and gives what is loaded as JSON', async () => {
    await page.getByRole('button', { name: 'Live' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export JSON' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^mooring-activity-.*\.json$/)
    const entries = JSON.parse(await readFile(await download.path(), 'utf8')) as Activity[]
    const { items } = await world.client.activity({ limit: 50 })
    // Without what has come since.
    expect(entries).toEqual(items.slice(items.findIndex(({ id }) => id === entries[0]?.id)))
    expect(entries.filter(({ path }) => path === '/api/api_key/two')).toHaveLength(1)
  })

  test('folds the retries of one refresh into one row, and tells each at the side', async () => {
    const { client, provider } = world
    const service = provider.services.find(({ linkName }) => linkName === 'sandbox_machine')?.service
    if (service === undefined) throw new Error('the provider offers no client credentials')
    await client.services.create({ ...service, name: 'Flaky', linkName: 'flaky' })
    await client.connections.create({ name: 'Flaky', service: 'flaky' })
    provider.control.failToken({ kind: 'http_503', times: 3 })
    for (let turn = 0; turn < 3; turn++) await client.connections.refresh('flaky').catch(() => undefined)
    await page.goto(`${world.url}/activity?connection=flaky`)
    await row('Refresh failed 3 times').getByRole('link', { name: 'Refresh failed 3 times' }).click()
    await dialog().getByRole('heading', { name: 'The same before' }).waitFor()
    await expect.poll(() => dialog().getByRole('listitem').count()).toBe(2)
    await page.keyboard.press('Escape')
  })
})

describe('trying a request', () => {
  const send = (): Locator => page.getByRole('button', { name: 'Send', exact: true })
  const body = (): Locator => page.getByLabel('Body of the answer')
  const type = async (path: string): Promise<void> => page.getByLabel('Path or URL').fill(path)
  const open = async (connection: string): Promise<void> => {
    await page.goto(`${world.url}/try?connection=${connection}`)
    // It begins with what the connection is tested with.
    await expect.poll(() => page.getByLabel('Path or URL').inputValue()).not.toBe('')
  }

  test('begins with a connection that is found by typing, and what it is tested with', async () => {
    await page.goto(`${world.url}/connections`)
    await page.getByRole('link', { name: 'Try a request', exact: true }).click()
    await page.getByLabel('Connection', { exact: true }).click()
    await page.getByLabel('Search connections').fill('nightly')
    await page.getByRole('option', { name: 'Nightly export' }).waitFor()
    await checksAccessible(page, 'choosing a connection')
    await page.keyboard.press('Enter')
    await expect.poll(() => search().get('connection')).toBe('nightly_export')
    await expect.poll(() => page.getByLabel('Path or URL').inputValue()).toBe('/me')
    await page.getByText('Authorization: Bearer ••').waitFor()
    await checksAccessible(page, 'a request before it is sent')
    await page.getByLabel('Path or URL').press('Control+Enter')
    await expect.poll(() => body().textContent()).toContain('"scheme": "oauth2"')
    await page.getByText('200 OK').waitFor()
    await checksAccessible(page, 'an answer')
  })

  test.each([
    ['header', 'X-Api-Key: ••'],
    ['query', 'api_key=••'],
    ['form', 'api_key=••'],
  ] as const)('the API sees a key in the %s, and the console only dots', async (location, dots) => {
    await open(`forecast_by_${location}`)
    await type('/echo')
    if (location === 'form') {
      await page.getByLabel('Method').selectOption('POST')
      await page.getByText('Form', { exact: true }).click()
      await page.getByRole('button', { name: 'Add field' }).click()
      await page.getByLabel('Name of field 1').fill('note')
      await page.getByLabel('Value of field 1').fill('a & b')
    }
    await send().click()
    await expect.poll(() => body().textContent()).toContain(`"location": "${location}"`)
    if (location === 'form') expect(await body().textContent()).toContain('note=a+%26+b')
    await page.getByRole('tab', { name: 'Sent request' }).click()
    const sent = page.getByRole('tabpanel').getByLabel('What goes out')
    await expect.poll(() => sent.textContent()).toContain(dots)
    await checksAccessible(page, 'a request that was sent')
    await page.getByRole('tab', { name: /^Headers/ }).click()
    await page.getByRole('tabpanel').getByText('application/json').waitFor()
  })

  test('parameters, headers and a JSON body arrive as they were typed, and so does the curl', async () => {
    await open('forecast_by_header')
    await type('/items')
    await page.getByLabel('Method').selectOption('POST')
    await page.getByRole('button', { name: 'Add parameter' }).click()
    await page.getByLabel('Name of parameter 1').fill('page')
    await page.getByLabel('Value of parameter 1').fill('2 & 3')
    await page.getByRole('button', { name: 'Add header' }).click()
    await page.getByLabel('Name of header 1').fill('X-Note')
    await page.getByLabel('Value of header 1').fill("it's mine")
    await page.getByLabel('Body', { exact: true }).fill('{"name": ')
    await page.getByText('This is no JSON').first().waitFor()
    await send().click()
    await page.getByRole('alert').getByText('There is a problem').waitFor()
    await checksAccessible(page, 'a request with wrong JSON')
    await page.getByLabel('Body', { exact: true }).fill('{"name": "Berth 4"}')
    await send().click()
    await expect.poll(() => body().textContent()).toContain('"page": "2 & 3"')
    const seen = (await body().textContent()) ?? ''
    expect(seen).toContain('"x-note": "it\'s mine"')
    expect(seen).toContain(String.raw`"text": "{\"name\":\"Berth 4\"}"`)
    await page.getByRole('button', { name: 'Copy as curl' }).click()
    await expect
      .poll(clipboard)
      .toBe(
        [
          `curl -X POST '${world.url}/v1/proxy/forecast_by_header/items?page=2%20%26%203'`,
          '-H "Authorization: Bearer $MOORING_API_KEY"',
          String.raw`-H 'X-Note: it'\''s mine'`,
          `-H 'Content-Type: application/json'`,
          `--data-raw '{"name": "Berth 4"}'`,
        ].join(' \\\n  '),
      )
    await expect.poll(() => [search().get('method'), search().get('path')]).toEqual(['POST', '/items'])
  })

  test("the API's refusals are answers; Mooring's are told as such, with the way to mend it, and lose nothing", async () => {
    await open('forecast_by_header')
    await type('/status/404')
    await send().click()
    await page.getByText('404 Not Found').waitFor()
    await type('https://elsewhere.example/x')
    await page.getByText('elsewhere.example is not among the hosts of Weather by header').waitFor()
    await send().click()
    await page.getByText('From Mooring, not from the API').waitFor()
    await page.getByRole('alert').getByText("The URL is outside the service's hosts").waitFor()
    await page.getByRole('alert').getByRole('link', { name: 'Open Weather by header' }).waitFor()
    await checksAccessible(page, 'a request that Mooring refused')
    expect(await page.getByLabel('Path or URL').inputValue()).toBe('https://elsewhere.example/x')
  })

  test('what takes long says how long, and can be given up', async () => {
    await open('forecast_by_header')
    await type('/slow?ms=60000')
    await send().click()
    await page.getByText(/^Waiting for the API … \d+\.\d s$/).waitFor()
    await checksAccessible(page, 'a request on its way')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText(/^Cancelled after/).waitFor()
    await type('/hello')
    await send().click()
    await page.getByText('200 OK').waitFor()
  })

  test('a long answer is cut at 200 KB, and saved whole', async () => {
    await open('forecast_by_header')
    await type('/stream?bytes=300000')
    await send().click()
    await page.getByText(/The first 200 KB of 300 KB/).waitFor()
    expect((await body().textContent())?.length).toBe(200 * 1024)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ])
    expect((await readFile(await download.path())).length).toBe(300_000)
  })

  test('is remembered in the tab, without what may be secret once the page was loaded anew', async () => {
    const typed = world.needles.plant('typed into a header')
    const history = page.getByRole('region').or(page.locator('section')).filter({ hasText: 'The last 20 of this tab' })
    await open('forecast_by_header')
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    await page.getByRole('button', { name: 'Add header' }).click()
    await page.getByLabel('Name of header 1').fill('X-Secret')
    await page.getByLabel('Value of header 1').fill(typed)
    // Any other path answers with what the API saw, and so with what was typed.
    await type('/status/204')
    await send().click()
    await page.getByText('204 No Content').waitFor()
    await type('/other')
    await history.getByRole('button', { name: 'GET /status/204' }).click()
    expect(await page.getByLabel('Value of header 1').inputValue()).toBe(typed)
    const stored = await page.evaluate(() => JSON.stringify(sessionStorage) + JSON.stringify(localStorage))
    expect(stored).toContain('/status/204')
    expect(world.needles.foundIn(stored)).toEqual([])
    await open('forecast_by_header')
    await history.getByRole('button', { name: 'GET /status/204' }).click()
    expect(await page.getByLabel('Name of header 1').inputValue()).toBe('X-Secret')
    expect(await page.getByLabel('Value of header 1').inputValue()).toBe('')
    await history.getByRole('button', { name: 'Clear', exact: true }).click()
    await history.waitFor({ state: 'detached' })
  })

  test('through a connection that needs somebody says what comes first', async () => {
    await world.client.connections.create({ name: 'Not yet', service: 'weather_header' })
    await open('not_yet')
    await page.getByText('Not yet: Not connected').waitFor()
    expect(await send().isDisabled()).toBe(true)
    await checksAccessible(page, 'a connection that is not connected')
    await page.getByRole('link', { name: 'Connect first' }).click()
    await page.getByRole('heading', { name: 'Not yet', level: 1 }).waitFor()
  })

  test('leaves no secret behind, and nothing that the browser complained of', async () => {
    await checksClean(world, page)
  })
})
