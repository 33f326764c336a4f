/** From settings to a serving process: storage, keys, the first workspace, the first key. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Caller } from './access/caller.ts'
import type { Config } from './config.ts'
import { newId, randomToken } from './ids.ts'
import type { Log } from './log.ts'
import { type Mooring, startMooring } from './mooring.ts'
import { openSqlite } from './storage/sqlite.ts'
import { type Store, TakenError } from './store.ts'
import { type Keyring, keyFile, parseKeyring } from './vault/keyring.ts'
import { createVault, type Vault } from './vault/vault.ts'

export interface Installation {
  store: Store
  vault: Vault
  workspaceId: string
}

export function databasePath(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'mooring.sqlite')
}

/** The file that holds the owner's key of an installation that made one for itself. */
export function ownerKeyPath(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'owner.key')
}

/**
 * Opens storage and vault. A wrong or missing key ends here and touches nothing (S-42). Throws KeyringError, and Error
 * with a one-line message from storage.
 */
export async function openInstallation(config: Config): Promise<Installation> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const fresh = !existsSync(databasePath(config))
  const keyring: Keyring =
    config.keys === null
      ? keyFile(join(config.dataDir, 'mooring.key'), fresh)
      : parseKeyring(config.keys, 'MOORING_KEYS')
  const store = await openSqlite({ path: databasePath(config) })
  try {
    const vault = createVault(keyring)
    for (const record of await store.dataKeys.list()) vault.add(record)
    const workspaceId = await firstWorkspace(store, vault)
    return { store, vault, workspaceId }
  } catch (error) {
    await store.close()
    throw error
  }
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
    vault.add(dataKey)
  } catch (error) {
    if (!(error instanceof TakenError) && (await store.workspaces.list()).length === 0) throw error
    for (const record of await store.dataKeys.list()) vault.add(record)
  }
  return id
}

/** Acts for the installation itself. */
export function systemCaller(workspaceId: string): Caller {
  return { workspaceId, kind: 'api_key', id: 'system', name: 'system', role: 'owner', connections: null }
}

/** Serves in this process. */
export async function serve(config: Config, installation: Installation, log: Log, version: string): Promise<Mooring> {
  const { store, vault, workspaceId } = installation
  // The sandbox listens on this machine, which the egress rules refuse unless it is named.
  const sandbox = config.sandboxPort === null ? '' : `,localhost:${config.sandboxPort},127.0.0.1:${config.sandboxPort}`
  const mooring = await startMooring({
    config: { ...config, egressAllow: config.egressAllow + sandbox },
    store,
    vault,
    log,
    version,
  })
  if (config.bootstrapApiKey !== null) await mooring.keys.ensureOwner(workspaceId, config.bootstrapApiKey, 'bootstrap')
  return mooring
}

/**
 * The owner's key of an installation that was given none: made at the first start, kept in a file that its owner only can
 * read, so that the command line finds it and nothing is printed. Returns the file's path; null where there is none.
 */
export async function ensureOwnerKey(
  config: Config,
  { store, workspaceId }: Pick<Installation, 'store' | 'workspaceId'>,
  keys: Mooring['keys'],
): Promise<string | null> {
  if (config.bootstrapApiKey !== null) return null
  const path = ownerKeyPath(config)
  if (existsSync(path)) {
    await keys.ensureOwner(workspaceId, readFileSync(path, 'utf8').trim(), 'owner')
    return path
  }
  if ((await store.apiKeys.count(workspaceId)) > 0) return null
  const key = `mk_${randomToken(32)}`
  try {
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    // Another process of the same start was first.
    if (existsSync(path)) return ensureOwnerKey(config, { store, workspaceId }, keys)
    throw error
  }
  await keys.ensureOwner(workspaceId, key, 'owner')
  return path
}
