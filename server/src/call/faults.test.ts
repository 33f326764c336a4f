import { expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import { StoreAwayError } from '../store.ts'
import { callFault } from './faults.ts'

test('S-21 a call that needs a store that is away is told to come back; what is our own fault is told as one', () => {
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  for (const error of [new StoreAwayError('the database does not answer'), full])
    expect(callFault(error)).toMatchObject({ code: 'unavailable', status: 503, retryAfterSeconds: 2, cause: error })
  expect(callFault(new TypeError('x is undefined'))).toMatchObject({ code: 'internal_error', status: 500 })
  const ours = new MooringError('not_found', { detail: 'No connection of this name.' })
  expect(callFault(ours)).toBe(ours)
})
