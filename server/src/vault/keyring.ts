/** Root keys: where they come from (S-43). They seal data keys and nothing else (S-40). */
import { hash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createOnce } from './secret_file.ts'

/** A keyring that cannot be used. One line for whoever starts the server; never holds key material. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError'
}

export interface RootKey {
  id: string
  /** 32 bytes. */
  bytes: Uint8Array
}

/**
 * What tells two keys apart where neither may be shown. Hashed under a name of its own, so that it is no hash of the key
 * that anything else could be compared with.
 */
export function fingerprint(key: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from('mooring key fingerprint\n'), key]), 'hex').slice(0, 16)
}

/** The first key seals; all open. */
export type Keyring = readonly [RootKey, ...RootKey[]]

/**
 * Reads `id:base64` pairs separated by commas. Throws KeyringError whose message is half a sentence about what is wrong,
 * for whoever knows where the text is from.
 */
export function parseKeyring(text: string): Keyring {
  const [first, ...rest] = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part, index) => parseKey(part, `key ${index + 1}`))
  if (first === undefined) throw new KeyringError('it holds no key')
  const keys: Keyring = [first, ...rest]
  if (new Set(keys.map((key) => key.id)).size !== keys.length) throw new KeyringError('two keys have the same id')
  return keys
}

/** Names a key by its place alone: what stands where an id should be may be the key itself. */
function parseKey(part: string, name: string): RootKey {
  const colon = part.indexOf(':')
  const id = part.slice(0, Math.max(colon, 0))
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id))
    throw new KeyringError(`${name} has no id of 1 to 32 letters, digits, - and _ before a colon`)
  const encoded = part.slice(colon + 1)
  const bytes = Buffer.from(encoded, 'base64')
  // Buffer skips what is not base64, and a key with a character lost is another key.
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded)) throw new KeyringError(`${name} is not written in base64`)
  if (bytes.length !== 32) throw new KeyringError(`${name} has ${bytes.length} bytes, not 32`)
  return { id, bytes }
}

/**
 * The generated key file, readable by its owner only. It is made where it is missing and `mayCreate` holds: never
 * beside a database that was sealed with another key. Several processes starting at once end up with one file.
 */
export function keyFile(path: string, mayCreate: boolean): Keyring {
  if (!existsSync(path)) {
    if (!mayCreate) {
      throw new KeyringError(
        `The key file ${path} is missing, and the database beside it is sealed with it. Put it back, or set MOORING_KEYS.`,
      )
    }
    createKeyFile(path)
  }
  try {
    return parseKeyring(readFileSync(path, 'utf8'))
  } catch (cause) {
    if (!(cause instanceof KeyringError)) throw cause
    throw new KeyringError(`The key file ${path} cannot be used: ${cause.message}. Put the right one back.`, { cause })
  }
}

function createKeyFile(path: string): void {
  const key = randomBytes(32)
  // The id is taken from the key's hash, so that two installations do not share one by accident.
  const id = `k${hash('sha256', key, 'hex').slice(0, 8)}`
  // Where another process was first, its key is the one.
  createOnce(path, `${id}:${key.toString('base64')}\n`)
}
