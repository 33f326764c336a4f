/**
 * Sealing and opening secrets (S-40, S-41): AES-256-GCM, random 96-bit nonce. A sealed value names its format and its
 * data key, and opens only in the workspace, table, row and field it was sealed for.
 *
 *   format (1) · length of key id (1) · key id · nonce (12) · ciphertext · tag (16)
 *
 * The key of one field is derived from the workspace's data key (HKDF-SHA256), so that the number of values sealed under
 * one AES key stays far from the 2^32 that random nonces allow (NIST SP 800-38D section 8.3).
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { dataKeyOf, type DataKeyRecord, type SealedPlace } from '../store.ts'
import { fingerprint, type Keyring, KeyringError, type RootKey } from './keyring.ts'

const format = 1
const nonceLength = 12
const tagLength = 16

/** Where a sealed value lives. Nothing can be sealed for a place that storage does not know as one. */
export type Place = SealedPlace & { workspaceId: string; row: string }

export interface Vault {
  seal(place: Place, plaintext: string): Uint8Array
  /** Throws SealError where the value was moved, changed, or sealed with a key that is not here. */
  open(place: Place, sealed: Uint8Array): string
  /** The id of the data key that a value is sealed with. */
  keyIdOf(sealed: Uint8Array): string
  /**
   * Opens a data key. The newest of a workspace is the one that seals; those before it go on opening. Throws KeyringError
   * where the root key is missing or wrong.
   */
  add(record: DataKeyRecord): void
  /** Whether this data key was added. */
  knows(keyId: string): boolean
  /** The data key that seals in a workspace. */
  currentKey(workspaceId: string): string | undefined
  /** A new data key for a workspace, wrapped by the first root key; `add` it once it is stored. */
  newDataKey(id: string, workspaceId: string, now: number): DataKeyRecord
  /** The same data key, which must have been added, wrapped by the first root key. */
  rewrapped(record: DataKeyRecord): DataKeyRecord
  /** The root keys, the one that seals first. */
  rootKeys(): { id: string; fingerprint: string }[]
  /** Of a data key that was added. */
  fingerprintOf(keyId: string): string | undefined
}

/** A value that does not open. Says where, never what. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

export function createVault(keyring: Keyring): Vault {
  const dataKeys = new Map<string, { workspaceId: string; bytes: Uint8Array; createdAt: number }>()
  const current = new Map<string, string>()

  return {
    seal(place, plaintext) {
      const keyId = current.get(place.workspaceId)
      const key = keyId === undefined ? undefined : dataKeys.get(keyId)
      if (keyId === undefined || key === undefined)
        throw new SealError(`no data key for the workspace of ${nameOf(place)}`)
      const data = associatedData(place, keyId)
      return encrypt(fieldKey(key.bytes, data), keyId, data, Buffer.from(plaintext, 'utf8'))
    },

    open(place, sealed) {
      const keyId = keyIdOf(sealed)
      const key = dataKeys.get(keyId)
      if (key === undefined || key.workspaceId !== place.workspaceId)
        throw new SealError(`${nameOf(place)} is sealed with a key that is not here`)
      const data = associatedData(place, keyId)
      try {
        return decrypt(fieldKey(key.bytes, data), keyId, data, sealed).toString('utf8')
      } catch (cause) {
        throw new SealError(`${nameOf(place)} does not open: it was changed, or belongs elsewhere`, { cause })
      }
    },

    keyIdOf,

    add(record) {
      // Whoever has it open already needs no root key for it, and another may wrap it by now.
      if (dataKeys.has(record.id)) return
      const root = keyring.find((key) => key.id === record.rootKeyId)
      if (root === undefined) {
        throw new KeyringError(
          `The database is sealed with the key ${record.rootKeyId}, which the keyring does not hold. Add it to MOORING_KEYS, or put the key file back.`,
        )
      }
      dataKeys.set(record.id, {
        workspaceId: record.workspaceId,
        bytes: unwrap(root, record),
        createdAt: record.createdAt,
      })
      const newest = [...dataKeys]
        .filter(([, key]) => key.workspaceId === record.workspaceId)
        .sort(([, a], [, b]) => b.createdAt - a.createdAt)[0]
      if (newest) current.set(record.workspaceId, newest[0])
    },

    knows: (keyId) => dataKeys.has(keyId),

    currentKey: (workspaceId) => current.get(workspaceId),

    newDataKey: (id, workspaceId, now) => wrapped(keyring[0], { id, workspaceId, createdAt: now }, randomBytes(32)),

    rewrapped(record) {
      const key = dataKeys.get(record.id)
      if (key === undefined) throw new KeyringError(`The data key ${record.id} is not open here.`)
      return wrapped(keyring[0], record, key.bytes)
    },

    rootKeys: () => keyring.map(({ id, bytes }) => ({ id, fingerprint: fingerprint(bytes) })),

    fingerprintOf(keyId) {
      const key = dataKeys.get(keyId)
      return key && fingerprint(key.bytes)
    },
  }
}

function wrapped(
  root: RootKey,
  { id, workspaceId, createdAt }: Pick<DataKeyRecord, 'id' | 'workspaceId' | 'createdAt'>,
  key: Uint8Array,
): DataKeyRecord {
  const sealed = encrypt(root.bytes, root.id, wrapData(id, workspaceId, root.id), key)
  return { id, workspaceId, rootKeyId: root.id, wrapped: sealed, createdAt }
}

function unwrap(root: RootKey, record: DataKeyRecord): Uint8Array {
  try {
    if (keyIdOf(record.wrapped) !== root.id) throw new SealError('the data key is wrapped with another key')
    return decrypt(root.bytes, root.id, wrapData(record.id, record.workspaceId, root.id), record.wrapped)
  } catch (cause) {
    throw new KeyringError(`The key ${root.id} in the keyring is not the one that sealed the database.`, { cause })
  }
}

function wrapData(id: string, workspaceId: string, rootKeyId: string): Buffer {
  return associatedData({ workspaceId, table: 'data_keys', row: id, field: 'wrapped' }, rootKeyId)
}

function associatedData(place: Record<keyof Place, string>, keyId: string): Buffer {
  return Buffer.from(JSON.stringify([format, place.workspaceId, place.table, place.row, place.field, keyId]), 'utf8')
}

function fieldKey(dataKey: Uint8Array, info: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, '', info, 32))
}

function encrypt(key: Uint8Array, keyId: string, data: Buffer, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength })
  cipher.setAAD(data)
  const id = Buffer.from(keyId, 'utf8')
  return Buffer.concat([
    Buffer.of(format, id.length),
    id,
    nonce,
    cipher.update(plaintext),
    cipher.final(),
    cipher.getAuthTag(),
  ])
}

function decrypt(key: Uint8Array, keyId: string, data: Buffer, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  const start = 2 + Buffer.byteLength(keyId, 'utf8')
  const nonce = bytes.subarray(start, start + nonceLength)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength })
  decipher.setAAD(data)
  decipher.setAuthTag(bytes.subarray(bytes.length - tagLength))
  return Buffer.concat([
    decipher.update(bytes.subarray(start + nonceLength, bytes.length - tagLength)),
    decipher.final(),
  ])
}

function keyIdOf(sealed: Uint8Array): string {
  const keyId = dataKeyOf(sealed)
  if (keyId === undefined || sealed.length < 2 + (sealed[1] ?? 0) + nonceLength + tagLength)
    throw new SealError('a sealed value has an unknown format')
  return keyId
}

function nameOf(place: Place): string {
  return `${place.table}.${place.field} of ${place.row}`
}
