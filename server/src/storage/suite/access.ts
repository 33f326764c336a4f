/** API keys and idempotency. */
import { describe, expect, test } from 'vitest'
import type { Store } from '../../store.ts'
import { apiKey, bytes, changesOf, claim, now } from './fixtures.ts'
import { pageTests } from './pages.ts'

export function accessSuite(use: () => Store): void {
  describe('API keys', () => {
    test('come back as they went in, by hash and by id', async () => {
      const { apiKeys } = use()
      const record = apiKey('k1', { connections: null, expiresAt: now + 1, lastUsedAt: now })
      await apiKeys.insert(record)
      await apiKeys.insert(apiKey('k2', { workspaceId: 'w2' }))
      expect(await apiKeys.findByHash('hash-k1')).toEqual(record)
      expect(await apiKeys.findByHash('hash-k2')).toEqual(apiKey('k2', { workspaceId: 'w2' }))
      expect(await apiKeys.findByHash('hash')).toBeUndefined()
      expect(await apiKeys.find('w1', 'k1')).toEqual(record)
      expect(await apiKeys.find('w1', 'k2')).toBeUndefined()
      expect(await apiKeys.count('w1')).toBe(1)
    })

    describe('list', () => {
      pageTests(async () => {
        const { apiKeys } = use()
        await apiKeys.insert(apiKey('other', { workspaceId: 'w2' }))
        return {
          insert: (id, createdAt) => apiKeys.insert(apiKey(id, { createdAt })),
          list: (page) => apiKeys.list('w1', page),
        }
      })
    })

    test('are deleted once, in their workspace only', async () => {
      const { apiKeys } = use()
      await apiKeys.insert(apiKey('k1'))
      expect(await apiKeys.delete('w2', 'k1')).toBe(false)
      expect(await apiKeys.delete('w1', 'k1')).toBe(true)
      expect(await apiKeys.delete('w1', 'k1')).toBe(false)
      expect(await apiKeys.findByHash('hash-k1')).toBeUndefined()
      expect(await apiKeys.count('w1')).toBe(0)
    })

    test('note their last use, the latest winning', async () => {
      const { apiKeys } = use()
      await apiKeys.insert(apiKey('k1'))
      await apiKeys.touch([
        { id: 'k1', usedAt: now + 2 },
        { id: 'k9', usedAt: now },
      ])
      await apiKeys.touch([{ id: 'k1', usedAt: now + 1 }])
      await apiKeys.touch([])
      expect(await apiKeys.find('w1', 'k1')).toEqual(apiKey('k1', { lastUsedAt: now + 2 }))
    })

    test('are replaced once, and tell of it', async () => {
      const store = use()
      await store.apiKeys.insert(apiKey('k1'))
      const told = await changesOf(store, async () => {
        expect(await store.apiKeys.replace('w2', 'k1', { by: 'k2', expiresAt: now })).toBe(false)
        expect(await store.apiKeys.replace('w1', 'k1', { by: 'k2', expiresAt: now })).toBe(true)
        expect(await store.apiKeys.replace('w1', 'k1', { by: 'k3', expiresAt: now })).toBe(false)
      })
      expect(told).toEqual(['api_key k1'])
      expect(await store.apiKeys.find('w1', 'k1')).toEqual(apiKey('k1', { replacedBy: 'k2', expiresAt: now }))
    })

    test('tell of insert and delete', async () => {
      const store = use()
      const seen = await changesOf(store, async () => {
        await store.apiKeys.insert(apiKey('k1'))
        await store.apiKeys.touch([{ id: 'k1', usedAt: now }])
        await store.apiKeys.delete('w1', 'k1')
        await store.apiKeys.delete('w1', 'k1')
      })
      expect(seen).toEqual(['api_key k1', 'api_key k1'])
    })
  })

  describe('idempotency', () => {
    test('gives an id to the first who claims it and the record to the rest', async () => {
      const { idempotency } = use()
      const others = Array.from({ length: 5 }, () => idempotency.claim(claim('i1', { requestHash: 'other' })))
      expect((await Promise.all(others)).filter((held) => held === undefined)).toHaveLength(1)
      expect(await idempotency.claim(claim('i1'))).toEqual(claim('i1', { requestHash: 'other' }))
      expect(await idempotency.claim(claim('i2'))).toBeUndefined()
    })

    test('keeps the reply of a request that finished', async () => {
      const { idempotency } = use()
      await idempotency.claim(claim('i1'))
      await idempotency.finish('i1', 201, bytes(7))
      expect(await idempotency.claim(claim('i1'))).toEqual(claim('i1', { status: 201, body: bytes(7) }))
      await idempotency.release('i1')
      expect((await idempotency.claim(claim('i1')))?.status).toBe(201)
    })

    test('frees a claim whose request failed', async () => {
      const { idempotency } = use()
      await idempotency.claim(claim('i1'))
      await idempotency.release('i1')
      expect(await idempotency.claim(claim('i1'))).toBeUndefined()
    })

    test('forgets what is older', async () => {
      const { idempotency } = use()
      await idempotency.claim(claim('old', { createdAt: now - 1 }))
      await idempotency.claim(claim('new', { createdAt: now }))
      expect(await idempotency.prune(now)).toBe(1)
      expect(await idempotency.claim(claim('old'))).toBeUndefined()
      expect(await idempotency.claim(claim('new'))).toBeDefined()
    })
  })
}
