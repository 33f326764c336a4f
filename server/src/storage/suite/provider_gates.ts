/** Providers that fail. */
import { describe, expect, test } from 'vitest'
import type { GateRecord, Store } from '../../store.ts'
import { now } from './fixtures.ts'

export function providerGateSuite(use: () => Store): void {
  describe('provider gates', () => {
    const gate = (version: number, more: Partial<GateRecord> = {}): GateRecord => ({
      id: 'https://id.example.com',
      failures: version,
      shutUntil: null,
      probeUntil: null,
      lastError: 'provider_error',
      version,
      updatedAt: now,
      ...more,
    })

    test('come back as they went in, newest first', async () => {
      const { providerGates } = use()
      const shut = gate(1, { shutUntil: now + 5, probeUntil: now + 9, failures: 7 })
      expect(await providerGates.put(shut, null)).toBe(true)
      const other = gate(1, { id: 'http://other.example.com:81', updatedAt: now + 1 })
      await providerGates.put(other, null)
      expect(await providerGates.find(shut.id)).toEqual(shut)
      expect(await providerGates.list(10)).toEqual([other, shut])
      expect(await providerGates.list(1)).toEqual([other])
      expect(await providerGates.find('https://none.example.com')).toBeUndefined()
    })

    test('are written by one of many who saw the same version', async () => {
      const { providerGates } = use()
      const four = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 4 }, work))
      expect((await four(() => providerGates.put(gate(1), null))).filter(Boolean)).toHaveLength(1)
      expect((await four(() => providerGates.put(gate(2), 1))).filter(Boolean)).toHaveLength(1)
      expect(await providerGates.put(gate(9), 7)).toBe(false)
      expect(await providerGates.find(gate(1).id)).toEqual(gate(2))
    })

    test('are deleted once, and pruned when they are old', async () => {
      const { providerGates } = use()
      await providerGates.put(gate(1), null)
      expect(await providerGates.prune(now)).toBe(0)
      expect(await providerGates.delete(gate(1).id)).toBe(true)
      expect(await providerGates.delete(gate(1).id)).toBe(false)
      await providerGates.put(gate(1), null)
      expect(await providerGates.prune(now + 1)).toBe(1)
    })
  })
}
