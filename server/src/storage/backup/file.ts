/**
 * The file of a backup: gzip over lines of JSON. The first says what it is, each further one holds a row as the name of its
 * table and its values, the last how many there are and the SHA-256 of all lines before it. Bytes are `{"base64": …}`.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

export type Value = string | number | null | Uint8Array

export interface Header {
  format: 'mooring-backup'
  /** Of the format. */
  version: 1
  engine: 'sqlite' | 'postgres'
  /** Of the program that wrote it. */
  mooring: string
  /** Migrations of the database it is of. */
  migrations: string[]
  madeAt: string
  /** The columns of each table, in the order of a row's values. */
  tables: Record<string, string[]>
}

export interface Row {
  table: string
  values: Value[]
}

/** Rows by table. */
export type Counts = Record<string, number>

/** A file that is no backup, or none any more. One line for whoever reads it. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

/**
 * Writes a file that its owner alone can read (0600), looks at it with `verify`, and gives it its name once it is whole and
 * on the disk. Throws BackupError where there is a file of this name; it stays as it is.
 */
export async function writeFile(
  path: string,
  header: Header,
  rows: AsyncIterable<Row>,
  verify: (path: string) => Promise<void>,
): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.new`)
  try {
    const file = await open(draft, 'wx', 0o600)
    await pipeline(Readable.from(linesOf(header, rows)), createGzip(), file.createWriteStream({ flush: true }))
    await verify(draft)
    await link(draft, path).catch((error: unknown) => {
      throw isCode(error, 'EEXIST') ? new BackupError(`${path} is there already, and is left as it is`) : error
    })
  } finally {
    await rm(draft, { force: true })
  }
  // The name, too, outlives a power cut.
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function* linesOf(header: Header, rows: AsyncIterable<Row>): AsyncGenerator<string> {
  const hash = createHash('sha256')
  const counts: Counts = Object.fromEntries(Object.keys(header.tables).map((table) => [table, 0]))
  const line = (value: unknown): string => {
    const text = `${JSON.stringify(value)}\n`
    hash.update(text)
    return text
  }
  yield line(header)
  for await (const { table, values } of rows) {
    counts[table] = (counts[table] ?? 0) + 1
    yield line([table, ...values.map(written)])
  }
  yield `${JSON.stringify({ rows: counts, sha256: hash.digest('hex') })}\n`
}

/** What a file says of itself, and then its rows. The rows throw BackupError at their end where the file is not whole. */
export async function readFile(path: string): Promise<{ header: Header; rows: AsyncGenerator<Row, Counts> }> {
  const lines = linesIn(path)
  const first = await lines.next()
  const header = first.done === true ? undefined : headerIn(first.value)
  if (first.done === true || header === undefined) throw new BackupError(`${path} is not a backup of Mooring`)
  return { header, rows: rowsIn(path, header, first.value, lines) }
}

async function* linesIn(path: string): AsyncGenerator<string> {
  const source = createReadStream(path)
  const plain = createGunzip()
  // What breaks is thrown by whoever reads.
  const flowing = pipeline(source, plain).catch((error: unknown) => void plain.destroy(asError(error)))
  try {
    for await (const line of createInterface({ input: plain, crlfDelay: Infinity })) yield line
    await flowing
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'EACCES') || isCode(error, 'EISDIR'))
      throw new BackupError(`${path} cannot be read`, { cause: error })
    throw damaged(path, error)
  } finally {
    source.destroy()
  }
  if (plain.errored !== null) throw damaged(path, plain.errored)
}

async function* rowsIn(
  path: string,
  header: Header,
  first: string,
  lines: AsyncGenerator<string>,
): AsyncGenerator<Row, Counts> {
  const hash = createHash('sha256').update(`${first}\n`)
  const counts: Counts = Object.fromEntries(Object.keys(header.tables).map((table) => [table, 0]))
  for await (const line of lines) {
    const value = parsed(path, line)
    if (!isList(value)) {
      const whole = isEnd(value) && value.sha256 === hash.digest('hex') && sameCounts(value.rows, counts)
      if (!whole || (await lines.next()).done !== true) throw damaged(path)
      return counts
    }
    hash.update(`${line}\n`)
    const [table, ...values] = value
    if (typeof table !== 'string' || values.length !== header.tables[table]?.length) throw damaged(path)
    counts[table] = (counts[table] ?? 0) + 1
    yield { table, values: values.map((one) => read(path, one)) }
  }
  throw damaged(path)
}

function headerIn(line: string): Header | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== 'mooring-backup')
      return undefined
    if (!('version' in value) || value.version !== 1)
      throw new BackupError('The backup was written by a newer version; restore it with that version')
    // The hash at the end proves that it is as we wrote it.
    return value as Header
  } catch (error) {
    if (error instanceof BackupError) throw error
    return undefined
  }
}

function written(value: Value): unknown {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value
}

function read(path: string, value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'object' && 'base64' in value) return Buffer.from(String(value.base64), 'base64')
  throw damaged(path)
}

function parsed(path: string, line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw damaged(path, error)
  }
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value)
}

function isEnd(value: unknown): value is { rows: Counts; sha256: string } {
  return typeof value === 'object' && value !== null && 'rows' in value && 'sha256' in value
}

function sameCounts(one: Counts, other: Counts): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every((name) => one[name] === other[name])
}

function damaged(path: string, cause?: unknown): BackupError {
  return new BackupError(`${path} is damaged, or was cut short`, { cause })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
