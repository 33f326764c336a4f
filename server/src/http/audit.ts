/** `/v1/audit-log`: for owners and admins. */
import { routes } from '@mooring/contract'
import type { AuditLog } from '../audit/log.ts'
import { placeIn } from './place.ts'
import type { Serve } from './route.ts'

export function auditRoutes(serve: Serve, { audit }: { audit: AuditLog }): void {
  const guard = { permission: 'audit' } as const
  serve(routes.listAuditLog, guard, async ({ caller, query, reply }) => {
    const { limit, cursor, actor, action, object } = query
    const after = query.after === undefined ? undefined : placeIn('after', query.after, 'an entry')
    void reply.header('Cache-Control', 'no-store')
    return audit.list(caller.workspaceId, { actor, action, object, after }, { limit, cursor })
  })
  serve(routes.verifyAuditLog, guard, async ({ caller, reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return audit.verify(caller.workspaceId)
  })
}
