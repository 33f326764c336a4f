/** From settings to a serving process: storage, keys, the first workspace, the first key. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Caller } from './access/caller.ts'
import { ensureOwner } from './access/key.ts'
import { type Config, ConfigError, settings } from './config.ts'
import type { DatabaseTarget } from './database_url.ts'
import { machineAddresses } from './egress/machine.ts'
import { newId, randomToken, tokenHash } from './ids.ts'
import type { Log } from './log.ts'
import { type Mooring, type MooringParts, startMooring } from './mooring.ts'
import { movedTo } from './storage/installation.ts'
import { openSqlite } from './storage/sqlite.ts'
import { type DataKeyRecord, type Store, TakenError } from './store.ts'
import { keyFile, type Keyring, KeyringError } from './vault/keyring.ts'
import { createOnce } from './vault/secret_file.ts'
import { openable } from './vault/hearing.ts'
import { createVault, type Vault } from './vault/vault.ts'

export interface Installation {
  store: Store
  vault: Vault
  workspaceId: string
  /** Root keys that sealed data keys until this start, and nothing any more: they can leave the keyring. */
  retired: string[]
}

export function databasePath(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'mooring.sqlite')
}

/** The file that holds the owner's key of an installation that made one for itself. */
export function ownerKeyPath(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'owner.key')
}

/**
 * Opens storage and vault. A wrong or missing key ends here and touches nothing (S-42). Throws KeyringError, ConfigError
 * where the data folder cannot be used, and Error with a one-line message from storage.
 */
export async function openInstallation(config: Config): Promise<Installation> {
  try {
    return await open(config)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST|EISDIR|ENOENT|ENOSPC|EDQUOT|EMFILE|EIO)$/.test(code)) throw error
    const takes = `${settings.MOORING_DATA_DIR.takes} of a folder that can be written`
    throw new ConfigError(`MOORING_DATA_DIR is ${JSON.stringify(config.dataDir)} (${code}); it takes ${takes}.`, {
      cause: error,
    })
  }
}

async function open(config: Config): Promise<Installation> {
  // A server that is given its database and its keys keeps nothing in the folder.
  if (config.database === null || config.keys === null || config.bootstrapApiKey === null)
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const keyringOf = (fresh: boolean): Keyring => config.keys ?? keyFile(join(config.dataDir, 'mooring.key'), fresh)
  let vault = config.database === null ? createVault(keyringOf(!existsSync(databasePath(config)))) : undefined
  // Judged before anything is written, migrations included.
  const judge = (records: DataKeyRecord[]): void => {
    // A database on another machine may have been filled by another server, whose key is not made anew here.
    vault ??= createVault(keyringOf(records.length === 0))
    for (const record of records) vault.add(record)
  }
  const stored =
    config.database === null
      ? await openSqlite({ path: databasePath(config), judge })
      : await openDatabase(config.database, config, judge)
  if (vault === undefined) throw new Error('a store that was opened was judged')
  return furnish(stored, vault)
}

async function openDatabase(
  target: DatabaseTarget,
  { databaseConnections: connections, ca: trusted }: Config,
  judge: (records: DataKeyRecord[]) => void,
): Promise<Store> {
  try {
    // Loaded where it is used: most installations start without.
    const { openPostgres } = await import('./storage/postgres.ts')
    return await openPostgres({ target, connections, trusted, judge })
  } catch (error) {
    // What is wrong with the keyring or the folder is not the database's.
    if (!(error instanceof Error) || error instanceof KeyringError || 'code' in error) throw error
    throw new ConfigError(`MOORING_DATABASE_URL: ${error.message}.`, { cause: error })
  }
}

/** What is served from: a store with the vault that opens it, and the first workspace in it. */
async function furnish(stored: Store, vault: Vault): Promise<Installation> {
  const store = openable(stored, vault)
  try {
    const elsewhere = await store.facts.get(movedTo)
    if (elsewhere !== undefined)
      throw new ConfigError(
        `This installation was moved to ${elsewhere}: set MOORING_DATABASE_URL. Its tokens are renewed there, so it cannot go on from the file.`,
      )
    const workspaceId = await firstWorkspace(store, vault)
    // Only now: a workspace that another process has made a moment ago was made together with its key.
    for (const record of await store.dataKeys.list()) vault.add(record)
    return { store, vault, workspaceId, retired: await rewrapDataKeys(store, vault) }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Seals the data keys with the first root key where another one does (S-42). Returns the ids of those others. */
async function rewrapDataKeys(store: Store, vault: Vault): Promise<string[]> {
  const first = vault.rootKeys()[0]?.id
  const retired = new Set<string>()
  for (const record of await store.dataKeys.list()) {
    if (record.rootKeyId === first) continue
    await store.dataKeys.rewrap(vault.rewrapped(record), record.rootKeyId)
    retired.add(record.rootKeyId)
  }
  return [...retired]
}

/** The workspace and its data key, made at the first start. */
async function firstWorkspace(store: Store, vault: Vault): Promise<string> {
  const found = (await store.workspaces.list())[0]
  if (found !== undefined) return found.id
  const now = Date.now()
  // A fixed id makes several processes of the first start agree: one inserts, the others find it.
  const id = 'wsp_main'
  const dataKey = vault.newDataKey(newId('dky', now), id, now)
  try {
    await store.transaction(async (inside) => {
      await inside.workspaces.insert({ id, name: 'Main', createdAt: now })
      await inside.dataKeys.insert(dataKey)
    })
  } catch (error) {
    if (!(error instanceof TakenError) && (await store.workspaces.list()).length === 0) throw error
  }
  return id
}

/** Acts for the installation itself. */
export function systemCaller(workspaceId: string): Caller {
  return { workspaceId, kind: 'api_key', id: 'system', name: 'system', role: 'owner', connections: null }
}

/** Serves in this process. Throws an Error of one line where it could make no call. */
export async function serve(
  config: Config,
  installation: Installation,
  log: Log,
  facts: Pick<MooringParts, 'version' | 'worker' | 'consoleFolder' | 'egress' | 'now' | 'pace' | 'patience'>,
): Promise<Mooring> {
  const { store, vault, workspaceId } = installation
  // Read on each new connection; where a sandbox hides them it is told here, not at the first call.
  machineAddresses()
  // Before anybody can call with it.
  if (config.bootstrapApiKey !== null)
    await ensureOwner(store, { workspaceId, key: config.bootstrapApiKey, name: 'bootstrap' }, Date.now())
  return startMooring({ config: { ...config, egressAllow: withSandbox(config) }, store, vault, log, ...facts })
}

/** The sandbox listens on this machine, which the egress rules refuse unless it is named. */
function withSandbox({ egressAllow, sandboxPort }: Config): Config['egressAllow'] {
  if (sandboxPort === null) return egressAllow
  const sandbox = ['localhost', '127.0.0.1'].map((host) => `${host}:${sandboxPort}`)
  return { ...egressAllow, endpoints: new Set([...egressAllow.endpoints, ...sandbox]) }
}

/** Set once the generated owner's key has been stored: from then on a key that was deleted stays deleted. */
const ownerKeyMade = 'owner_key'

/**
 * The owner's key of an installation that was given none: made at the first start, kept in a file that its owner only can
 * read, so that the command line finds it and nothing is printed. Returns the file's path; null where there is none.
 */
export async function ensureOwnerKey(
  config: Pick<Config, 'dataDir' | 'bootstrapApiKey'>,
  { store, workspaceId }: Pick<Installation, 'store' | 'workspaceId'>,
): Promise<string | null> {
  if (config.bootstrapApiKey !== null) return null
  const path = ownerKeyPath(config)
  if ((await store.facts.get(ownerKeyMade)) !== undefined) {
    const key = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
    return (await store.apiKeys.findByHash(tokenHash(key))) === undefined ? null : path
  }
  if (!existsSync(path)) {
    if ((await store.apiKeys.count(workspaceId)) > 0) return null
    // Where another process of the same start was first, its key is the one.
    createOnce(path, `mk_${randomToken(32)}\n`)
  }
  const key = readFileSync(path, 'utf8').trim()
  if (!/^mk_[A-Za-z0-9_-]{32,512}$/.test(key))
    throw new ConfigError(`${path} does not hold an API key; remove it, and a new one is made.`)
  await ensureOwner(store, { workspaceId, key, name: 'owner' }, Date.now())
  await store.facts.setOnce(ownerKeyMade, 'made')
  return path
}
