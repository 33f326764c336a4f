/** Data keys while several seal with them. */
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { newDatabase } from '../../test/engine.ts'
import { parseDatabaseUrl } from '../database_url.ts'
import { openPostgres } from './postgres.ts'
import { dataKey, sealedWith, service } from './suite/fixtures.ts'

test('S-42 a data key that is sealed with at the moment it is to be deleted stays, and goes when nothing is', async () => {
  const { url, run, drop } = await newDatabase()
  const store = await openPostgres({ target: parseDatabaseUrl(url), connections: 2 })
  for (const id of ['d1', 'd2']) await store.dataKeys.insert(dataKey(id))
  await store.services.insert(service('s1', { secrets: sealedWith('d2', 1) }))

  const writer = new Client({ connectionString: url })
  await writer.connect()
  await writer.query(`begin; update services set secrets_key = 'd1' where id = 's1'`)
  const deleting = store.dataKeys.deleteUnused('d1')
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await expect.poll(() => run(waiting)).toHaveLength(1)
  await writer.query('commit')
  expect(await deleting).toBe(false)
  expect((await store.dataKeys.list()).map(({ id }) => id)).toEqual(['d1', 'd2'])

  await writer.query(`update services set secrets_key = 'd2' where id = 's1'`)
  expect(await store.dataKeys.deleteUnused('d1')).toBe(true)
  await writer.end()
  await store.close()
  await drop()
})
