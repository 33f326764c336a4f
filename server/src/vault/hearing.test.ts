import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqlite } from '../storage/sqlite.ts'
import { attempt, authorization, claim, connections, service } from '../storage/suite/fixtures.ts'
import type { Store } from '../store.ts'
import { hearDataKeys, openable } from './hearing.ts'
import type { KeyringError, RootKey } from './keyring.ts'
import { createVault, type Place, SealError, type Vault } from './vault.ts'

const root: RootKey = { id: 'k1', bytes: randomBytes(32) }
const ofService: Place = { workspaceId: 'w1', table: 'services', row: 's2', field: 'secrets' }
const ofGrant: Place = { workspaceId: 'w1', table: 'authorizations', row: 'a1', field: 'credential' }
const ofAttempt: Place = { workspaceId: 'w1', table: 'attempts', row: 't2', field: 'kept' }
const ofHeld: Place = { workspaceId: 'w1', table: 'attempts', row: 't1', field: 'held_grant' }
const ofReply: Place = { workspaceId: 'w1', table: 'idempotency', row: 'i1', field: 'body' }

const unexpected = (error: KeyringError): never => {
  throw error
}

let store: Store
/** The process that makes the newer key, and one that has not heard of it. */
let maker: Vault
let other: Vault

beforeEach(async () => {
  store = await openSqlite({ path: ':memory:' })
  ;[maker, other] = [createVault([root]), createVault([root])]
  await store.dataKeys.insert(maker.newDataKey('d1', 'w1', 1))
  for (const vault of [maker, other]) await hearDataKeys(store, vault, unexpected)
  await store.dataKeys.insert(maker.newDataKey('d2', 'w1', 2))
  await hearDataKeys(store, maker, unexpected)
  await connections(store, 'c1')
  await store.services.insert(service('s2', { secrets: maker.seal(ofService, 'of a service') }))
  await store.authorizations.insert(authorization('a1', { credential: maker.seal(ofGrant, 'of a grant') }))
  await store.attempts.insert(attempt('t1', { kept: null, heldGrant: maker.seal(ofHeld, 'of a held grant') }))
  await store.attempts.insert(attempt('t2', { kept: maker.seal(ofAttempt, 'of a sign-in') }))
  await store.idempotency.claim(claim('i1'))
  await store.idempotency.finish('i1', 201, maker.seal(ofReply, 'of a reply'))
})
afterEach(() => store.close())

/** Each way of reading a sealed value, and what it opens to. */
const reads: [string, (seen: Store) => Promise<Uint8Array | null | undefined>, Place, string][] = [
  ['a service', async (seen) => (await seen.services.find('w1', 's2'))?.secrets, ofService, 'of a service'],
  [
    'a page',
    async (seen) => (await seen.services.list('w1', {}, { limit: 9 })).items.find(({ id }) => id === 's2')?.secrets,
    ofService,
    'of a service',
  ],
  ['a grant', async (seen) => (await seen.authorizations.find('c1', ''))?.credential, ofGrant, 'of a grant'],
  ['a list', async (seen) => (await seen.authorizations.sharedOf(['c1']))[0]?.credential, ofGrant, 'of a grant'],
  [
    'a lease',
    async (seen) => {
      const leased = await seen.authorizations.lease('a1', { owner: 'p', now: 1, until: 2 })
      // Given up at once, for whoever reads next.
      if (leased !== undefined) await store.authorizations.breakLease('a1', 'p', leased.record.fence)
      return leased?.record.credential
    },
    ofGrant,
    'of a grant',
  ],
  ['a sign-in', async (seen) => (await seen.attempts.find('c1', 't2'))?.kept, ofAttempt, 'of a sign-in'],
  ['a held grant', async (seen) => (await seen.attempts.find('c1', 't1'))?.heldGrant, ofHeld, 'of a held grant'],
  ['a reply', async (seen) => (await seen.idempotency.claim(claim('i1')))?.body, ofReply, 'of a reply'],
  [
    'a value where it lies',
    async (seen) => (await seen.sealed.under({ table: 'services', field: 'secrets' }, 'd2', '', 9))[0]?.bytes,
    ofService,
    'of a service',
  ],
]

test.each(reads)(
  'S-42 %s that was sealed a moment ago elsewhere opens, and its key seals from then on',
  async (...given) => {
    const [, read, place, text] = given
    const sealed = await read(store)
    expect(() => other.open(place, sealed ?? new Uint8Array())).toThrow(SealError)
    expect(other.keyIdOf(other.seal(place, 'x'))).toBe('d1')
    expect(await read(openable(store, other))).toBeDefined()
    expect(other.open(place, sealed ?? new Uint8Array())).toBe(text)
    expect(other.keyIdOf(other.seal(place, 'x'))).toBe('d2')
  },
)

test('S-42 inside a transaction too, and inside one of those', async () => {
  const found = await openable(store, other).transaction((inside) =>
    inside.transaction((within) => within.authorizations.findById('a1')),
  )
  expect(other.open(ofGrant, found?.credential ?? new Uint8Array())).toBe('of a grant')
})

test('a key that needs another root key is told of; what it sealed stays shut, the rest goes on', async () => {
  const stranger = createVault([{ id: 'k2', bytes: randomBytes(32) }])
  const untold: KeyringError[] = []
  await hearDataKeys(store, stranger, (error) => void untold.push(error))
  expect(untold.map(({ message }) => message)).toEqual(Array(2).fill(expect.stringContaining('the key k1, which')))
  const found = await openable(store, stranger).services.find('w1', 's2')
  expect(() => stranger.open(ofService, found?.secrets ?? new Uint8Array())).toThrow(SealError)
})

test('what is not sealed passes as it is', async () => {
  const seen = openable(store, other)
  expect(await seen.services.count('w1')).toBe(2)
  expect(await seen.services.find('w1', 'nothing')).toBeUndefined()
  expect(seen.engine).toBe('sqlite')
  expect(other.knows('d2')).toBe(false)
})
