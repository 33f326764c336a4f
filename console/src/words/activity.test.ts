import { readFileSync } from 'node:fs'
import type { Activity } from '@mooring/sdk'
import { expect, test } from 'vitest'
import { activityKinds, activityWords, actorWords } from './activity.ts'

/** Every type that the server writes, read from where it lists them. */
const source = readFileSync(new URL('../../../server/src/events/event.ts', import.meta.url), 'utf8')
const types = [...source.matchAll(/^ {2}'([a-z_]+\.[a-z_]+)',$/gm)].map(([, type]) => type ?? '')

function entry(more: Partial<Activity>): Activity {
  const at = '2026-01-31T12:00:00.000Z'
  return { id: '1', at, type: '', ok: true, detail: '', cause: null, actor: null, user: null, ...more }
}

test('every type of event has words of its own, and no two the same', () => {
  expect(types.length).toBeGreaterThan(20)
  const titles = types.map((type) => activityWords(entry({ type })).title)
  for (const [index, type] of types.entries()) expect(titles[index]).not.toBe(type.replace(/[._]/g, ' '))
  expect(new Set(titles).size).toBe(types.length)
})

test('every kind to filter by is a type, or the part before the dot of one', () => {
  for (const { kinds } of activityKinds)
    for (const { value } of kinds)
      expect(types.filter((type) => type === value || type.startsWith(`${value}.`))).not.toEqual([])
})

test('a type that a newer server knows is told by its name, loud where it failed', () => {
  expect(activityWords(entry({ type: 'tide.turned' }))).toMatchObject({ title: 'tide turned', tone: 'mute' })
  expect(activityWords(entry({ type: 'tide.turned', ok: false })).tone).toBe('bad')
})

test('a call is told by its method and path, folded ones by their number, failures louder the worse they are', () => {
  const call = { type: 'connection.invoked', method: 'GET', host: 'api.example.com', path: '/me', status: 200 }
  expect(activityWords(entry(call))).toMatchObject({ title: 'GET /me', tone: 'mute' })
  expect(activityWords(entry({ ...call, ok: false, status: 404 })).tone).toBe('warn')
  expect(activityWords(entry({ ...call, ok: false, status: 502 })).tone).toBe('bad')
  const folded = activityWords(entry({ ...call, path: '', count: 30 }))
  expect(folded.title).toBe('30 calls, GET api.example.com')
})

test('a credential that was read many times at once is told with its number', () => {
  expect(activityWords(entry({ type: 'connection.credentials_read' })).title).toBe('Credential read')
  const several = activityWords(entry({ type: 'connection.credentials_read', count: 37 }))
  expect(several).toMatchObject({ title: 'Credential read 37 times', tone: 'warn' })
})

test('whoever did it is named without the machine word before it', () => {
  expect(actorWords('api_key:Deploy: script')).toMatchObject({ name: 'Deploy: script', what: 'API key' })
  expect(actorWords('user:Olga Owner')).toMatchObject({ name: 'Olga Owner', what: 'person' })
  expect(actorWords(null)).toMatchObject({ name: 'Mooring' })
})
