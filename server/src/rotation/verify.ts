/** Proving that every sealed value opens (S-42): each is opened where it lies, and nothing is changed. */
import { isDeepStrictEqual } from 'node:util'
import { type JobCursor, type SealedPlace, sealedPlaces, type SealedValue, type Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import type { Undertaking } from './runner.ts'
import { failureAt, type Failures, placeOf, tried, withFailure } from './values.ts'

export interface VerifyParts {
  store: Store
  vault: Vault
}

/** What is walked over, in this order: values move from older keys to newer ones only, so that none is passed by. */
function stretches(keys: readonly (string | null)[], from: JobCursor | null): JobCursor[] {
  const all = keys.flatMap((keyId) => sealedPlaces.map((place): JobCursor => ({ keyId, place, after: '' })))
  const at = all.findIndex(({ keyId, place }) => from?.keyId === keyId && isDeepStrictEqual(place, from.place))
  // A key that was rotated away meanwhile is not among them: what it sealed is under newer ones.
  return from === null || at === -1 ? all : [from, ...all.slice(at + 1)]
}

export async function verify({ store, vault }: VerifyParts, undertaking: Undertaking): Promise<void> {
  const { job, pace } = undertaking
  const fresh = job.cursor === null
  let done = fresh ? 0 : job.done
  let failures: Failures = fresh ? { count: 0, named: [] } : { count: job.failed, named: job.failures }
  const keys = await store.dataKeys.list()
  for (const key of keys) vault.add(key)

  for (const { place, keyId, ...stretch } of stretches([null, ...keys.map(({ id }) => id)], job.cursor)) {
    for (let { after } = stretch; ;) {
      const startedAt = performance.now()
      const values = await store.sealed.under(place, keyId, after, pace.values)
      const last = values.at(-1)
      if (last === undefined) break
      after = last.row
      for (const value of values) {
        const fault = faultOf(vault, place, keyId, value)
        if (fault === undefined) done++
        else failures = withFailure(failures, await failureAt(store, place, value, fault))
      }
      const total = Math.max(job.total, done + failures.count)
      const made = { done, total, failed: failures.count, failures: failures.named, cursor: { keyId, place, after } }
      if (!(await undertaking.note(made))) return
      // Opening is quick and writes nothing, so the rests are shorter than a rotation's.
      if (!(await undertaking.rest(Math.max(pace.rest / 5, 5 * (performance.now() - startedAt))))) return
    }
  }
  const total = done + failures.count
  const counts = { done, total, failed: failures.count, failures: failures.named }
  const end =
    failures.count === 0
      ? {
          state: 'done' as const,
          detail: total === 1 ? 'The one sealed value opens.' : `All ${total} sealed values open.`,
        }
      : { state: 'failed' as const, detail: `${failures.count} of ${total} sealed values do not open.` }
  await undertaking.finish({ ...counts, ...end })
}

function faultOf(vault: Vault, place: SealedPlace, keyId: string | null, value: SealedValue): string | undefined {
  const where = placeOf(place, value)
  const opened = tried(() => {
    vault.open(where, value.bytes)
    return vault.keyIdOf(value.bytes)
  })
  if ('fault' in opened) return opened.fault
  if (keyId === null || opened.value === keyId) return undefined
  return `${place.table}.${place.field} of ${value.row} is sealed with another key than the one noted beside it`
}
