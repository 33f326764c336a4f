/** `mooring backup` and `mooring restore`: an installation to a file, and from it. The keyring is needed for both, and is in neither. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, readConfig } from './config.ts'
import { databasePath } from './start.ts'
import { BackupError, type Counts, type Header, readFile, type Row, writeFile } from './storage/backup/file.ts'
import type { Place } from './storage/backup/place.ts'
import { columnsOf, insertAll, rowsOf, turnOver } from './storage/backup/rows.ts'
import { postgresPlace } from './storage/backup/postgres.ts'
import { sqlitePlace } from './storage/backup/sqlite.ts'
import { movedTo } from './storage/installation.ts'
import { type DataKeyRecord, sealedPlaces } from './store.ts'
import { keyFile, KeyringError } from './vault/keyring.ts'
import { createVault, SealError, type Vault } from './vault/vault.ts'
import { version } from './version.ts'

export interface BackupTold {
  header: Header
  rows: Counts
  /** Root keys that open it. They are not in it. */
  rootKeys: string[]
  /** Where the keyring was found. */
  keyring: string
  /** Sealed values that do not open: how many there are, and some by their place. */
  closed: { count: number; places: string[] }
  /** What it is from, or put into, without passwords. */
  database: string
}

type Looked = Omit<BackupTold, 'keyring' | 'database'>

type Environment = Record<string, string | undefined>

/**
 * Writes everything that is kept to a file, as it is at one moment, while servers go on. Throws an Error of one line where it
 * cannot be done; then there is no file.
 */
export async function backUp(environment: Environment, path: string): Promise<BackupTold> {
  const config = readConfig(environment)
  const { vault, keyring } = vaultOf(config, 'back up')
  if (existsSync(path)) throw new BackupError(`${path} is there already, and is left as it is`)
  const place = placeOf(config)
  // Whatever is written from here on may be missing.
  const madeAt = new Date().toISOString()
  return place.reading(async (db) => {
    const moved = await db.selectFrom('facts').select('value').where('name', '=', movedTo).executeTakeFirst()
    if (moved !== undefined) throw new BackupError(`This installation was moved to ${moved.value}: back it up there`)
    const tables = await columnsOf(db)
    const header: Header = {
      format: 'mooring-backup',
      version: 1,
      engine: place.engine,
      mooring: version(),
      migrations: await place.migrations(db),
      madeAt,
      tables,
    }
    let told: Looked | undefined
    await writeFile(path, header, rowsOf(db, tables), async (draft) => {
      told = await look(draft, vault)
    })
    if (told === undefined) throw new Error('a backup that was written was looked at')
    return { ...told, keyring, database: place.shown }
  })
}

/** Reads a whole file and opens everything in it. Throws BackupError, KeyringError. */
export async function judge(environment: Environment, path: string): Promise<BackupTold> {
  const config = readConfig(environment)
  const { vault, keyring } = vaultOf(config, 'restore')
  return { ...(await look(path, vault)), keyring, database: placeOf(config).shown }
}

/** Fills an installation that holds nothing yet. Throws an Error of one line; then there is nothing still. */
export async function restore(environment: Environment, path: string): Promise<BackupTold> {
  const config = readConfig(environment)
  const place = placeOf(config)
  await place.demandEmpty()
  const told = await judge(environment, path)
  const { header } = told
  if (config.database === null) mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  await place.filling(async (db) => {
    if ((await place.migrations(db)).join() !== header.migrations.join())
      throw new BackupError(
        `${path} was written by version ${header.mooring}, which keeps other tables: restore it with that version, and start this one then`,
      )
    const { rows } = await readFile(path)
    await insertAll(db, header.tables, rows, place.besides)
    await turnOver(db, Date.parse(header.madeAt))
  })
  return told
}

function placeOf({ database, ca, dataDir }: Config): Place {
  return database === null ? sqlitePlace(databasePath({ dataDir })) : postgresPlace(database, ca)
}

function vaultOf(config: Config, what: string): { vault: Vault; keyring: string } {
  if (config.keys !== null) return { vault: createVault(config.keys), keyring: 'MOORING_KEYS' }
  const path = join(config.dataDir, 'mooring.key')
  if (!existsSync(path))
    throw new KeyringError(
      `There is no keyring to ${what} with: set MOORING_KEYS, or put the key file of the installation back at ${path}.`,
    )
  return { vault: createVault(keyFile(path, false)), keyring: path }
}

/** Whether it is whole, and what of it the keyring opens. */
async function look(path: string, vault: Vault): Promise<Looked> {
  const { header, rows } = await readFile(path)
  const rootKeys = new Set<string>()
  const closed = { count: 0, places: [] as string[] }
  for (;;) {
    const next = await rows.next()
    if (next.done === true) return { header, rows: next.value, rootKeys: [...rootKeys], closed }
    const row = fieldsOf(header, next.value)
    if (next.value.table === 'data_keys') {
      const record = dataKeyIn(row)
      vault.add(record)
      rootKeys.add(record.rootKeyId)
      continue
    }
    for (const place of closedIn(next.value.table, row, vault)) {
      closed.count++
      if (closed.places.length < 20) closed.places.push(place)
    }
  }
}

type Fields = Record<string, Row['values'][number]>

function fieldsOf(header: Header, { table, values }: Row): Fields {
  return Object.fromEntries((header.tables[table] ?? []).map((column, index) => [column, values[index] ?? null]))
}

function dataKeyIn(row: Fields): DataKeyRecord {
  const { wrapped } = row
  if (!(wrapped instanceof Uint8Array)) throw new BackupError('A data key of the backup holds nothing')
  return {
    id: String(row['id']),
    workspaceId: String(row['workspace_id']),
    rootKeyId: String(row['root_key_id']),
    wrapped,
    createdAt: Number(row['created_at']),
  }
}

function closedIn(table: string, row: Fields, vault: Vault): string[] {
  return sealedPlaces.flatMap((place) => {
    const bytes = place.table === table ? row[place.field] : null
    if (!(bytes instanceof Uint8Array)) return []
    try {
      vault.open({ ...place, workspaceId: String(row['workspace_id']), row: String(row['id']) }, bytes)
      return []
    } catch (error) {
      if (!(error instanceof SealError)) throw error
      return [error.message]
    }
  })
}
