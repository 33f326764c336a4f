import type { Store } from '../store.ts'
import type { Context } from './engine.ts'

export function signInTries({ db }: Context): Store['signInTries'] {
  return {
    find: (id) => db.selectFrom('sign_in_tries').selectAll().where('id', '=', id).executeTakeFirst(),

    async put({ id, failures, at }, expected) {
      if (expected === null) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('sign_in_tries')
          .values({ id, failures, at })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst()
        return (numInsertedOrUpdatedRows ?? 0n) > 0n
      }
      const { numUpdatedRows } = await db
        .updateTable('sign_in_tries')
        .set({ failures, at })
        .where('id', '=', id)
        .where('failures', '=', expected)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async delete(id) {
      await db.deleteFrom('sign_in_tries').where('id', '=', id).execute()
    },

    async prune(before) {
      const { numDeletedRows } = await db.deleteFrom('sign_in_tries').where('at', '<', before).executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
