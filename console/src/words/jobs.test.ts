import { expect, test } from 'vitest'
import { adviceFor, inFours, progressWords } from './jobs.ts'

const failure = {
  table: 'authorizations',
  field: 'credential',
  row: 'aut_1',
  service: null,
  connection: null,
  detail: '',
}

test('progress is told as people say it', () => {
  const counts = { done: 412, total: 1340 }
  expect(progressWords({ kind: 'key_rotation', ...counts })).toBe('412 of 1,340 credentials re-encrypted')
  expect(progressWords({ kind: 'key_verification', ...counts })).toBe('412 of 1,340 credentials checked')
})

test('a fingerprint is read in fours', () => {
  expect(inFours('a1b2c3d4e5f60718')).toBe('a1b2 c3d4 e5f6 0718')
})

test('a value that does not open is told by what it is, with what to do', () => {
  expect(adviceFor({ ...failure, connection: 'crm' })).toEqual({
    what: 'The credential of crm',
    todo: 'Reconnect it: the new credential takes its place.',
  })
  expect(adviceFor({ ...failure, table: 'services', field: 'secrets', service: 'books' }).what).toBe(
    'The secrets of books',
  )
  expect(adviceFor({ ...failure, table: 'attempts', field: 'held_grant' }).todo).toContain('by itself')
  expect(adviceFor({ ...failure, table: 'idempotency', field: 'body' }).todo).toContain('by itself')
  expect(adviceFor(failure).todo).toContain('back-up')
  expect(adviceFor({ ...failure, table: 'later', field: 'thing' })).toMatchObject({ what: 'later.thing' })
})
