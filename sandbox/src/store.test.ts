import { describe, expect, test } from 'vitest'
import { openStore } from './store.ts'

describe('the store', () => {
  test('replaces, finds and removes documents, by grant too', () => {
    const store = openStore(':memory:')
    store.put('Token', 'a', { grantId: 'g', n: 1 }, 60)
    store.put('Token', 'a', { grantId: 'g', n: 2 }, 60)
    store.put('Token', 'b', { grantId: 'other', uid: 'u' })
    expect(store.find('Token', 'a')).toEqual({ grantId: 'g', n: 2 })
    expect(store.findByUid('Token', 'u')).toEqual({ grantId: 'other', uid: 'u' })
    expect(store.find('Grant', 'a')).toBeUndefined()
    store.removeByGrant('Token', 'g')
    expect(store.find('Token', 'a')).toBeUndefined()
    expect(store.clear(['Token', 'Grant'])).toBe(1)
    store.close()
  })

  test('cleans up what expired a while ago, a little at a time, and keeps the rest', () => {
    const store = openStore(':memory:')
    store.put('Token', 'long gone', {}, -3600)
    store.put('Token', 'just gone', {}, -5)
    store.put('Token', 'for ever', {})
    expect(store.find('Token', 'long gone')).toEqual({})
    for (let write = 0; write < 300; write += 1) store.put('Session', 'same', {}, 60)
    expect(store.find('Token', 'long gone')).toBeUndefined()
    expect(store.find('Token', 'just gone')).toEqual({})
    expect(store.find('Token', 'for ever')).toEqual({})
    store.close()
  })
})
