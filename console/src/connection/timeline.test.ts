import type { Activity, Attempt } from '@mooring/sdk'
import { describe, expect, test } from 'vitest'
import { timelineOf } from './timeline.ts'

let next = 0
/** Each is a minute before the one that was made last. */
function happened(type: string, facts: Partial<Activity> = {}): Activity {
  next++
  return {
    id: String(1000 - next),
    at: new Date(Date.UTC(2026, 0, 1, 12) - next * 60_000).toISOString(),
    type: `connection.${type}`,
    ok: true,
    detail: '',
    cause: null,
    actor: null,
    user: null,
    ...facts,
  }
}
const call = (facts: Partial<Activity> = {}): Activity =>
  happened('invoked', { actor: 'api_key:Billing', status: 200, count: 1, ...facts })
const failedRefresh = (facts: Partial<Activity> = {}): Activity =>
  happened('refresh_failed', { ok: false, detail: 'It answered 503.', ...facts })
const lines = (items: Activity[], attempts?: Attempt[]): string[] =>
  timelineOf(items, attempts).map(({ words }) => words)

describe('the timeline of a connection', () => {
  test('folds refreshes and calls that went well, however they take turns', () => {
    const items = [happened('refreshed'), call(), happened('refreshed'), call({ count: 40 }), happened('refreshed')]
    expect(lines(items)).toEqual(['3 refreshes, all fine', '41 calls by API key Billing'])
    const [refreshes] = timelineOf(items)
    expect([refreshes?.to, refreshes?.from]).toEqual([items[0]?.at, items[4]?.at])
  })

  test('folds calls for each caller by itself, and failed ones by what they failed with', () => {
    const failed = { ok: false, status: 404 }
    const items = [call(), call({ actor: 'user:Olga' }), call(failed), call(failed), call({ ok: false, status: 500 })]
    expect(lines(items)).toEqual([
      '1 call by API key Billing',
      '1 call by Olga',
      '2 failed calls by API key Billing',
      '1 failed call by API key Billing',
    ])
  })

  test('keeps what is before and after a change of state apart', () => {
    expect(
      lines([happened('refreshed'), happened('authorized'), happened('refreshed'), happened('refreshed')]),
    ).toEqual(['Token refreshed', 'Connected', '2 refreshes, all fine'])
  })

  test('tells failed refreshes, and which refresh made up for them', () => {
    const items = [
      happened('refreshed'),
      happened('refreshed'),
      call(),
      failedRefresh(),
      failedRefresh(),
      happened('refreshed'),
    ]
    expect(lines(items)).toEqual([
      'Token refreshed',
      'Token refreshed after 2 failed tries',
      '1 call by API key Billing',
      'Refresh failed 2 times',
      'Token refreshed',
    ])
  })

  test('tells a refusal for good once, although two events tell of it', () => {
    const refused = happened('reauthorization_required', { ok: false, detail: 'No longer accepted.' })
    expect(lines([refused, failedRefresh({ at: refused.at, detail: refused.detail }), failedRefresh()])).toEqual([
      'Reconnect needed',
      'Refresh failed',
    ])
  })

  test('has the attempt beside what came of it', () => {
    const failed = happened('authorization_failed', { ok: false })
    const attempt: Attempt = {
      id: 'att_1',
      state: 'failed',
      user: null,
      steps: [
        { at: '2026-01-01T00:00:00.000Z', step: 'begun', ok: true, detail: 'Begun.' },
        { at: failed.at, step: 'token request', ok: false, detail: 'Refused.' },
      ],
      diagnosis: { code: 'invalid_client', title: 'No', detail: 'Refused.', hint: null },
      question: null,
      device: null,
      createdAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-01T00:10:00.000Z',
    }
    expect(timelineOf([failed, happened('created')], [attempt]).map((entry) => entry.attempt?.id)).toEqual([
      'att_1',
      undefined,
    ])
  })

  test('gives a line that newer things join the id it had', () => {
    const items = [happened('refreshed'), happened('refreshed'), happened('refreshed')]
    expect(timelineOf(items)[0]?.id).toBe(timelineOf(items.slice(1))[0]?.id)
  })
})
