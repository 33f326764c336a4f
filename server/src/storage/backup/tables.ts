/** What a backup holds, and what it leaves out. */
import type { Schema } from '../schema.ts'

export interface KeptTable {
  name: keyof Schema
  /** Its primary key: rows are read and written in this order. */
  key: readonly string[]
}

type Rule =
  | readonly string[]
  /** Why it is left out. */
  | { leftOut: string }

/** A table that is new does not compile until it stands here. Those that others refer to come first. */
const rules: Record<keyof Schema, Rule> = {
  workspaces: ['id'],
  data_keys: ['workspace_id', 'id'],
  facts: ['name'],
  services: ['workspace_id', 'id'],
  service_logos: ['workspace_id', 'service_id'],
  connections: ['workspace_id', 'id'],
  authorizations: ['workspace_id', 'id'],
  attempts: ['workspace_id', 'id'],
  events: ['sequence'],
  call_counts: ['connection_id', 'day', 'actor'],
  audit_log: ['workspace_id', 'sequence'],
  audit_heads: ['workspace_id'],
  api_keys: ['workspace_id', 'id'],
  users: ['workspace_id', 'id'],
  jobs: ['id'],
  sessions: { leftOut: 'whoever signed out since would be signed in again' },
  one_time_links: { leftOut: 'a link that was used since would work again' },
  connect_sessions: { leftOut: 'a page that is over by then' },
  provider_gates: { leftOut: 'how a provider fared at that time' },
  sign_in_tries: { leftOut: 'of minutes' },
  idempotency: { leftOut: 'first replies, kept for a day' },
  changes: { leftOut: 'tells running processes what to drop' },
  change_horizon: { leftOut: 'tells running processes what to drop' },
  kysely_migration: { leftOut: 'kept by the migrator' },
}

export const keptTables: readonly KeptTable[] = Object.entries(rules).flatMap(([name, rule]) =>
  // The keys of an object that was written with these keys.
  'leftOut' in rule ? [] : [{ name: name as keyof Schema, key: rule }],
)

/** Columns that an engine has for itself. */
const ofTheEngine: Partial<Record<keyof Schema, readonly string[]>> = { events: ['place'] }

/** Of a table, those that are kept, in the order in which a row's values stand. */
export function keptColumns(table: keyof Schema, all: readonly string[]): string[] {
  return all.filter((column) => ofTheEngine[table]?.includes(column) !== true).toSorted()
}
