/** Each provider specific against a provider that demands it, and against one that chokes on it. */
import { describe, expect, test } from 'vitest'
import { oauth2 } from '../oauth2.ts'
import { section } from './field.ts'
import { outcomeWith, type Stand } from './specifics.fixture.ts'
import { rows } from './specifics_table.fixture.ts'

const standard = (): Record<string, unknown> => ({})

describe.each(rows)('$option', ({ set, demands, chokes }) => {
  test('a provider that demands it takes us with it, and not without', async () => {
    expect(await outcomeWith(demands, set)).toBe('connected')
    expect(await outcomeWith(demands, standard)).not.toBe('connected')
  })

  test('a provider that chokes on it takes us without it, and not with it', async () => {
    expect(await outcomeWith(chokes, standard)).toBe('connected')
    expect(await outcomeWith(chokes, set)).not.toBe('connected')
  })
})

test('tokenResponse: the alternate place is looked at where the first has none, and only where it is said', async () => {
  const set = (): Record<string, unknown> => ({ tokenResponse: { alternateAccessToken: 'user.access_token' } })
  const user = { access_token: 'of the user', refresh_token: 'refresh-1' }
  const takes = (token: string): Stand => ({
    answer: () => (token === 'first' ? { access_token: 'first', refresh_token: 'refresh-1', user } : { user }),
    good: ({ grant }) => JSON.stringify(grant.credential).includes(`"accessToken":"${token}"`),
  })
  expect(await outcomeWith(takes('of the user'), set)).toBe('connected')
  expect(await outcomeWith(takes('of the user'), standard)).toContain('had no access token')
  expect(await outcomeWith(takes('first'), set)).toBe('connected')
})

test('callbackNames: an error under another name is a refusal', async () => {
  const stand: Stand = {
    back: (parameters) => {
      parameters.delete('code')
      parameters.set('reason', 'access_denied')
    },
  }
  expect(await outcomeWith(stand, () => ({ callbackNames: { error: 'reason' } }))).toContain('Access was not granted')
})

test('the table and the fields of the section hold each other', () => {
  const declared = oauth2.form.filter((field) => field.section === section).map(({ name }) => name)
  const proved = new Set(rows.map(({ option }) => option.split(':', 1)[0] ?? ''))
  expect([...proved].toSorted()).toEqual(declared.toSorted())
})
