import { randomBytes } from 'node:crypto'
import { array, asyncProperty, assert, constant, nat, oneof, record } from 'fast-check'
import { expect, test } from 'vitest'
import { systemCaller } from '../start.ts'
import { openSqlite } from '../storage/sqlite.ts'
import { service } from '../storage/suite/fixtures.ts'
import type { ServiceRecord, Store } from '../store.ts'
import { hearDataKeys, openable } from '../vault/hearing.ts'
import { createVault, type Place, type Vault } from '../vault/vault.ts'
import { createJobs } from './jobs.ts'
import { reseal } from './reseal.ts'
import type { Undertaking } from './runner.ts'

const root = { id: 'k1', bytes: randomBytes(32) }
const rows = ['r0', 'r1', 'r2', 'r3', 'r4']
const caller = systemCaller('w1')

const unexpected = (error: Error): never => {
  throw error
}

const placeOf = (row: string): Place => ({ workspaceId: 'w1', table: 'services', row, field: 'secrets' })

interface Process {
  vault: Vault
  store: Store
  /** What it has read and may write back. */
  held: ServiceRecord | undefined
}

const weights = {
  nothing: 6,
  write: 4,
  read: 2,
  'write back': 3,
  hear: 1,
  restart: 1,
  rotate: 2,
  work: 3,
  'stop working': 1,
} as const

/** What processes do, in any order. */
const action = record({
  does: oneof(...Object.entries(weights).map(([does, weight]) => ({ weight, arbitrary: constant(does) }))),
  process: nat(2),
  row: nat(4),
})
type Action = typeof action extends { generate: (...given: never[]) => { value: infer A } } ? A : never

/** Three processes on one database, and what each row must open to. */
async function play(actions: Action[]): Promise<void> {
  const shared = await openSqlite({ path: ':memory:' })
  const truth = new Map<string, string>()
  let time = 1000
  let texts = 0
  const started = async (): Promise<Process> => {
    const vault = createVault([root])
    await hearDataKeys(shared, vault, unexpected)
    return { vault, store: openable(shared, vault), held: undefined }
  }
  const first = createVault([root]).newDataKey('dky_first', 'w1', 1)
  await shared.workspaces.insert({ id: 'w1', name: 'Main', createdAt: 1 })
  await shared.dataKeys.insert(first)
  const processes = [await started(), await started(), await started()]
  for (const row of rows) {
    const secrets = processes[0]?.vault.seal(placeOf(row), `first of ${row}`) ?? null
    truth.set(row, `first of ${row}`)
    await shared.services.insert(service(row, { secrets }))
  }
  const begin = ({ vault, store }: Process): ReturnType<ReturnType<typeof createJobs>['begin']> =>
    createJobs({ store, vault, now: () => time++, kick: () => undefined }).begin(caller, 'key_rotation')

  /** Writes; a key that is gone by then is refused, and then nothing has changed. */
  const write = async ({ store }: Process, written: ServiceRecord, text: string): Promise<void> => {
    const took = await store.services.update({ ...written, version: written.version + 1 }).catch((error: unknown) => {
      expect(String(error)).toContain('FOREIGN KEY')
      return false
    })
    if (took) truth.set(written.id, text)
  }

  const opensTo = async ({ store, vault }: Process, row: string): Promise<ServiceRecord> => {
    const found = await store.services.find('w1', row)
    if (!found?.secrets) throw new Error(`${row} is gone`)
    expect(vault.open(placeOf(row), found.secrets)).toBe(truth.get(row))
    return found
  }

  const queue = [...actions]
  /** `meanwhile`: what others do between any two steps; false ends the work. */
  const work = async ({ store, vault }: Process, meanwhile: () => Promise<boolean>): Promise<void> => {
    const job = await shared.jobs.active('key_rotation')
    if (job === undefined) return
    const owner = `worker ${time++}`
    await shared.jobs.lease(job.id, { owner, now: Number.MAX_SAFE_INTEGER, until: 0 })
    const undertaking: Undertaking = {
      job,
      pace: { values: 2, rest: 0, quiet: 0 },
      rest: meanwhile,
      note: async (made, step) => {
        if (!(await meanwhile())) return false
        return store.transaction(async (inside) => {
          await step?.(inside)
          return inside.jobs.progress(job.id, owner, made, { now: time, until: time })
        })
      },
      finish: (end, step) =>
        store.transaction(async (inside) => {
          await step?.(inside)
          return inside.jobs.finish(job.id, owner, end, time)
        }),
    }
    await reseal({ store, vault, now: () => time++ }, undertaking)
  }

  const act = async ({ does, process, row: index }: Action): Promise<void> => {
    const actor = processes[process]
    const row = rows[index] ?? ''
    if (actor === undefined) return
    if (does === 'write') {
      const found = await opensTo(actor, row)
      const text = `text ${texts++}`
      await write(actor, { ...found, secrets: actor.vault.seal(placeOf(row), text) }, text)
    } else if (does === 'read') {
      actor.held = await opensTo(actor, row)
    } else if (does === 'write back' && actor.held !== undefined) {
      const { held } = actor
      await write(actor, held, truth.get(held.id) ?? '')
    } else if (does === 'hear') {
      await hearDataKeys(shared, actor.vault, unexpected)
      const newest = (await shared.dataKeys.list()).at(-1)?.id
      expect(actor.vault.keyIdOf(actor.vault.seal(placeOf(row), 'x'))).toBe(newest)
    } else if (does === 'restart') {
      processes[process] = await started()
    } else if (does === 'rotate') {
      if ((await shared.jobs.active('key_rotation')) === undefined) await begin(actor)
    } else if (does === 'work') {
      await work(actor, async () => {
        const next = queue.shift()
        if (next === undefined) return true
        if (next.does === 'stop working') return false
        await act(next)
        return true
      })
    }
  }
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) await act(next)

  // However it went, a rotation that is let end leaves one key, and everything opens in a process that starts then.
  const last = await started()
  if ((await shared.jobs.active('key_rotation')) === undefined) await begin(last)
  await work(last, async () => true)
  expect((await shared.jobs.newest('key_rotation'))?.state).toBe('done')
  expect(await shared.dataKeys.list()).toHaveLength(1)
  const after = await started()
  for (const row of rows) await opensTo(after, row)
  await shared.close()
}

test('S-42 however writes, rotations and restarts of several processes fall together, everything opens', async () => {
  await assert(asyncProperty(array(action, { maxLength: 100, size: 'max' }), play), {
    numRuns: 100,
    endOnFailure: true,
  })
}, 120_000)

test('S-42 what a renewal stores between opening and replacing stays', async () => {
  const store = await openSqlite({ path: ':memory:' })
  const vault = createVault([root])
  await store.workspaces.insert({ id: 'w1', name: 'Main', createdAt: 1 })
  await store.dataKeys.insert(vault.newDataKey('dky_first', 'w1', 1))
  await hearDataKeys(store, vault, unexpected)
  await store.services.insert(service('r0', { secrets: vault.seal(placeOf('r0'), 'before') }))
  await createJobs({ store, vault, now: () => 2, kick: () => undefined }).begin(caller, 'key_rotation')
  const job = await store.jobs.active('key_rotation')
  if (job === undefined) throw new Error('it did not begin')
  let between = 0
  await reseal(
    { store, vault, now: () => 3 },
    {
      job,
      pace: { values: 9, rest: 0, quiet: 0 },
      rest: async () => true,
      note: async (_, step) => {
        const found = await store.services.find('w1', 'r0')
        if (found && between++ === 0)
          await store.services.update({ ...found, secrets: vault.seal(placeOf('r0'), 'newer'), version: 2 })
        await step?.(store)
        return true
      },
      finish: async () => true,
    },
  )
  expect(between).toBeGreaterThan(0)
  const found = await store.services.find('w1', 'r0')
  expect(vault.open(placeOf('r0'), found?.secrets ?? new Uint8Array())).toBe('newer')
  await store.close()
})
