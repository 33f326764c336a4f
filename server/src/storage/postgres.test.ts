import { parseDatabaseUrl } from '../database_url.ts'
import { newDatabase, openTestStore } from '../../test/engine.ts'
import { openPostgres } from './postgres.ts'
import { sharedStoreSuite, storeSuite } from './store_suite.ts'

storeSuite('PostgreSQL', openTestStore)

sharedStoreSuite('a PostgreSQL database that several share', async () => {
  const { url } = await newDatabase()
  return { connect: () => openPostgres({ target: parseDatabaseUrl(url), connections: 3 }) }
})
