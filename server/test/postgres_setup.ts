/** One PostgreSQL server for all tests of a run that ask for one, and in it a database that is migrated already, to copy. */
import type { TestProject } from 'vitest/node'
import { parseDatabaseUrl } from '../src/database_url.ts'
import { openPostgres } from '../src/storage/postgres.ts'
import { startCluster } from './postgres_cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the server's first database. */
    postgres: string
  }
}

export const template = 'mooring_template'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster({
    // A power cut ends these tests anyway.
    settings: { fsync: 'off', full_page_writes: 'off', max_connections: '300', autovacuum: 'off' },
  })
  try {
    await cluster.run(`create database ${template}`)
    const store = await openPostgres({ target: parseDatabaseUrl(cluster.url(template)), connections: 2 })
    await store.close()
  } catch (error) {
    await cluster.remove()
    throw error
  }
  project.provide('postgres', cluster.url('postgres'))
  return () => cluster.remove()
}
