/**
 * Sealing anew what older data keys have sealed (S-42). A value is replaced where it is still the one that was opened, so
 * that nothing a renewal or anybody else stored meanwhile is lost; what they put back under an old key is found by the next
 * walk. An old key goes when nothing is sealed with it, which the database itself makes sure of.
 */
import { event } from '../events/event.ts'
import { type DataKeyRecord, type SealedPlace, sealedPlaces, type SealedValue, type Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import type { Undertaking } from './runner.ts'
import { failureAt, type Failures, placeOf, tried, withFailure } from './values.ts'

export interface ResealParts {
  store: Store
  vault: Vault
  now: () => number
}

interface Counter {
  done: number
  total: number
}

/** One walk over everything under older keys. */
interface Walk {
  resealed: number
  failures: Failures
}

/** The keys that seal no more: all but the newest of each workspace. Oldest first. */
export function olderKeys(keys: readonly DataKeyRecord[]): DataKeyRecord[] {
  const newest = new Map(keys.map((key) => [key.workspaceId, key.id]))
  return keys.filter((key) => newest.get(key.workspaceId) !== key.id)
}

export async function reseal(parts: ResealParts, undertaking: Undertaking): Promise<void> {
  const { store, vault } = parts
  const { job, pace } = undertaking
  const counter: Counter = { done: job.done, total: job.total }
  /** What the walk before found; shown until this one has come as far. */
  let before: Failures = { count: job.failed, named: job.failures }
  for (let quiet = false; ;) {
    const keys = await store.dataKeys.list()
    // Throws where a root key is missing here: sealing with an older key would never end.
    for (const key of keys) vault.add(key)
    const older = olderKeys(keys)
    const walk = await walkOver(parts, undertaking, older, counter, before)
    if (walk === undefined) return
    before = walk.failures
    const { count: failed, named: failures } = walk.failures
    if (walk.resealed > 0) {
      quiet = false
    } else if (failed > 0) {
      const many = failed === 1 ? '1 value does' : `${failed} values do`
      const detail = `${many} not open, so the key before is kept. Everything else is sealed with the new one.`
      await undertaking.finish({ state: 'failed', detail, total: counter.done + failed, failed, failures })
      return
    } else if (!quiet) {
      quiet = true
      // Who read a value before it was replaced may be about to write it back as it was.
      if (!(await undertaking.note({ total: counter.done, failed: 0, failures: [] }))) return
      if (!(await undertaking.rest(pace.quiet))) return
    } else if (await deleted(store, older)) {
      await finish(parts, undertaking, counter)
      return
    }
  }
}

async function deleted(store: Store, older: readonly DataKeyRecord[]): Promise<boolean> {
  for (const { id } of older) if (!(await store.dataKeys.deleteUnused(id))) return false
  return true
}

async function finish({ store, now }: ResealParts, undertaking: Undertaking, { done }: Counter): Promise<void> {
  const detail = `Everything is sealed with the new key (${done === 1 ? '1 value' : `${done} values`}); the one before is deleted.`
  const workspaces = await store.workspaces.list()
  await undertaking.finish({ state: 'done', detail, done, total: done, failed: 0, failures: [] }, (inside) =>
    inside.events.append(
      workspaces.map(({ id }) =>
        event(id, now(), 'key.rotated', { actor: undertaking.job.startedBy, cause: 'asked for', detail }),
      ),
    ),
  )
}

/** Undefined where the job is out of hand. */
async function walkOver(
  parts: ResealParts,
  undertaking: Undertaking,
  older: readonly DataKeyRecord[],
  counter: Counter,
  before: Failures,
): Promise<Walk | undefined> {
  const walk: Walk = { resealed: 0, failures: { count: 0, named: [] } }
  for (const keyId of [null, ...older.map(({ id }) => id)]) {
    for (const place of sealedPlaces) {
      for (let after = ''; ;) {
        const startedAt = performance.now()
        const values = await parts.store.sealed.under(place, keyId, after, undertaking.pace.values)
        const last = values.at(-1)
        if (last === undefined) break
        after = last.row
        if (!(await step(parts, undertaking, place, values, { walk, counter, before }))) return undefined
        const took = performance.now() - startedAt
        if (!(await undertaking.rest(Math.max(undertaking.pace.rest, 5 * took)))) return undefined
      }
    }
  }
  return walk
}

async function step(
  { store, vault }: ResealParts,
  undertaking: Undertaking,
  place: SealedPlace,
  values: SealedValue[],
  { walk, counter, before }: { walk: Walk; counter: Counter; before: Failures },
): Promise<boolean> {
  const replacements: [from: SealedValue, to: Uint8Array][] = []
  for (const value of values) {
    const where = placeOf(place, value)
    const sealed = tried(() => vault.seal(where, vault.open(where, value.bytes)))
    if ('value' in sealed) replacements.push([value, sealed.value])
    else walk.failures = withFailure(walk.failures, await failureAt(store, place, value, sealed.fault))
  }
  walk.resealed += replacements.length
  counter.done += replacements.length
  const shown = walk.failures.count >= before.count ? walk.failures : before
  counter.total = Math.max(counter.total, counter.done + shown.count)
  return undertaking.note({ ...counter, failed: shown.count, failures: shown.named }, async (inside) => {
    // Where another value lies by now, it was sealed since, and is none of ours.
    for (const [from, to] of replacements) await inside.sealed.replace(place, from, to)
  })
}
