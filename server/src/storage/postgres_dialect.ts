/** kysely's PostgreSQL dialect over our pool: a read is asked again where the connection was lost, a write is not. */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely'
import type { PoolClient, QueryResult as PostgresResult } from 'pg'
import { StoreAwayError } from '../store.ts'
import { asAway, isLost } from './postgres_errors.ts'
import type { PostgresPool } from './postgres_pool.ts'

/** The connection was lost while a transaction was being committed: nobody knows whether it was. */
export class UnknownOutcomeError extends StoreAwayError {
  override readonly name = 'UnknownOutcomeError'
}

/** More than one connection may have been lost, where all of them were. */
const mostTries = 3

export interface DialectOptions {
  pool: PostgresPool
  /** How long a query waits for a server that is away, in milliseconds. */
  patience: number
}

class PostgresConnection implements DatabaseConnection {
  /** undefined: it was given back, as it was lost. */
  #client: PoolClient | undefined
  readonly #again: () => Promise<PoolClient>
  #lost: Error | undefined
  /** Between begin and its end. */
  within = false

  constructor(client: PoolClient, again: () => Promise<PoolClient>) {
    this.#client = client
    this.#again = again
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#ask<R>(query)
      } catch (error) {
        if (isLost(error)) this.#lost = error instanceof Error ? error : new Error('lost')
        // What only reads may be asked twice. A write may have been made, and within a transaction all is undone.
        const reads = !this.within && query.query.kind === 'SelectQueryNode'
        if (this.#lost === undefined || !reads || tries === mostTries) throw asAway(error)
        this.release()
        this.#client = await this.#again()
        this.#lost = undefined
      }
    }
  }

  async #ask<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { command, rows, rowCount } = await this.#send(query)
    const changes = /^(?:INSERT|UPDATE|DELETE|MERGE)$/.test(command)
    // The columns are what `schema.ts` says.
    return { rows: rows as R[], ...(changes ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}) }
  }

  async #send({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<PostgresResult> {
    if (this.#client === undefined || this.#lost !== undefined) throw this.#lost ?? new Error('Connection terminated')
    return this.#client.query(sql, parameters.map(toParameter))
  }

  /** Gives what the server made of it. */
  async end(how: 'commit' | 'rollback'): Promise<string> {
    try {
      return (await this.#send({ sql: how, parameters: [] })).command
    } catch (error) {
      if (isLost(error)) this.#lost = error instanceof Error ? error : new Error('lost')
      throw error
    } finally {
      this.within = false
    }
  }

  // oxlint-disable-next-line require-yield -- nobody streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('queries are not streamed')
  }

  release(): void {
    this.#client?.release(this.#lost)
    this.#client = undefined
  }
}

/** PostgreSQL keeps no NUL in a text; what asks for one finds nothing. */
function toParameter(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
}

class PostgresPoolDriver implements Driver {
  readonly #pool: PostgresPool
  readonly #patience: number

  constructor({ pool, patience }: DialectOptions) {
    this.#pool = pool
    this.#patience = patience
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    const acquire = (): Promise<PoolClient> => this.#pool.acquire(this.#patience)
    return new PostgresConnection(await acquire(), acquire)
  }

  async beginTransaction(
    connection: PostgresConnection,
    { isolationLevel, accessMode }: TransactionSettings,
  ): Promise<void> {
    connection.within = true
    const level = isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`
    await connection.executeQuery(CompiledQuery.raw(`begin${level}${accessMode === undefined ? '' : ` ${accessMode}`}`))
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    try {
      const ended = await connection.end('commit')
      // Where a statement failed and its error was swallowed, the server answers to a commit that it has rolled back.
      if (ended === 'ROLLBACK') throw new Error('a statement of this transaction had failed, so none of it is stored')
    } catch (error) {
      if (isLost(error)) throw new UnknownOutcomeError('the connection was lost during the commit', { cause: error })
      throw asAway(error)
    }
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    try {
      await connection.end('rollback')
    } catch {
      // The connection is gone, and the server has rolled back by itself. Why it is gone is thrown already.
    }
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release()
  }

  async destroy(): Promise<void> {
    await this.#pool.end()
  }
}

/** Who migrates holds a row of ours (see `postgres_migrate.ts`); advisory locks are not everywhere. */
class RowLockAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

export function postgresDialect(options: DialectOptions): Dialect {
  return {
    createDriver: () => new PostgresPoolDriver(options),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new RowLockAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  }
}
