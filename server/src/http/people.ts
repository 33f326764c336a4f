/** People and invitations. */
import { routes } from '@mooring/contract'
import type { People } from '../access/people.ts'
import type { Serve } from './route.ts'

const manage = { permission: 'people' } as const

export function peopleRoutes(serve: Serve, people: People): void {
  serve(routes.listUsers, { permission: 'read' }, async ({ caller, query }) => people.list(caller, query))
  serve(routes.updateUser, manage, async ({ caller, params, body }) => people.update(caller, params.id, body))
  serve(routes.deleteUser, manage, async ({ caller, params }) => {
    await people.delete(caller, params.id)
    return undefined
  })
  serve(routes.createPasswordLink, manage, async ({ caller, params, reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return people.passwordLink(caller, params.id)
  })
  serve(routes.createInvitation, manage, async ({ caller, body, reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return people.invite(caller, body)
  })
  serve(routes.listInvitations, manage, async ({ caller, query }) => people.invitations(caller, query))
  serve(routes.deleteInvitation, manage, async ({ caller, params }) => {
    await people.withdraw(caller, params.id)
    return undefined
  })
}
