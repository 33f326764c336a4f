/** J8: three legs, signed: accepted, then cancelled at the provider. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { agree, checksStatus, popupOf, setUp } from '../people.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let page: Page

beforeAll(async () => {
  world = await startWorld()
  page = await setUp(world, await world.context())
  const definition = world.provider.services.find(({ linkName }) => linkName === 'sandbox_oauth1')?.service
  if (definition === undefined) throw new Error('the provider offers no three legs')
  await world.client.services.create({ ...definition, name: 'Lighthouse', linkName: 'lighthouse' })
})
afterAll(async () => world.close())

async function createAndConnect(name: string): Promise<Page> {
  await page.goto(`${world.url}/connections/new/lighthouse`)
  await page.getByLabel('Connection Name').fill(name)
  return popupOf(page, async () => page.getByRole('button', { name: 'Create and Connect' }).click())
}

test('accepting connects it, and a signed call is accepted', async () => {
  await agree(await createAndConnect('Lighthouse north'))
  await page.getByRole('heading', { name: 'Lighthouse north', level: 1 }).waitFor()
  await checksStatus(page, 'Active')
  expect((await world.client.connections.invoke('lighthouse_north', { url: '/me' })).status).toBe(200)
})

test('cancelling says so, and nothing is saved', async () => {
  const popup = await createAndConnect('Lighthouse south')
  await popup.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('You pressed Cancel at Lighthouse').waitFor()
  await checksStatus(page, 'Not connected')
  await checksAccessible(page, 'cancelled at the provider')
  expect((await world.client.connections.authorizations('lighthouse_south')).items).toEqual([])
  await checksClean(world, page)
})
