import type { Activity } from '@mooring/sdk'
import { expect, test } from 'vitest'
import { lastRevocation } from './revocation.ts'

const happened = (type: string, facts: Partial<Activity> = {}): Activity => ({
  id: '1',
  at: '2026-01-01T00:00:00.000Z',
  type: `connection.${type}`,
  ok: true,
  detail: '',
  cause: null,
  actor: null,
  user: null,
  ...facts,
})
const unconfirmed = happened('updated', { ok: false, cause: 'revocation' })

test('a revocation is unconfirmed where its provider left it so', () => {
  expect(lastRevocation([unconfirmed, happened('revoked')])).toMatchObject({ unconfirmed: true })
  expect(lastRevocation([happened('updated'), happened('revoked')])).toMatchObject({ unconfirmed: false })
})

test('an earlier one that was left unconfirmed says nothing of the last', () => {
  const activity = [happened('revoked'), happened('authorized'), unconfirmed, happened('revoked')]
  expect(lastRevocation(activity)).toMatchObject({ unconfirmed: false })
})

test('there is none where nothing was revoked', () => {
  expect(lastRevocation([happened('authorized')])).toBeUndefined()
})
