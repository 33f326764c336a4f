/**
 * Data keys that other processes make. The change feed tells of a new one within half a second; what such a process has
 * sealed may be read here before that, and must open.
 */
import { dataKeyOf, type Store } from '../store.ts'
import { KeyringError } from './keyring.ts'
import type { Vault } from './vault.ts'

/** Adds every data key there is. `unopened`: told of one whose root key is not in the keyring; what it sealed stays shut. */
export async function hearDataKeys(
  store: Pick<Store, 'dataKeys'>,
  vault: Pick<Vault, 'add'>,
  unopened: (error: KeyringError) => void,
): Promise<void> {
  for (const record of await store.dataKeys.list()) {
    try {
      vault.add(record)
    } catch (error) {
      if (!(error instanceof KeyringError)) throw error
      unopened(error)
    }
  }
}

/** The same store; the data keys of sealed values that it gives are in the vault by the time it gives them. */
export function openable(store: Store, vault: Pick<Vault, 'knows' | 'add'>): Store {
  const learn = async (result: unknown): Promise<void> => {
    for (const sealed of sealedIn(result)) {
      const keyId = dataKeyOf(sealed)
      // What does not open even so is found out by whoever opens it, and only then.
      if (keyId !== undefined && !vault.knows(keyId)) return hearDataKeys(store, vault, () => undefined)
    }
  }
  const { services, authorizations, attempts, idempotency, sealed } = store
  return {
    ...store,
    transaction: (work) => store.transaction((inside) => work(openable(inside, vault))),
    services: following(services, learn),
    authorizations: following(authorizations, learn),
    attempts: following(attempts, learn),
    idempotency: following(idempotency, learn),
    sealed: following(sealed, learn),
  }
}

/** The same functions, each followed by `then` on what it gives. */
function following<T extends object>(noun: T, then: (result: unknown) => Promise<void>): T {
  return new Proxy(noun, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (...given: unknown[]): Promise<unknown> => {
        const result: unknown = await Reflect.apply(method, target, given)
        await then(result)
        return result
      }
    },
  })
}

/** Of a record, a list, a page, or a lease with its record. */
function* sealedIn(result: unknown): Generator<Uint8Array> {
  if (typeof result !== 'object' || result === null) return
  if (Array.isArray(result)) {
    for (const one of result) yield* sealedIn(one)
    return
  }
  for (const value of Object.values(result)) if (value instanceof Uint8Array) yield value
  yield* sealedIn(Reflect.get(result, 'items'))
  yield* sealedIn(Reflect.get(result, 'record'))
}
