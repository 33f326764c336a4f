/** A name that the store says is taken, as the error a caller gets. */
import { MooringError } from './errors.ts'
import { TakenError } from './store.ts'

/** Any other error as it is. */
export function takenAs(error: unknown, linkName: string): unknown {
  if (!(error instanceof TakenError)) return error
  if (error.what === 'callback_id') {
    return new MooringError('validation_failed', {
      detail: 'callbackId: this callback id is taken.',
      errors: [{ path: 'callbackId', code: 'taken', message: 'Choose another random value.' }],
      cause: error,
    })
  }
  return new MooringError('link_name_taken', {
    detail: `The link name ${linkName} is taken.`,
    hint: 'Choose another one, or leave it out to have one made from the name.',
    errors: [{ path: 'linkName', code: 'taken', message: 'Choose another link name.' }],
    cause: error,
  })
}
