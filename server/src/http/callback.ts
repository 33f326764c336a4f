/** `/oauth/callback/{callbackId}`: where a provider sends the person back to. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Door } from '../access/door.ts'
import { bindingCookie } from '../connection/attempt.ts'
import type { Authorizer } from '../connection/authorize.ts'
import type { Outcome } from '../connection/finish.ts'
import type { ConnectSessions } from '../connection/connect_session.ts'
import { backToSession } from './connect_session.ts'
import { readForm } from './connect_form.ts'
import { failureTitle, isChosen, outcomeBody } from './connect_view.ts'
import { sendPage } from './pages.ts'

export interface CallbackRouteParts {
  authorizer: Authorizer
  connectSessions: ConnectSessions
  door: Pick<Door, 'sessionCaller'>
  publicUrl: () => string
  /** Something was written: makes it felt in this process. */
  written: () => Promise<void>
}

export function callbackRoutes(
  pages: FastifyInstance,
  { authorizer, connectSessions, door, publicUrl, written }: CallbackRouteParts,
): void {
  pages.get<{ Params: { callbackId: string } }>('/oauth/callback/:callbackId', async (request, reply) => {
    const parameters = new URL(request.url, publicUrl()).searchParams
    const holder = await door.sessionCaller(request.headers)
    const outcome = await authorizer.finish(request.params.callbackId, parameters, request.cookies, holder)
    await written()
    void reply.header('Cache-Control', 'no-store')
    // A page of its own, so that loading it again asks again and does not come back a second time.
    if (outcome.askedAt !== null) return reply.redirect(`/connect/${outcome.askedAt}`, 303)
    void reply.clearCookie(bindingCookie(outcome.attempt.id), { path: '/' })
    const back = outcome.returnTo ?? (await backToSession(connectSessions, request, outcome))
    return back === null ? sendOutcome(reply, outcome) : reply.redirect(back, 303)
  })

  // response_mode=form_post: a cross-site POST brings no Lax cookies, so the browser is sent on to the GET above.
  pages.post<{ Params: { callbackId: string } }>('/oauth/callback/:callbackId', async (request, reply) => {
    const form = readForm(request)
    return reply
      .header('Cache-Control', 'no-store')
      .redirect(`/oauth/callback/${encodeURIComponent(request.params.callbackId)}?${form.toString()}`, 303)
  })
}

/** How an attempt ended; its script tells the console. */
export async function sendOutcome(reply: FastifyReply, outcome: Outcome): Promise<FastifyReply> {
  const { attempt, connection } = outcome
  const well = attempt.state === 'succeeded'
  const title = well ? 'Connected' : failureTitle(attempt)
  return sendPage(reply, well || isChosen(attempt) ? 200 : 400, title, outcomeBody(outcome), {
    told: { attempt: attempt.id, connection: connection.linkName, state: attempt.state },
  })
}
