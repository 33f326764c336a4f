/** Who did what in the workspace. For owners and admins. */
import type { AuditEntry, AuditVerification } from '@mooring/contract'
import { everyItem, type Page } from './pages.ts'
import type { CallOptions, Query, Transport } from './transport.ts'

export interface Audit {
  /** One page: newest first, or with `after`, the id of an entry, oldest first from behind it. */
  list(query?: Query<'listAuditLog'>, options?: CallOptions): Promise<Page<AuditEntry>>
  /** Every entry, page after page, in the order of `list`. */
  all(query?: Query<'listAuditLog'>, options?: CallOptions): AsyncIterable<AuditEntry>
  /** Whether every entry fits the one before. Keep `head` elsewhere to prove it later. */
  verify(options?: CallOptions): Promise<AuditVerification>
}

export function createAudit({ call }: Transport): Audit {
  const list: Audit['list'] = (query, options) => call('listAuditLog', {}, { ...options, query })
  return {
    list,
    all: (query, options) => everyItem((cursor) => list({ ...query, cursor }, options), query?.cursor),
    verify: (options) => call('verifyAuditLog', {}, options),
  }
}
