/** A service from what somebody has already: a document, a command, a URL. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page

const books = `openapi: 3.0.3
info: { title: Books, version: '1', description: Shelves and loans. }
servers: [{ url: 'https://{region}.api.example.com/v2', variables: { region: { default: eu, enum: [eu, us] } } }]
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows:
        authorizationCode:
          authorizationUrl: https://login.example.com/authorize
          tokenUrl: https://login.example.com/token
          scopes: { 'books:read': Read books, 'books:write': Change books }
    key: { type: apiKey, in: header, name: X-Api-Key }
    old: { type: http, scheme: hoba }
security: [{ oauth: [books:read] }, { key: [] }, { old: [] }]
paths: {}
`
const countOf = async (): Promise<number> => (await world.client.services.list({ limit: 100 })).items.length
const given = () => page.getByRole('textbox', { name: /document|command|URL/ })
const see = async (): Promise<void> => page.getByRole('button', { name: 'See what it makes' }).click()

beforeAll(async () => {
  world = await startWorld()
  page = await setUp(world, await world.context())
  page.setDefaultTimeout(20_000)
})
afterAll(async () => world.close())

test('is reached from Custom services, and from a search that finds nothing', async () => {
  await page.goto(`${world.url}/connections/new?query=acme`)
  await page.getByRole('link', { name: 'Start from…' }).click()
  await page.getByRole('heading', { name: 'Create Service', level: 1 }).waitFor()
  await page.goto(`${world.url}/services`)
  await page.getByRole('link', { name: 'Start from…' }).first().click()
  await page.getByRole('radio', { name: /^API description/ }).waitFor()
  await checksAccessible(page, 'what to start from')
})

test('a wrong document gets one sentence at the field, and nothing is stored', async () => {
  const before = await countOf()
  await page.getByRole('radio', { name: /^API description/ }).check()
  await see()
  await page.locator('#start-given-error').getByText('Fill this in.').waitFor()
  await given().fill('{"hello": 1}')
  await see()
  await page
    .locator('#start-given-error')
    .getByText(/^This is not OpenAPI/)
    .waitFor()
  await checksAccessible(page, 'a document that is none')
  await given().fill('https://127.0.0.1:9/openapi.json')
  await see()
  await page
    .locator('#start-given-error')
    .getByText(/127\.0\.0\.1/)
    .waitFor()
  expect(await countOf()).toBe(before)
})

test('an OpenAPI file shows a draft for each way in, what is missing and what could not be taken over', async () => {
  const file = page.getByLabel('Document file')
  await file.setInputFiles({ name: 'empty.yaml', mimeType: 'application/yaml', buffer: Buffer.from(' ') })
  await page.getByText('empty.yaml is empty.').waitFor()
  await file.setInputFiles({ name: 'books.yaml', mimeType: 'application/yaml', buffer: Buffer.from(books) })
  await page.getByText('books.yaml').waitFor()
  await see()
  await page.getByRole('heading', { name: '2 drafts can be made of it, one for each way in' }).waitFor()
  await page.getByText(/hoba/i).first().waitFor()
  await page.getByText('https://{region}.api.example.com/v2').waitFor()
  await page.getByText('Client Secret').waitFor()
  await checksAccessible(page, 'drafts')
  await page.getByRole('radio', { name: /key/ }).check()
  await page.getByRole('heading', { name: 'Books - key' }).waitFor()
  expect(await page.getByText('Client Secret').count()).toBe(0)
  await page.getByRole('radio', { name: /oauth/ }).check()
})

test('the chosen one becomes a Draft in the builder, with what was said and a list of what is missing', async () => {
  const before = await countOf()
  await page.getByLabel('Service Name').fill('Town books')
  await page.getByRole('button', { name: 'Create draft' }).click()
  await page.getByRole('heading', { name: 'Town books', level: 1 }).waitFor()
  expect(await countOf()).toBe(before + 1)
  expect(await world.client.services.get('town_books')).toMatchObject({
    stage: 'draft',
    auth: { tokenUrl: 'https://login.example.com/token' },
    baseUrl: 'https://{region}.api.example.com/v2',
  })
  await page.getByText('Started from: API description').waitFor()
  const missing = page
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: 'Before you mark as Ready' }) })
  await missing.getByRole('button', { name: /^Client ID/ }).waitFor()
  await checksAccessible(page, 'a draft that was started from a document')
  await page.reload()
  await page.getByText('Started from: API description').waitFor()
  await page.getByRole('button', { name: 'Got it' }).click()
  await page.getByText('Started from: API description').waitFor({ state: 'detached' })
  await page.reload()
  await missing.getByRole('button', { name: /^Client ID/ }).waitFor()
  expect(await page.getByText('Started from: API description').count()).toBe(0)
})

test('of a curl command only the way in is kept, not its credential', async () => {
  const secret = world.needles.plant('credential of a command')
  await page.goto(`${world.url}/services/new?form=start&source=curl`)
  await page.getByText('the credential itself is never kept').waitFor()
  await given().fill(`curl https://api.example.com/v1/me -H 'Authorization: Bearer ${secret}'`)
  await see()
  await page.getByRole('heading', { name: 'This draft can be made of it' }).waitFor()
  await page.getByText('GET /v1/me').waitFor()
  await page.getByRole('button', { name: 'Change what to start from' }).click()
  await given().fill(`curl https://api.example.com/v1/me -H 'X-Api-Key: ${secret}'`)
  await see()
  await page.getByRole('button', { name: 'Create draft' }).click()
  await page.getByText('Started from: curl command').waitFor()
  await checksClean(world, page)
})

test('an issuer describes itself, and the pages work on a narrow screen', async () => {
  await page.setViewportSize({ width: 320, height: 700 })
  await page.goto(`${world.url}/services/new?form=start&source=issuer`)
  await given().fill(world.provider.url)
  await see()
  await page.getByRole('button', { name: 'Create draft' }).waitFor()
  const wide = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(wide).toBeLessThanOrEqual(320)
  await checksAccessible(page, 'a draft on a narrow screen')
  await checksClean(world, page)
})
