/** Link names: a free one where the caller left it open, and what a caller gets told where the chosen one is taken. */
import { linkNameFrom } from '@mooring/contract'
import { MooringError } from './errors.ts'
import { TakenError } from './store.ts'

/** Any other error as it is. `under` is put before the path of what is taken. */
export function takenAs(error: unknown, linkName: string, under = ''): unknown {
  if (!(error instanceof TakenError)) return error
  if (error.what === 'callback_id') {
    return new MooringError('validation_failed', {
      detail: `${under}callbackId: this callback id is taken.`,
      errors: [{ path: `${under}callbackId`, code: 'taken', message: 'Choose another random value.' }],
      cause: error,
    })
  }
  return new MooringError('link_name_taken', {
    detail: `The link name ${linkName} is taken.`,
    hint: 'Choose another one, or leave it out to have one made from the name.',
    errors: [{ path: `${under}linkName`, code: 'taken', message: 'Choose another link name.' }],
    cause: error,
  })
}

/** What the store does for each noun that has link names. */
interface Named<T> {
  linkNames(workspaceId: string, name: string): Promise<string[]>
  insert(record: T): Promise<void>
}

/** Long enough to tell names apart, short enough to hold what a numbered one was cut to. */
const compared = 40

/**
 * Inserts a record under its link name where the caller chose it, else under the next free one made from it; gives it as
 * it was stored. Throws link_name_taken, validation_failed for a taken callback id.
 */
export async function insertNamed<T extends { workspaceId: string; linkName: string }>(
  into: Named<T>,
  record: T,
  chosen: boolean,
  under = '',
): Promise<T> {
  const { workspaceId, linkName } = record
  const taken = chosen ? undefined : new Set(await into.linkNames(workspaceId, linkName.slice(0, compared)))
  const named =
    taken === undefined ? record : { ...record, linkName: linkNameFrom(linkName, (name) => taken.has(name)) }
  try {
    await into.insert(named)
  } catch (error) {
    throw takenAs(error, named.linkName, under)
  }
  return named
}
