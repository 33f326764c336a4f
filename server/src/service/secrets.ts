/** The secrets of a service: sealed as one value, opened in one place. */
import type { ServiceRecord } from '../store.ts'
import type { Place, Vault } from '../vault/vault.ts'
import type { AuthFields, Definition } from './definition.ts'

/** The definition of a record, with its secrets opened. The one place that opens them. */
export function definitionOf(vault: Vault, record: ServiceRecord): Definition {
  return {
    document: record.document,
    secrets: record.secrets === null ? {} : readObject(vault.open(placeOf(record), record.secrets)),
  }
}

function readObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function placeOf(record: { id: string; workspaceId: string }): Place {
  return { workspaceId: record.workspaceId, table: 'services', row: record.id, field: 'secrets' }
}

/** null where there is nothing to seal. */
export function sealSecrets(
  vault: Vault,
  record: { id: string; workspaceId: string },
  secrets: AuthFields,
): Uint8Array | null {
  return Object.keys(secrets).length === 0 ? null : vault.seal(placeOf(record), JSON.stringify(secrets))
}
