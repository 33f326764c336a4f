/** `/connect/{token}`: where a person sees what is asked of them, leaves for the provider, and answers. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isPerson, stableId } from '../access/caller.ts'
import { demandOwnOrigin } from '../access/origin.ts'
import { beginnerOf, bindingCookie, isBoundTo } from '../connection/attempt.ts'
import { isAnswer } from '../connection/answer.ts'
import { MooringError } from '../errors.ts'
import { actsOfPages } from './acts.ts'
import type { Auditor } from './auditor.ts'
import { callbackRoutes, type CallbackRouteParts, sendOutcome } from './callback.ts'
import { formOfAnother, leave, readForm } from './connect_form.ts'
import { connectScript } from './connect_script.ts'
import { backToSession, connectSessionRoutes, type ConnectSessionRouteParts } from './connect_session.ts'
import { connectBody, deviceBody, elsewhereBody, questionBody } from './connect_view.ts'
import { pageStyle } from './page_style.ts'
import { sendFault, sendPage } from './pages.ts'
import { asMooringError } from './problem.ts'

export interface ConnectRouteParts extends CallbackRouteParts, ConnectSessionRouteParts {}

interface OfToken {
  Params: { token: string }
}

export async function connectRoutes(app: FastifyInstance, parts: ConnectRouteParts, auditor: Auditor): Promise<void> {
  const { authorizer, door, publicUrl, written } = parts
  const asset = (path: string, type: string, text: string): void => {
    app.get(path, async (_request, reply) =>
      reply
        .type(`${type}; charset=utf-8`)
        .header('Cache-Control', 'public, max-age=3600')
        .header('X-Content-Type-Options', 'nosniff')
        .send(text),
    )
  }
  asset('/assets/page.css', 'text/css', pageStyle)
  asset('/assets/connect.js', 'text/javascript', connectScript)

  await app.register(async (inside) => {
    // These pages answer people: errors are pages too, and forms are the only bodies.
    inside.setErrorHandler(async (error, request, reply) => sendFault(reply, asMooringError(error), request.id))
    inside.removeAllContentTypeParsers()
    inside.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 65_536 }, (_request, body, done) =>
      done(null, body),
    )
    callbackRoutes(inside, parts)
    connectSessionRoutes(inside, parts, auditor)

    inside.get<OfToken>('/connect/:token', async (request, reply) => {
      const { token } = request.params
      const view = await authorizer.view(token)
      const { attempt } = view.outcome
      const cookie = request.cookies[bindingCookie(attempt.id)]
      const bound = isBoundTo(attempt, cookie)
      // Begun by a program, with a code that anybody's device may have been used for.
      const unbound = attempt.bindingHash === null && attempt.state === 'succeeded'
      if (attempt.state !== 'waiting') {
        if (bound || unbound) {
          const back = view.outcome.returnTo ?? (await backToSession(parts.connectSessions, request, view.outcome))
          return back === null ? sendOutcome(reply, view.outcome) : reply.redirect(back, 303)
        }
        return sendPage(
          reply,
          410,
          'This sign-in is over',
          '<h1>This sign-in is over</h1><p>It ended or took longer than ten minutes. Go back to where you came from and begin a new one.</p>',
        )
      }
      if (attempt.question !== null) {
        if (attempt.bindingHash === null)
          return sendPage(reply, 200, 'Another account', elsewhereBody(attempt.question))
        if (!bound) throw otherBrowser()
        const { linkName } = view.outcome.connection
        return sendPage(reply, 200, 'Another account', questionBody(view, attempt.question, token), {
          told: { attempt: attempt.id, connection: linkName, state: attempt.state },
        })
      }
      const holder = await door.sessionCaller(request.headers)
      const isHolder = holder !== undefined && stableId(holder) === attempt.begunBy
      if (view.device !== null) {
        if (attempt.bindingHash === null ? isPerson(attempt.begunBy) && !isHolder : !bound) throw otherBrowser()
        void reply.header('Refresh', view.device.intervalSeconds)
        return sendPage(reply, 200, `Connect ${view.service}`, deviceBody(view, view.device))
      }
      if (isHolder && isVisit(request)) return leave(reply, await authorizer.start(token, cookie, holder), publicUrl())
      const mayGoOn = isHolder || !isPerson(attempt.begunBy)
      return sendPage(reply, 200, `Connect ${view.service}`, connectBody(view, mayGoOn ? token : null))
    })

    inside.post<OfToken>('/connect/:token/start', async (request, reply) => {
      demandOwnOrigin(request.headers, publicUrl(), formOfAnother)
      const { token } = request.params
      const { attempt } = (await authorizer.view(token)).outcome
      const holder = await door.sessionCaller(request.headers)
      const left = await authorizer.start(token, request.cookies[bindingCookie(attempt.id)], holder)
      return leave(reply, left, publicUrl())
    })

    inside.post<OfToken>('/connect/:token/answer', async (request, reply) => {
      demandOwnOrigin(request.headers, publicUrl(), formOfAnother)
      const { token } = request.params
      const replace = readForm(request).get('replace')
      if (replace !== 'true' && replace !== 'false')
        throw new MooringError('malformed_request', {
          detail: 'The form says neither to replace the account nor to keep it.',
          hint: 'Use the buttons of the page.',
        })
      const { attempt } = (await authorizer.view(token)).outcome
      const cookie = request.cookies[bindingCookie(attempt.id)]
      const outcome = await authorizer.answerInBrowser(token, cookie, replace === 'true')
      await written()
      if (isAnswer(outcome.attempt, replace === 'true')) {
        await auditor.done(actsOfPages.answer, request, {
          caller: beginnerOf(attempt),
          params: { connection: outcome.connection.linkName },
          query: undefined,
          body: { replace: replace === 'true' },
          reply: undefined,
          notes: ['In the browser that signed in.'],
        })
      }
      const over = outcome.attempt.state !== 'waiting'
      const back = over ? (outcome.returnTo ?? (await backToSession(parts.connectSessions, request, outcome))) : null
      return reply.header('Cache-Control', 'no-store').redirect(back ?? `/connect/${token}`, 303)
    })
  })
}

/** Somebody opens it, now. Loading it ahead, in a frame or with HEAD must not begin anything. */
function isVisit({ method, headers }: FastifyRequest): boolean {
  const purposes = [headers['sec-purpose'], headers['purpose'], headers['x-purpose'], headers['x-moz']].join(' ')
  const destination = headers['sec-fetch-dest'] ?? 'document'
  return method === 'GET' && destination === 'document' && !/prefetch|prerender|preview/i.test(purposes)
}

function otherBrowser(): MooringError {
  return new MooringError('forbidden', {
    detail: 'This sign-in belongs to another browser.',
    hint: 'Answer in the browser that signed in.',
  })
}
