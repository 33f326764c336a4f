/** Jobs, their lease, and that there is one of a kind. */
import { describe, expect, test } from 'vitest'
import type { JobRecord, Store } from '../../store.ts'
import { ids, job, minute, now } from './fixtures.ts'

const take = { owner: 'p1', now, until: now + minute }
const at = { now: now + 1, until: now + 2 * minute }
const failure = {
  table: 'services',
  field: 'secrets',
  row: 's1',
  service: 'crm',
  connection: null,
  detail: 'It does not open.',
} as const

async function leased(store: Store, fields: Partial<JobRecord> = {}): Promise<Store['jobs']> {
  await store.jobs.insert(job('j1', fields))
  await store.jobs.lease('j1', take)
  return store.jobs
}

export function jobSuite(use: () => Store): void {
  describe('jobs', () => {
    test('come back as they were stored', async () => {
      const { jobs } = use()
      const whole = job('j1', {
        state: 'failed',
        failures: [failure],
        failed: 1,
        cursor: { keyId: null, place: { table: 'services', field: 'secrets' }, after: 'x' },
        detail: 'It stopped.',
        finishedAt: now,
      })
      await jobs.insert(whole)
      expect(await jobs.find('j1')).toEqual(whole)
      expect(await jobs.find('j2')).toBeUndefined()
      await expect(jobs.insert(whole)).rejects.toMatchObject({ name: 'TakenError', what: 'id' })
    })

    test('of one kind are made one at a time: while one is running or paused, there is no second', async () => {
      const { jobs } = use()
      await jobs.insert(job('j1'))
      const second = (): Promise<void> => jobs.insert(job('j2'))
      await expect(second()).rejects.toMatchObject({ name: 'TakenError', what: 'job' })
      expect(await jobs.active('key_rotation')).toEqual(job('j1'))
      await jobs.pause('j1', now)
      await expect(second()).rejects.toMatchObject({ name: 'TakenError', what: 'job' })
      expect(await jobs.active('key_rotation')).toMatchObject({ id: 'j1', state: 'paused' })
      await jobs.insert(job('j3', { kind: 'key_verification' }))
      await jobs.resume('j1', now)
      await jobs.lease('j1', take)
      await jobs.finish('j1', 'p1', { state: 'done', detail: '' }, now)
      expect(await jobs.active('key_rotation')).toBeUndefined()
      await second()
      expect(ids(await jobs.running())).toEqual(['j2', 'j3'])
    })

    test('that failed cannot go on beside another', async () => {
      const { jobs } = use()
      await jobs.insert(job('j1', { state: 'failed', finishedAt: now }))
      await jobs.insert(job('j2'))
      await expect(jobs.resume('j1', now)).rejects.toMatchObject({ name: 'TakenError', what: 'job' })
      expect(await jobs.find('j1')).toMatchObject({ state: 'failed' })
    })

    test('are listed newest first, and the newest of a kind is found', async () => {
      const { jobs } = use()
      const done = { state: 'done', finishedAt: now } as const
      await jobs.insert(job('j1', { ...done, createdAt: 1 }))
      await jobs.insert(job('j2', { ...done, createdAt: 3 }))
      await jobs.insert(job('j3', { ...done, createdAt: 2, kind: 'key_verification' }))
      const first = await jobs.list({ limit: 2 })
      expect(ids(first.items)).toEqual(['j2', 'j3'])
      expect(ids((await jobs.list({ limit: 2, cursor: first.nextCursor ?? '' })).items)).toEqual(['j1'])
      expect(await jobs.newest('key_rotation')).toMatchObject({ id: 'j2' })
      expect(await jobs.newest('key_verification')).toMatchObject({ id: 'j3' })
    })

    test('are leased by one, until that one ends it or its time runs out', async () => {
      const { jobs } = use()
      await jobs.insert(job('j1'))
      expect(await jobs.lease('j1', take)).toEqual(job('j1', { leaseOwner: 'p1', leaseUntil: now + minute }))
      for (const later of [now, now + minute])
        expect(await jobs.lease('j1', { owner: 'p2', now: later, until: later + minute })).toBeUndefined()
      expect(await jobs.breakLease('j1', 'p2')).toBe(false)
      expect(await jobs.breakLease('j1', 'p1')).toBe(true)
      expect(await jobs.lease('j1', { ...take, owner: 'p2' })).toMatchObject({ leaseOwner: 'p2' })
      const late = { owner: 'p3', now: now + minute + 1, until: now + 2 * minute }
      expect(await jobs.lease('j1', late)).toMatchObject({ leaseOwner: 'p3' })
      for (const state of ['paused', 'done', 'failed'] as const) {
        await jobs.insert(job(state, { state, kind: 'key_verification' }))
        expect(await jobs.lease(state, take)).toBeUndefined()
      }
    })

    test('note progress for their holder alone, and only while they run', async () => {
      const jobs = await leased(use(), { done: 1, total: 5 })
      expect(await jobs.progress('j1', 'p2', { done: 9 }, at)).toBe(false)
      expect(
        await jobs.progress(
          'j1',
          'p1',
          { done: 3, cursor: { keyId: 'd1', place: { table: 'services', field: 'secrets' }, after: 's1' } },
          at,
        ),
      ).toBe(true)
      expect(await jobs.progress('j1', 'p1', { failed: 1, failures: [failure] }, at)).toBe(true)
      expect(await jobs.find('j1')).toEqual(
        job('j1', {
          done: 3,
          total: 5,
          failed: 1,
          failures: [failure],
          cursor: { keyId: 'd1', place: { table: 'services', field: 'secrets' }, after: 's1' },
          leaseOwner: 'p1',
          leaseUntil: at.until,
          updatedAt: at.now,
        }),
      )
      await jobs.pause('j1', now)
      expect(await jobs.progress('j1', 'p1', { done: 9 }, at)).toBe(false)
      expect(await jobs.finish('j1', 'p1', { state: 'done', detail: '' }, now)).toBe(false)
      expect(await jobs.find('j1')).toMatchObject({ state: 'paused', done: 3, leaseOwner: null, leaseUntil: null })
    })

    test('end for their holder alone, once', async () => {
      const jobs = await leased(use(), { total: 5 })
      const end = { state: 'done', detail: 'All of it.', done: 5 } as const
      expect(await jobs.finish('j1', 'p2', end, now)).toBe(false)
      expect(await jobs.finish('j1', 'p1', end, now + 5)).toBe(true)
      expect(await jobs.finish('j1', 'p1', { ...end, detail: 'Again.' }, now)).toBe(false)
      expect(await jobs.find('j1')).toEqual(
        job('j1', { state: 'done', done: 5, total: 5, detail: 'All of it.', updatedAt: now + 5, finishedAt: now + 5 }),
      )
    })

    test('are paused while they run and resumed where they were', async () => {
      const cursor = { keyId: 'd1', place: { table: 'services', field: 'secrets' }, after: 's1' } as const
      const jobs = await leased(use(), { done: 2, total: 5, failed: 1, failures: [failure], cursor })
      expect(await jobs.resume('j1', now)).toBeUndefined()
      expect(await jobs.pause('j1', now + 1)).toMatchObject({ state: 'paused', done: 2 })
      expect(await jobs.pause('j1', now + 2)).toBeUndefined()
      expect(await jobs.running()).toEqual([])
      expect(await jobs.resume('j1', now + 3)).toEqual(
        job('j1', { done: 2, total: 5, failed: 1, failures: [failure], cursor, updatedAt: now + 3 }),
      )
    })

    test('that failed are tried again from their beginning', async () => {
      const jobs = await leased(use(), { total: 5 })
      await jobs.progress(
        'j1',
        'p1',
        { cursor: { keyId: 'd1', place: { table: 'services', field: 'secrets' }, after: 's1' } },
        at,
      )
      await jobs.finish('j1', 'p1', { state: 'failed', detail: 'No.', done: 4, failed: 1, failures: [failure] }, now)
      expect(await jobs.resume('j1', now + 3)).toEqual(job('j1', { done: 4, total: 5, updatedAt: now + 3 }))
      expect(await jobs.pause('missing', now)).toBeUndefined()
      expect(await jobs.resume('missing', now)).toBeUndefined()
    })
  })
}
