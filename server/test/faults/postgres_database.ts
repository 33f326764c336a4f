/** A PostgreSQL server of its own, and for each node a way to it that can be cut apart from the others'. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import { startCluster } from '../postgres_cluster.ts'
import { type DatabaseFault, type FaultyDatabase, keyring } from './database.ts'
import { openWay, type Way } from './way.ts'

const name = 'faults'
const deadlock = '40P01'
const faults: DatabaseFault[] = ['locked', 'contended', 'stopped', 'slow', 'cut', 'silent']

export async function postgresDatabase(): Promise<FaultyDatabase> {
  const dir = mkdtempSync(join(tmpdir(), 'mooring-faults-'))
  const cluster = await startCluster()
  await cluster.run(`create database ${name}`)
  const ways = new Map<string, Way>()

  /** Everybody can read; whoever wants to write waits. */
  const lock = async (): Promise<() => Promise<void>> => {
    const other = new Client({ connectionString: cluster.url(name) })
    other.on('error', () => undefined)
    await other.connect()
    for (let had = false; !had;) {
      await other.query('begin')
      try {
        await other.query('lock table authorizations, attempts, connections in exclusive mode')
        had = true
      } catch (error) {
        // A node was at these tables in another order, and the engine chose to refuse us.
        if (!(error instanceof DatabaseError && error.code === deadlock)) throw error
        await other.query('rollback')
      }
    }
    return async () => {
      await other.query('rollback').catch(() => undefined)
      await other.end().catch(() => undefined)
    }
  }

  const contend = (): (() => Promise<void>) => {
    const over = new AbortController()
    const running = (async () => {
      while (!over.signal.aborted) {
        const free = await lock()
        await delay(60)
        await free()
        await delay(15)
      }
    })()
    return async () => {
      over.abort()
      await running
    }
  }

  return {
    engine: 'postgres',
    faults,
    ofOneNode: ['slow', 'cut', 'silent'],
    async environment(node) {
      const way = ways.get(node) ?? (await openWay(cluster.port))
      ways.set(node, way)
      const url = new URL(cluster.url(name))
      url.port = String(way.port)
      return {
        MOORING_DATABASE_URL: url.href,
        MOORING_DATABASE_CONNECTIONS: '5',
        MOORING_DATA_DIR: dir,
        MOORING_KEYS: keyring,
      }
    },
    async begin(fault, _nodes, only) {
      const affected = Array.from(ways).filter(([node]) => node !== 'looking' && (only === undefined || node === only))
      const all = (state: Parameters<Way['be']>[0]): void => {
        for (const [, way] of affected) way.be(state)
      }
      switch (fault) {
        case 'locked':
          return lock()
        case 'contended':
          return contend()
        case 'stopped':
          await cluster.stop('kill')
          return () => cluster.start()
        case 'slow':
          all({ slow: 120 })
          return async () => all('open')
        case 'cut':
        case 'silent':
          all(fault)
          return async () => all('open')
        case 'full':
        case 'unwritable':
          throw new Error(`${fault} is not made to happen to a PostgreSQL server`)
      }
    },
    async bytes() {
      // Every row as text; bytes are written in hex there.
      const tables = await cluster.run(`select tablename from pg_tables where schemaname = 'public'`, name)
      const parts: string[] = []
      for (const { tablename } of tables) {
        const rows = await cluster.run(`select row_to_json(each)::text as row from ${String(tablename)} each`, name)
        parts.push(...rows.map(({ row }) => String(row)))
      }
      return Buffer.from(parts.join('\n'))
    },
    async damage() {
      const loose = await cluster.run(
        `select id from authorizations where connection_id not in (select id from connections)`,
        name,
      )
      return loose.length === 0 ? [] : [JSON.stringify(loose)]
    },
    async close() {
      for (const way of ways.values()) await way.close()
      await cluster.remove()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
