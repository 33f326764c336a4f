/** The keys at rest as the API shows them: by id and fingerprint, with what each of them seals. */
import type { Encryption } from '@mooring/contract'
import type { Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { jobReply } from './jobs.ts'

export interface EncryptionParts {
  store: Store
  vault: Vault
  source: Encryption['source']
}

export async function encryptionOf({ store, vault, source }: EncryptionParts): Promise<Encryption> {
  const [keys, counts, workspaces, rotation, verification] = await Promise.all([
    store.dataKeys.list(),
    store.sealed.count(),
    store.workspaces.list(),
    store.jobs.newest('key_rotation'),
    store.jobs.newest('key_verification'),
  ])
  const newest = new Map(keys.map((key) => [key.workspaceId, key.id]))
  const sumOf = (some: typeof counts): number => some.reduce((sum, { count }) => sum + count, 0)
  return {
    source,
    rootKeys: vault.rootKeys().map(({ id, fingerprint }, index) => {
      const dataKeys = keys.filter((key) => key.rootKeyId === id).length
      return { id, fingerprint, seals: index === 0, dataKeys, removable: index > 0 && dataKeys === 0 }
    }),
    dataKeys: keys.toReversed().map((key) => ({
      id: key.id,
      fingerprint: vault.fingerprintOf(key.id) ?? null,
      workspace: workspaces.find(({ id }) => id === key.workspaceId)?.name ?? '',
      rootKey: key.rootKeyId,
      active: newest.get(key.workspaceId) === key.id,
      values: sumOf(counts.filter(({ keyId }) => keyId === key.id)),
      createdAt: new Date(key.createdAt).toISOString(),
    })),
    values: sumOf(counts),
    rotation: rotation === undefined ? null : jobReply(rotation),
    verification: verification === undefined ? null : jobReply(verification),
  }
}
