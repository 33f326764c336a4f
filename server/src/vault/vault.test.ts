import { hash, randomBytes } from 'node:crypto'
import { assert, property, string, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyringError, type RootKey } from './keyring.ts'
import { createVault, type Place, SealError, type Vault } from './vault.ts'

const root = (id: string): RootKey => ({ id, bytes: randomBytes(32) })

function vaultFor(...workspaces: string[]): Vault {
  const vault = createVault([root('k1')])
  for (const id of workspaces) vault.add(vault.newDataKey(`dky_${id}`, id, 1))
  return vault
}

const place: Place = { workspaceId: 'w1', table: 'authorizations', row: 'aut_1', field: 'credential' }

/** A place that storage has nothing at. */
function anywhere(change: Partial<Record<keyof Place, string>>): Place {
  return { ...place, ...change } as Place
}

/** Bytes with one bit turned over. */
function flipped(sealed: Uint8Array, bit: number): Uint8Array {
  const bytes = Uint8Array.from(sealed)
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return bytes
}

describe('sealing', () => {
  test('S-40 what is sealed opens again, whatever it is', () => {
    const vault = vaultFor('w1')
    assert(
      property(string({ unit: 'grapheme', maxLength: 5000 }), (text) => {
        expect(vault.open(place, vault.seal(place, text))).toBe(text)
      }),
    )
  })

  test('S-40 the same value never seals to the same bytes, and its bytes are not among them', () => {
    const vault = vaultFor('w1')
    const sealed = Array.from({ length: 200 }, () => Buffer.from(vault.seal(place, 'the-secret-itself')))
    expect(new Set(sealed.map(String)).size).toBe(200)
    expect(sealed.every((bytes) => !bytes.includes('secret'))).toBe(true)
  })

  test('S-40 a sealed value names its format and its key', () => {
    const sealed = vaultFor('w1').seal(place, 'x')
    expect(sealed[0]).toBe(1)
    expect(vaultFor('w1').keyIdOf(sealed)).toBe('dky_w1')
  })

  test('a workspace without a data key seals nothing', () => {
    expect(() => vaultFor('w1').seal({ ...place, workspaceId: 'w2' }, 'x')).toThrow(SealError)
  })
})

describe('what was moved or changed', () => {
  test.each<[string, Partial<Record<keyof Place, string>>]>([
    ['workspace', { workspaceId: 'w2' }],
    ['table', { table: 'services' }],
    ['row', { row: 'aut_2' }],
    ['field', { field: 'secrets' }],
  ])('S-41 does not open in another %s', (_, elsewhere) => {
    const vault = vaultFor('w1', 'w2')
    const sealed = vault.seal(place, 'secret')
    expect(() => vault.open(anywhere(elsewhere), sealed)).toThrow(SealError)
    expect(vault.open(place, sealed)).toBe('secret')
  })

  test('S-41 parts of a place are not glued together: neighbours that spell the same do not open each other', () => {
    const vault = vaultFor('w1')
    const sealed = vault.seal(anywhere({ table: 'ab', row: 'c' }), 'secret')
    expect(() => vault.open(anywhere({ table: 'a', row: 'bc' }), sealed)).toThrow(SealError)
    expect(() => vault.open(anywhere({ table: 'ab","c', row: '' }), sealed)).toThrow(SealError)
  })

  test('S-41 does not open with any single bit turned over', () => {
    const vault = vaultFor('w1')
    const sealed = vault.seal(place, 'a secret of some length')
    for (let bit = 0; bit < sealed.length * 8; bit++)
      expect(() => vault.open(place, flipped(sealed, bit)), `bit ${bit}`).toThrow(SealError)
  })

  test('S-41 does not open cut short, lengthened, or as something else', () => {
    const vault = vaultFor('w1')
    const sealed = vault.seal(place, 'secret')
    for (let length = 0; length < sealed.length; length++)
      expect(() => vault.open(place, sealed.subarray(0, length)), `${length} bytes`).toThrow(SealError)
    expect(() => vault.open(place, Buffer.concat([sealed, Buffer.of(0)]))).toThrow(SealError)
    assert(
      property(uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => vault.open(place, bytes)).toThrow(SealError)
      }),
    )
  })

  test('the error says where, never what', () => {
    const vault = vaultFor('w1')
    const sealed = vault.seal(place, 'the-secret-itself')
    const told = (() => {
      try {
        return vault.open(place, flipped(sealed, sealed.length * 8 - 1))
      } catch (error) {
        return String(error)
      }
    })()
    expect(told).toBe(
      'SealError: authorizations.credential of aut_1 does not open: it was changed, or belongs elsewhere',
    )
  })
})

describe('keys', () => {
  test('S-40 a data key opens with its root key alone', () => {
    const [one, other] = [root('k1'), root('k2')]
    const record = createVault([one]).newDataKey('dky', 'w1', 1)
    expect(record.rootKeyId).toBe('k1')
    expect(() => createVault([other]).add(record)).toThrow(/sealed with the key k1, which the keyring does not hold/)
    expect(() => createVault([{ ...other, id: 'k1' }]).add(record)).toThrow(
      /The key k1 in the keyring is not the one that sealed the database/,
    )
    for (let bit = 0; bit < record.wrapped.length * 8; bit += 7)
      expect(() => createVault([one]).add({ ...record, wrapped: flipped(record.wrapped, bit) })).toThrow(KeyringError)
    expect(() => createVault([one]).add({ ...record, wrapped: record.wrapped.subarray(0, 20) })).toThrow(KeyringError)
  })

  test('S-41 a data key moved to another row or workspace does not open', () => {
    const one = root('k1')
    const record = createVault([one]).newDataKey('dky', 'w1', 1)
    expect(() => createVault([one]).add({ ...record, workspaceId: 'w2' })).toThrow(KeyringError)
    expect(() => createVault([one]).add({ ...record, id: 'dky_2' })).toThrow(KeyringError)
  })

  test('S-42 the first root key seals, the others open', () => {
    const [old, fresh] = [root('old'), root('new')]
    const before = createVault([old])
    const record = before.newDataKey('dky', 'w1', 1)
    before.add(record)
    const sealed = before.seal(place, 'secret')
    const after = createVault([fresh, old])
    after.add(record)
    expect(after.open(place, sealed)).toBe('secret')
    expect(after.newDataKey('dky_2', 'w1', 2).rootKeyId).toBe('new')
  })

  test('S-42 a data key wrapped anew by the first root key is the same key, and the old root key can go', () => {
    const [old, fresh] = [root('old'), root('new')]
    const record = createVault([old]).newDataKey('dky', 'w1', 1)
    const both = createVault([fresh, old])
    expect(() => both.rewrapped(record)).toThrow(KeyringError)
    both.add(record)
    const sealed = both.seal(place, 'secret')
    const rewrapped = both.rewrapped(record)
    expect(rewrapped).toMatchObject({ id: 'dky', workspaceId: 'w1', rootKeyId: 'new', createdAt: 1 })
    const alone = createVault([fresh])
    alone.add(rewrapped)
    expect(alone.open(place, sealed)).toBe('secret')
    expect(alone.fingerprintOf('dky')).toBe(both.fingerprintOf('dky'))
  })

  test('S-42 a data key that is open stays open, whichever root key wraps it by now', () => {
    const vault = createVault([root('k1')])
    const record = vault.newDataKey('dky', 'w1', 1)
    vault.add(record)
    vault.add({ ...record, rootKeyId: 'elsewhere' })
    expect(vault.open(place, vault.seal(place, 'secret'))).toBe('secret')
  })

  test('are told by fingerprints, which give nothing of the keys away and differ for each', () => {
    const [one, other] = [root('k1'), root('k2')]
    const vault = createVault([one, other])
    vault.add(vault.newDataKey('dky_1', 'w1', 1))
    vault.add(vault.newDataKey('dky_2', 'w2', 1))
    const told = [
      ...vault.rootKeys().map((key) => key.fingerprint),
      vault.fingerprintOf('dky_1'),
      vault.fingerprintOf('dky_2'),
    ]
    expect(vault.rootKeys().map(({ id }) => id)).toEqual(['k1', 'k2'])
    expect(told.every((text) => /^[0-9a-f]{16}$/.test(text ?? ''))).toBe(true)
    expect(new Set(told).size).toBe(4)
    for (const { bytes } of [one, other]) {
      expect(told).not.toContain(Buffer.from(bytes).toString('hex').slice(0, 16))
      expect(told).not.toContain(hash('sha256', bytes, 'hex').slice(0, 16))
    }
    expect(vault.fingerprintOf('dky_3')).toBeUndefined()
  })

  test('S-42 the newest data key seals, in whichever order they were read', () => {
    const vault = createVault([root('k1')])
    const [first, second] = [vault.newDataKey('dky_1', 'w1', 1), vault.newDataKey('dky_2', 'w1', 2)]
    vault.add(first)
    const sealed = vault.seal(place, 'secret')
    vault.add(second)
    vault.add(first)
    expect(vault.keyIdOf(vault.seal(place, 'x'))).toBe('dky_2')
    expect([vault.currentKey('w1'), vault.currentKey('w2'), vault.knows('dky_1'), vault.knows('dky_3')]).toEqual([
      'dky_2',
      undefined,
      true,
      false,
    ])
    expect(vault.open(place, sealed)).toBe('secret')
  })
})
