import type { WorkspaceActivity } from '@mooring/sdk'

export interface Row {
  entry: WorkspaceActivity
  /** Older ones that say the same, folded into it. */
  more: WorkspaceActivity[]
}

/**
 * Rows of entries, newest first. A refresh that failed and was tried again with the same end is one row, and so is one
 * success after another; anything else that happened to the connection in between, except its use, begins a new one.
 */
export function foldEntries(entries: readonly WorkspaceActivity[]): Row[] {
  const rows: Row[] = []
  /** By connection and person: the row that the next one may be folded into. */
  const open = new Map<string, { same: string; row: Row }>()
  for (const entry of entries) {
    const row = { entry, more: [] }
    if (entry.connection === null || entry.type === 'connection.invoked' || entry.type === 'connection.tested') {
      rows.push(row)
      continue
    }
    const whose = JSON.stringify([entry.connection.linkName, entry.user])
    const same = sameness(entry)
    const before = open.get(whose)
    if (same !== undefined && before?.same === same) {
      before.row.more.push(entry)
      continue
    }
    rows.push(row)
    if (same === undefined) open.delete(whose)
    else open.set(whose, { same, row })
  }
  return rows
}

/** What two entries have in common that are told as one; undefined where each is told by itself. */
function sameness({ type, detail }: WorkspaceActivity): string | undefined {
  if (type === 'connection.refreshed') return type
  return type === 'connection.refresh_failed' ? `${type} ${detail}` : undefined
}
