/** Where an installation lies, for who reads or fills all of it. */
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import type { Value } from './file.ts'
import type { KeptTable } from './tables.ts'

export interface Place {
  engine: 'sqlite' | 'postgres'
  /** What it is called, without a password. */
  shown: string
  /** Work on one moment of it. It holds no lock that anybody waits for. Throws BackupError where there is nothing. */
  reading<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>
  /** Throws BackupError where it holds anything. */
  demandEmpty(): Promise<void>
  /** Makes the tables and runs the work on them: all of it is there afterwards, or nothing. Throws as `demandEmpty`. */
  filling(work: (db: Kysely<Schema>) => Promise<void>): Promise<void>
  /** Of those that both engines have, by name. */
  migrations(db: Kysely<Schema>): Promise<string[]>
  /** What a row has on this engine besides what is kept. */
  besides?: (table: KeptTable['name'], row: Record<string, Value>) => Record<string, Value>
}
