/** Connections to PostgreSQL: a bounded number, each to a server that takes writes, waited for while there is none. */
import { setTimeout as delay } from 'node:timers/promises'
import { rootCertificates } from 'node:tls'
import { Client, type ClientBase, type ClientConfig, Pool, type PoolClient, TypeOverrides } from 'pg'
import type { DatabaseHost, DatabaseTarget } from '../database_url.ts'
import { StoreAwayError } from '../store.ts'
import { isLost } from './postgres_errors.ts'

export interface PoolOptions {
  target: DatabaseTarget
  /** Certificates to trust besides the public ones, PEM. */
  trusted: string | null
  /** The most connections. */
  connections: number
  /** False for work that takes as long as it takes: statements without an end. */
  bounded: boolean
}

export interface PostgresPool {
  /**
   * A connection; where there is none, waits up to `patience` milliseconds for one, but not for a server that refuses us.
   * Throws StoreAwayError.
   */
  acquire(patience: number): Promise<PoolClient>
  /** A connection outside of the pool, for listening. */
  single(): Promise<Client>
  end(): Promise<void>
}

/** For a connection to be made, and for one to become free, in milliseconds. */
const connectTimeout = 4000
/** What nobody uses is closed after this long. */
const idleTimeout = 30_000
/** How often it is tried to reach a server that is away. */
const pause = 200

/** Ours take single milliseconds; a search through a long list takes longer. */
const statementTimeout = 10_000
/** For a server that no longer answers at all. Later than the server's own end, which says why. */
const queryTimeout = 12_000
const lockTimeout = 5000
/** A process that stands still in the middle of a transaction gives its locks back after this long. */
const idleInTransactionTimeout = 5000

/** bigint is what instants, sequences and counts are, all below 2^53. */
const int8 = 20
const parsers = new TypeOverrides()
parsers.setTypeParser(int8, Number)

/** Asked of every new connection. */
interface Standing {
  standby: boolean
  encoding: string
  durable: string
}
const standing = `select pg_is_in_recovery() as standby, current_setting('server_encoding') as encoding,
  current_setting('synchronous_commit') as durable`

function settings(bounded: boolean, durable: string): string {
  return [
    "set default_transaction_isolation = 'read committed'",
    // A server that promises less is overruled; one that promises more, by waiting for standbys, is left to it.
    ...(durable === 'off' ? ['set synchronous_commit = on'] : []),
    `set statement_timeout = ${bounded ? statementTimeout : 0}`,
    `set lock_timeout = ${bounded ? lockTimeout : 0}`,
    `set idle_in_transaction_session_timeout = ${bounded ? idleInTransactionTimeout : 0}`,
  ].join('; ')
}

async function prepare(client: ClientBase, bounded: boolean): Promise<void> {
  const { rows } = await client.query<Standing>(standing)
  const found = rows[0]
  if (found === undefined || found.standby) throw new Error('The server is in recovery and takes no writes')
  if (found.encoding !== 'UTF8')
    throw new Error(`the encoding of the database is ${found.encoding}; make one with encoding UTF8`)
  await client.query(settings(bounded, found.durable))
}

export function openPool({ target, trusted, connections, bounded }: PoolOptions): PostgresPool {
  const hosts = hostList(target, trusted)
  let ending: Promise<void> | undefined
  /** Why there is no connection at the moment: then one tries to reach the server, and the others wait for that. */
  let away: unknown
  let probing: Promise<PoolClient | undefined> | undefined

  class HostClient extends Client {
    constructor() {
      super({ ...hosts.config(), types: parsers, ...(bounded ? { query_timeout: queryTimeout } : {}) })
      // Whoever asks something over it is told; where nobody does, whoever needs a connection next makes another.
      this.on('error', () => undefined)
    }
  }
  const pool = new Pool({
    Client: HostClient,
    max: connections,
    idleTimeoutMillis: idleTimeout,
    connectionTimeoutMillis: connectTimeout,
    // It is waited for.
    onConnect: (client): unknown => prepare(client, bounded),
  })
  pool.on('error', () => undefined)

  const connect = async (): Promise<PoolClient> => {
    const from = hosts.current()
    try {
      const client = await pool.connect()
      away = undefined
      return client
    } catch (error) {
      if (isFull(error)) throw new StoreAwayError('every connection to the database is in use')
      if (hosts.refused(from, error)) return connect()
      away = error
      throw error
    }
  }

  const probe = (): Promise<PoolClient | undefined> => {
    const tried = connect().catch(() => undefined)
    probing = tried
    void tried.then(() => (probing = undefined))
    return tried
  }

  return {
    async acquire(patience) {
      const deadline = performance.now() + patience
      for (;;) {
        if (ending !== undefined) throw new StoreAwayError('the store is closed')
        const left = (): number => Math.max(0, deadline - performance.now())
        if (away === undefined) {
          try {
            return await connect()
          } catch (error) {
            if (!isLost(error)) throw new StoreAwayError('the database cannot be used', { cause: error })
          }
        } else if (probing === undefined) {
          const client = await probe()
          if (client !== undefined) return client
        } else {
          await Promise.race([probing, delay(left())])
          if (away === undefined) continue
        }
        if (left() === 0) throw new StoreAwayError('the database cannot be reached', { cause: away })
        await delay(Math.min(pause, left()))
      }
    },

    async single() {
      const from = hosts.current()
      const client = new HostClient()
      try {
        await client.connect()
        await prepare(client, bounded)
        return client
      } catch (error) {
        void client.end().catch(() => undefined)
        hosts.refused(from, error)
        throw error
      }
    },

    end: () => (ending ??= pool.end()),
  }
}

/** The servers of one database, tried in turn: one of them is the one that takes writes. */
function hostList(target: DatabaseTarget, trusted: string | null) {
  const plain = new Set<DatabaseHost>()
  const { hosts } = target
  let turn = 0
  const current = (): DatabaseHost => {
    const host = hosts[turn % hosts.length]
    if (host === undefined) throw new Error('a database has a host')
    return host
  }
  return {
    current,

    config(): ClientConfig {
      const at = current()
      return {
        host: at.host,
        port: at.port,
        user: target.user,
        ...(target.password === undefined ? {} : { password: target.password }),
        database: target.database,
        ssl: tlsTo(at, plain.has(at) ? { ...target, tls: 'off' } : target, trusted),
        application_name: target.applicationName,
        ...(target.options === undefined ? {} : { options: target.options }),
        keepAlive: true,
        connectionTimeoutMillis: hosts.length > 1 ? connectTimeout / 2 : connectTimeout,
      }
    },

    /** Whoever comes next tries another. True where the same may be tried again at once: without TLS, which was only wanted. */
    refused(host: DatabaseHost, error: unknown): boolean {
      const again = target.tls === 'wanted' && !plain.has(host) && isWithoutTls(error)
      if (again) plain.add(host)
      else if (host === current()) turn++
      return again
    },
  }
}

function tlsTo({ host }: DatabaseHost, target: DatabaseTarget, trusted: string | null): ClientConfig['ssl'] {
  if (target.tls === 'off' || host.startsWith('/')) return false
  const own = {
    ...(target.certificate === undefined ? {} : { cert: target.certificate }),
    ...(target.key === undefined ? {} : { key: target.key }),
  }
  if (target.tls === 'wanted' || target.tls === 'on') return { ...own, rejectUnauthorized: false }
  const known = target.authority ?? (trusted === null ? undefined : [...rootCertificates, trusted])
  return {
    ...own,
    ...(known === undefined ? {} : { ca: known }),
    ...(target.tls === 'authority' ? { checkServerIdentity: () => undefined } : {}),
  }
}

function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && error.message === 'The server does not support SSL connections'
}

/** All connections were in use for as long as one waits for one. */
function isFull(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect'
}
