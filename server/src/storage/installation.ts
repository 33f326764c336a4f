/** Workspaces, and facts about the installation. */
import type { Store } from '../store.ts'
import { type Context, naming } from './engine.ts'

/** The fact set in a file once all of it is elsewhere: a server that went on with it would use tokens that are renewed there. */
export const movedTo = 'moved_to'

export function workspaces({ db, engine }: Context): Store['workspaces'] {
  return {
    async list() {
      const rows = await db.selectFrom('workspaces').selectAll().orderBy('created_at').orderBy('id').execute()
      return rows.map((row) => ({ id: row.id, name: row.name, createdAt: row.created_at }))
    },
    async insert({ id, name, createdAt }) {
      await naming(engine, () => db.insertInto('workspaces').values({ id, name, created_at: createdAt }).execute())
    },
  }
}

export function facts({ db }: Context): Store['facts'] {
  return {
    async get(name) {
      const row = await db.selectFrom('facts').select('value').where('name', '=', name).executeTakeFirst()
      return row?.value
    },
    async setOnce(name, value) {
      const set = await db
        .insertInto('facts')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('name')
        .executeTakeFirst()
      return set !== undefined
    },
  }
}
