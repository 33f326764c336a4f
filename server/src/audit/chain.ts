/**
 * The chain of the audit log (S-53). An entry's hash covers what it says and the hash before it, so that changing, taking
 * out or moving one breaks every one after it. Whoever has the entries as the API gives them can compute it.
 */
import { createHash } from 'node:crypto'
import type { AuditEntry } from '@mooring/contract'
import type { AuditRecord } from '../store.ts'

/** SHA-256, in hex, of the JSON array of these ten values in this order, without white space. */
export function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const { id, at, actor, actorName, action, object, address, outcome, detail, previous } = entry
  const text = JSON.stringify([id, at, actor, actorName, action, object, address, outcome, detail, previous])
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** A record as the API shows it, and as it is hashed. */
export function entryOf(record: AuditRecord): AuditEntry {
  const { actor, actorName, action, object, address, outcome, detail, previous, hash } = record
  return {
    id: String(record.sequence),
    at: new Date(record.at).toISOString(),
    actor,
    actorName,
    action,
    object,
    address,
    outcome,
    detail,
    hash,
    previous,
  }
}
