/** J12, the rest: the encryption key is rotated under five hundred connections while the server restarts in the middle. */
import { demo } from '@mooring/sandbox'
import { createClient } from '@mooring/sdk'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checksAccessible, checksClean } from '../checks.ts'
import { setUp, signIn } from '../people.ts'
import { rotations, showRotation } from '../rotations.ts'
import { startWorld, type World } from '../world.ts'

const count = 500
const atOnce = 10

let world: World
let page: Page
let names: string[] = []

/** The same for all of these, so many at a time. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items]
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

beforeAll(async () => {
  world = await startWorld()
  const { client, provider, needles } = world
  await client.services.create({
    name: 'Buoys',
    linkName: 'buoys',
    stage: 'ready',
    auth: {
      type: 'api_key',
      parameters: [
        { name: 'Buoy key', key: 'X-Api-Key', location: 'header' },
        { name: 'Call sign', key: 'X-Call-Sign', location: 'header' },
      ],
    },
    baseUrl: `${provider.url}/api/api_key`,
  })
  const credentials = { 'X-Api-Key': demo.apiKey, 'X-Call-Sign': needles.plant('call sign') }
  names = Array.from({ length: count }, (_, n) => `buoy_${n}`)
  await each(names, async (name) => {
    await client.connections.create({ name, linkName: name, service: 'buoys', credentials })
  })
  page = await setUp(world, await world.context())
}, 240_000)
afterAll(() => world.close())

const button = (name: string) => page.getByRole('button', { name, exact: true })
const progress = () => page.getByTestId('progress')
const rotation = () => page.locator('section').filter({ has: page.getByRole('heading', { name: /^Rotation/ }) })
const jobsTakenUp = (): number => world.output().split('"working on a job"').length - 1

/** "412 of 1,340 credentials re-encrypted" as two numbers. */
async function counted(): Promise<{ done: number; total: number }> {
  const [, done = '', total = ''] =
    /^([\d,]+) of ([\d,]+) credentials re-encrypted$/.exec((await progress().textContent()) ?? '') ?? []
  return { done: Number(done.replaceAll(',', '')), total: Number(total.replaceAll(',', '')) }
}

/** The value beside a name under "Active key". */
async function fact(name: string): Promise<string> {
  const row = page.locator('dl > div').filter({ hasText: name })
  return (await row.locator('dd').first().textContent()) ?? ''
}

describe('the encryption page', () => {
  let before = ''

  test('shows the key by its fingerprint and says where the root key lives', async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Encryption' }).click()
    await page.getByRole('heading', { name: 'Encryption', level: 1 }).waitFor()
    await page.getByText('The key was never rotated.').waitFor()
    before = await fact('Fingerprint')
    expect(before).toMatch(/^([0-9a-f]{4} ){3}[0-9a-f]{4}$/)
    expect(await page.textContent('main')).toContain('The root key is in the file mooring.key in the data folder.')
    await checksAccessible(page, 'never rotated')
  })

  test('a rotation says what it will do, and begins when that is confirmed', async () => {
    await button('Rotate').click()
    const question = page.getByRole('alertdialog', { name: 'Rotate the encryption key?' })
    expect(await question.textContent()).toContain('Connections and calls go on working.')
    await checksAccessible(page, 'asked before a rotation')
    await button('Keep this key').click()
    await question.waitFor({ state: 'detached' })
    expect((await world.client.encryption.get()).rotation).toBeNull()
    await button('Rotate').click()
    await button('Rotate key').click()
    await expect.poll(async () => (await counted()).done, { timeout: 20_000 }).toBeGreaterThan(0)
    expect((await counted()).total).toBeGreaterThanOrEqual(count)
    expect(await rotation().textContent()).toContain('Started by Olga Owner')
    expect(await button('Rotate').count()).toBe(0)
  })

  test('paused it stays paused over a restart, without the page being loaded again', async () => {
    await button('Pause').click()
    await rotation().getByText('Paused', { exact: true }).waitFor()
    const paused = await counted()
    expect(paused.done).toBeLessThan(paused.total)
    await checksAccessible(page, 'a rotation that is paused')
    await world.restart()
    await page.waitForTimeout(1500)
    await button('Resume').waitFor()
    expect(await counted()).toEqual(paused)
    expect((await world.client.encryption.get()).rotation).toMatchObject({ state: 'paused', done: paused.done })
    const late = { name: 'late', service: 'buoys', credentials: { 'X-Api-Key': demo.apiKey, 'X-Call-Sign': 'x' } }
    expect((await world.client.connections.create(late)).status).toBe('active')
  })

  test('running it goes on after a restart in the middle and ends Done', async () => {
    const takenUp = jobsTakenUp()
    await button('Resume').click()
    await rotation().getByText('Running', { exact: true }).waitFor()
    await expect.poll(jobsTakenUp).toBe(takenUp + 1)
    await world.restart()
    // It was not done: somebody had to take it up again.
    await expect.poll(jobsTakenUp, { timeout: 20_000 }).toBe(takenUp + 2)
    await rotation().getByText('Done', { exact: true }).waitFor({ timeout: 60_000 })
    expect(await rotation().textContent()).toContain('Everything is sealed with the new key')
    expect(await fact('Fingerprint')).not.toBe(before)
    expect(await page.getByText('Being replaced').count()).toBe(0)
    await button('Rotate').waitFor()
    await checksAccessible(page, 'a rotation that is done')
    const { dataKeys, rotation: job } = await world.client.encryption.get()
    expect(dataKeys).toHaveLength(1)
    expect(job).toMatchObject({ state: 'done', failed: 0, done: job?.total })
  })

  test('all connections still work', async () => {
    const statuses: number[] = []
    const sample = names.filter((_, n) => n % 5 === 0)
    await each(sample, async (name) => {
      statuses.push((await world.client.connections.invoke(name, { url: '/me' })).status)
    })
    expect(statuses).toEqual(sample.map(() => 200))
    const { items } = await world.client.connections.list({ status: 'reauthorization_required' })
    expect(items).toEqual([])
  })

  test('a verification proves that everything opens, and both are in the history', async () => {
    await button('Verify').click()
    const values = (await world.client.encryption.get()).values
    await page.getByText(`All ${values} sealed values open.`).waitFor({ timeout: 30_000 })
    const rows = page.getByRole('table', { name: 'History' }).getByRole('row')
    await expect.poll(() => rows.count()).toBe(3)
    await expect.poll(() => rows.nth(1).textContent()).toMatch(/Verification.*Olga Owner.*Done/)
    await expect.poll(() => rows.nth(2).textContent()).toMatch(/Rotation.*Olga Owner.*Done/)
    await checksAccessible(page, 'verified')
    await page.goto(`${world.url}/activity?type=key`)
    await page.getByText('Encryption key rotated').first().waitFor()
    await checksClean(world, page)
  })
})

test('a rotation that failed says which values, and what to do about each', async () => {
  await page.goto(`${world.url}/settings/encryption`)
  await page.getByRole('heading', { name: 'Encryption', level: 1 }).waitFor()
  await showRotation(page, rotations['failed'] ?? {})
  await page.getByRole('link', { name: 'The credential of crm_production' }).waitFor()
  expect(await rotation().textContent()).toContain('Reconnect it: the new credential takes its place.')
  await button('Try again').waitFor()
  await checksAccessible(page, 'a rotation that failed')
})

test('a developer neither finds the page nor is let in by its address', async () => {
  const { url } = await world.client.invitations.create({ role: 'developer' })
  const person = { name: 'Dov', email: 'dov@example.com', password: 'ropes and pulleys at noon' }
  world.needles.watch("the developer's password", person.password)
  const token = new URL(url).hash.replace('#token=', '')
  await createClient({ url: world.url }).invitations.accept({ token, ...person })
  const other = await world.page(await world.context())
  await signIn(other, world, person)
  expect(await other.getByRole('link', { name: 'Encryption' }).count()).toBe(0)
  await other.goto(`${world.url}/settings/encryption`)
  await other.getByText('Only owners and admins see this').waitFor()
  await checksAccessible(other, 'encryption, for a developer')
  await checksClean(world, other)
})
