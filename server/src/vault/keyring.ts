/** Root keys: where they come from (S-43). They seal data keys and nothing else (S-40). */
import { hash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'

/** A keyring that cannot be used. One line for whoever starts the server; never holds key material. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError'
}

export interface RootKey {
  id: string
  /** 32 bytes. */
  bytes: Uint8Array
}

/** The first key seals; all open. */
export type Keyring = readonly [RootKey, ...RootKey[]]

/** Reads `id:base64` pairs separated by commas. `source` names where the text is from, for the error. */
export function parseKeyring(text: string, source: string): Keyring {
  const keys = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part, index) => parseKey(part, `${source}: key ${index + 1}`))
  const ids = new Set(keys.map((key) => key.id))
  if (ids.size !== keys.length) throw new KeyringError(`${source} names the same key id twice.`)
  const [first, ...rest] = keys
  if (first === undefined)
    throw new KeyringError(`${source} holds no key; it takes id:key pairs, each key 32 bytes in base64.`)
  return [first, ...rest]
}

function parseKey(part: string, name: string): RootKey {
  const colon = part.indexOf(':')
  const id = part.slice(0, Math.max(colon, 0))
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) {
    throw new KeyringError(`${name} has no usable id; it takes id:key, the id 1 to 32 letters, digits, - and _.`)
  }
  const bytes = Buffer.from(part.slice(colon + 1), 'base64')
  if (bytes.length !== 32)
    throw new KeyringError(`${name} (${id}) has ${bytes.length} bytes; it takes 32 bytes in base64.`)
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
  return parseKeyring(readFileSync(path, 'utf8').trim(), path)
}

function createKeyFile(path: string): void {
  const key = randomBytes(32)
  // The id is taken from the key's hash, so that two installations do not share one by accident.
  const id = `k${hash('sha256', key, 'hex').slice(0, 8)}`
  const draft = `${path}.${process.pid}.new`
  const file = openSync(draft, 'wx', 0o600)
  writeSync(file, `${id}:${key.toString('base64')}\n`)
  fsyncSync(file)
  closeSync(file)
  try {
    linkSync(draft, path)
  } catch (error) {
    // Another process was first: its key is the one.
    if (!existsSync(path)) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
