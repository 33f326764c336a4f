/** Where the Moorings of a run keep their data: an SQLite file each, or a database each on a PostgreSQL server of the run. */
import { randomBytes } from 'node:crypto'
import { startCluster, type Cluster } from '../../server/test/postgres_cluster.ts'

export type Engine = 'sqlite' | 'postgres'

export interface Databases {
  engine: Engine
  /** Settings of a Mooring with a database of its own; those of one name share it, and its keys. */
  environment(name?: string): Promise<Record<string, string>>
  close(): Promise<void>
}

/** The PostgreSQL server is a usual one: it syncs every commit. It is not pinned to a core. */
export function openDatabases(engine: Engine): Databases {
  let cluster: Promise<Cluster> | undefined
  const made = new Set<string>()
  const keyring = `bench:${randomBytes(32).toString('base64')}`
  return {
    engine,
    async environment(name = `own_${made.size}`): Promise<Record<string, string>> {
      if (engine === 'sqlite') return {}
      const server = await (cluster ??= startCluster({ settings: { max_connections: '100', shared_buffers: '256MB' } }))
      if (!made.has(name)) await server.run(`create database ${name}`)
      made.add(name)
      return { MOORING_DATABASE_URL: server.url(name), MOORING_KEYS: keyring }
    },
    async close() {
      await (await cluster)?.remove()
    },
  }
}
