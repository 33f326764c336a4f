/** A process of its own on the file or database that it is given, for tests that need more than one or must kill one. */
import { setImmediate } from 'node:timers/promises'
import { createAuditLog } from '../../audit/log.ts'
import { parseDatabaseUrl } from '../../database_url.ts'
import { openPostgres } from '../postgres.ts'
import { openSqlite } from '../sqlite.ts'
import { connection, minute, now, service } from './fixtures.ts'

const [work, place = '', owner = ''] = process.argv.slice(2)
const log = (message: string): void => void process.send?.(message)
const store = await (place.startsWith('postgres:')
  ? openPostgres({ target: parseDatabaseUrl(place), connections: 3, log })
  : openSqlite({ path: place, log }))

if (work === 'open') {
  await store.services.insert(service(owner))
} else if (work === 'race') {
  for (let n = 0; n < 200; n++) {
    const taken = await store.authorizations.lease(`a${n}`, { owner, now, until: now + minute })
    if (taken) process.send?.(`a${n} ${taken.record.fence}`)
  }
} else if (work === 'due') {
  for (;;) {
    const taken = await store.authorizations.leaseDue({ owner, now, until: now + minute }, 7, [])
    for (const { record } of taken) process.send?.(`${record.id} ${record.fence}`)
    if (taken.length === 0) break
  }
} else if (work === 'audit') {
  const audit = createAuditLog({ store, now: Date.now })
  for (let n = 0; n < 100; n++) {
    const entry = { actor: owner, actorName: owner, action: 'a.b', object: `${n}`, address: null, detail: '' }
    await audit.append('w1', { ...entry, outcome: 'done' })
  }
} else if (work === 'pairs') {
  // Tells of each pair once it is stored, until it is killed.
  for (let n = 0; ; n++) {
    const id = `${owner}${n}`
    await store.transaction(async (trx) => {
      await trx.services.insert(service(id))
      await setImmediate()
      await trx.connections.insert(connection(id, { serviceId: id }))
      await setImmediate()
    })
    process.send?.(id)
  }
}

await store.close()
process.disconnect?.()
