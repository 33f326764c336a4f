/** Definitions as files: taken out of one installation, looked at as a diff in another, applied. */
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { makeService, openDialog, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page
let secret: string

const dialog = (): Locator => openDialog(page)
const give = async (text: string): Promise<void> => {
  await page.goto(`${world.url}/services/new?form=start&source=file`)
  await page.getByRole('textbox', { name: 'The definition' }).fill(text)
  await page.getByRole('button', { name: 'See what it makes' }).click()
}
const says = async (text: string | RegExp): Promise<void> => {
  await page.locator('#start-given-error').getByText(text).waitFor()
}
/** The file of the harbour's service, with something else in it. */
const harbour = async (change: object): Promise<string> =>
  JSON.stringify({ ...(await world.client.services.export('harbour')), ...change })

beforeAll(async () => {
  world = await startWorld()
  page = await setUp(world, await world.context())
  page.setDefaultTimeout(20_000)
  secret = world.needles.plant('client secret')
  await makeService(world, { linkName: 'harbour', name: 'Harbour', auth: { clientSecret: secret } })
  await world.client.connections.create({ name: 'Harbour office', service: 'harbour', scopes: ['read'] })
})
afterAll(async () => world.close())

test('a service is exported as YAML or JSON without its secret, with the line that applies it', async () => {
  await page.goto(`${world.url}/services/harbour/general`)
  await page.getByRole('button', { name: 'More actions for Harbour' }).click()
  await page.getByRole('menuitem', { name: 'Export' }).click()
  await dialog().getByText('kind: service').waitFor()
  await checksAccessible(page, 'a service as a file')
  expect(await dialog().getByRole('textbox', { name: 'command' }).inputValue()).toBe('mooring apply harbour.yaml')
  await dialog().getByRole('button', { name: 'Copy file' }).click()
  const copied = async (): Promise<string> => page.evaluate(() => navigator.clipboard.readText())
  await expect.poll(copied).toContain('linkName: harbour')
  expect(await copied()).not.toContain(secret)
  await dialog().getByRole('radio', { name: 'JSON' }).check()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog().getByRole('button', { name: 'Download harbour.json' }).click(),
  ])
  expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toEqual(
    await world.client.services.export('harbour'),
  )
  await page.keyboard.press('Escape')
})

test('a connection is exported without what was granted', async () => {
  await page.goto(`${world.url}/connections/harbour_office`)
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Export' }).click()
  await dialog().getByText('kind: connection').waitFor()
  await checksAccessible(page, 'a connection as a file')
  await page.keyboard.press('Escape')
})

test('a file that is none gets one sentence at the field', async () => {
  await give('kind: service\n  linkName: [')
  await says(/^This is not YAML/)
  await give('{"kind": "service",}')
  await says(/^This is not JSON/)
  await give(JSON.stringify(await world.client.connections.export('harbour_office')))
  await says(/^This is the file of a connection/)
  await give(await harbour({ linkName: '1st' }))
  await says(/^linkName: Start with a letter/)
  await checksAccessible(page, 'a definition that is none')
})

test('the same changes nothing; what may change is shown line by line, and what it means for the connections', async () => {
  await give(await harbour({}))
  await page.getByText('Nothing to change').waitFor()
  const { scopes = [] } = await world.client.services.export('harbour')
  await give(
    await harbour({
      baseUrl: 'https://api.harbour.example/v2',
      scopes: [...scopes, { name: 'Berths', value: 'berths' }],
    }),
  )
  await page.getByRole('heading', { name: 'Harbour is here already' }).waitFor()
  const changes = page.locator('ins, del')
  await changes.getByText('https://api.harbour.example/v2').waitFor()
  await page.getByText('1 live connection goes by the new settings from the next call on.').waitFor()
  await page.getByText('each is asked to reconnect for the new scopes').waitFor()
  await checksAccessible(page, 'what a file would change')
  expect((await world.client.services.get('harbour')).baseUrl).not.toContain('harbour.example')
  await page.getByRole('button', { name: 'Apply 2 changes' }).click()
  await page.getByRole('heading', { name: 'Harbour', level: 1 }).waitFor()
  const changed = await world.client.services.get('harbour')
  expect(changed.baseUrl).toBe('https://api.harbour.example/v2')
  expect(changed.scopes.map(({ value }) => value)).toContain('berths')
})

test('what is frozen says why, and goes into a draft of another link name', async () => {
  const { auth } = await world.client.services.export('harbour')
  await give(await harbour({ name: 'Harbour two', auth: { ...auth, tokenUrl: 'https://login.harbour.example/token' } }))
  await page.getByText('One change is frozen').waitFor()
  await page.getByText('Locked since the service is Ready.').waitFor()
  expect(await page.getByRole('button', { name: /^Apply/ }).count()).toBe(0)
  await checksAccessible(page, 'a frozen change')
  await page.getByRole('button', { name: 'Create as another draft' }).click()
  await page.getByRole('heading', { name: 'Harbour two', level: 1 }).waitFor()
  await page.getByText('Started from: Definition file').waitFor()
  expect((await world.client.services.get('harbour')).auth?.['tokenUrl']).not.toContain('harbour.example')
})

test('one that is new becomes a draft, and fits a narrow screen', async () => {
  await page.setViewportSize({ width: 320, height: 700 })
  await give(await harbour({ name: 'Quay', linkName: 'quay' }))
  await page.getByRole('heading', { name: 'Quay would be new' }).waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  await page.getByRole('button', { name: 'Create draft' }).click()
  await page.getByRole('heading', { name: 'Quay', level: 1 }).waitFor()
  expect(await world.client.services.get('quay')).toMatchObject({ stage: 'draft', linkName: 'quay' })
  await checksClean(world, page)
})
