/** `/connect/s/{token}`: the page on which an end user without an account connects (S-8). It works without script. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { demandOwnOrigin } from '../access/origin.ts'
import type { Authorizer } from '../connection/authorize.ts'
import type { Offer } from '../connection/connect_offer.ts'
import { type Connecting, type ConnectSessions, endUser, sessionBindingCookie } from '../connection/connect_session.ts'
import type { Outcome } from '../connection/finish.ts'
import { notFound } from '../errors.ts'
import { tokenHash } from '../ids.ts'
import type { ConnectSessionRecord } from '../store.ts'
import { actsOfPages } from './acts.ts'
import type { Auditor } from './auditor.ts'
import { formOfAnother, leave, readForm } from './connect_form.ts'
import { sendPage } from './pages.ts'
import {
  connectedNotice,
  promptBody,
  refusalNotice,
  resultNotice,
  sessionBody,
  type SessionView,
} from './session_view.ts'

export interface ConnectSessionRouteParts {
  authorizer: Authorizer
  connectSessions: ConnectSessions
  publicUrl: () => string
  written: () => Promise<void>
}

interface OfSession {
  Params: { token: string }
  Querystring: Record<string, unknown>
}
interface OfOffer {
  Params: { token: string; connection: string }
}

export function connectSessionRoutes(
  pages: FastifyInstance,
  { authorizer, connectSessions, publicUrl, written }: ConnectSessionRouteParts,
  auditor: Auditor,
): void {
  /** The session of an address, for this browser; undefined where the page that says why not was sent. */
  const opened = async (
    request: FastifyRequest,
    token: string,
    reply: FastifyReply,
  ): Promise<SessionView | undefined> => {
    const session = await connectSessions.find(token)
    if (connectSessions.isOver(session)) {
      await sendPage(reply, 410, 'This link has expired', overBody)
      return undefined
    }
    const cookie = bindingIn(request, session)
    if (session.bindingHash !== null && (cookie === undefined || tokenHash(cookie) !== session.bindingHash)) {
      await sendPage(reply, 403, 'This link is in use in another browser', takenBody)
      return undefined
    }
    const [workspace, offers] = await Promise.all([
      connectSessions.workspaceOf(session),
      connectSessions.offers(session),
    ])
    return { session, workspace, offers, token }
  }

  const resultOf = async ({ session, offers }: SessionView, query: OfSession['Querystring']): Promise<string> => {
    const { connected, attempt: id } = query
    const done = offers.find(({ linkName, state }) => linkName === connected && state === 'connected')
    if (done !== undefined) return connectedNotice(done.service)
    const attempt = typeof id === 'string' ? await connectSessions.attempt(session, id) : undefined
    return attempt === undefined || attempt.state === 'waiting' ? '' : resultNotice(await authorizer.outcomeOf(attempt))
  }

  pages.get<OfSession>('/connect/s/:token', async (request, reply) => {
    const view = await opened(request, request.params.token, reply)
    if (view === undefined) return reply
    const result = await resultOf(view, request.query)
    return sendPage(reply, 200, 'Connect your accounts', sessionBody(view, result), { width: 'medium' })
  })

  pages.get<OfOffer>('/connect/s/:token/:connection', async (request, reply) => {
    const view = await opened(request, request.params.token, reply)
    if (view === undefined) return reply
    const offer = offerIn(view, request.params.connection)
    if (offer.fields.length === 0) return reply.redirect(`/connect/s/${view.token}`, 303)
    return sendPage(reply, 200, `Connect ${offer.service}`, promptBody(offer, view, null))
  })

  pages.post<OfOffer>('/connect/s/:token/:connection', async (request, reply) => {
    demandOwnOrigin(request.headers, publicUrl(), formOfAnother)
    const view = await opened(request, request.params.token, reply)
    if (view === undefined) return reply
    const { session, token } = view
    const offer = offerIn(view, request.params.connection)
    const values = offer.fields.length === 0 ? undefined : valuesOf(offer, readForm(request))
    const binding = await connectSessions.bind(session, bindingIn(request, session))
    void reply.setCookie(sessionBindingCookie(session), `${binding}.${token}`, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: publicUrl().startsWith('https:'),
      expires: new Date(session.expiresAt),
    })
    const told = {
      caller: endUser(session),
      params: { connection: offer.linkName },
      query: undefined,
      body: offer.shared ? {} : { user: session.user },
    }
    const result = await connectSessions.connect(session, offer.linkName, values, request.ip)
    if (result.kind === 'refused') {
      await auditor.failed(actsOfPages.authorize, request, told, result.error)
      await written()
      return sendRefusal(reply, view, offer, values ?? {}, result)
    }
    await auditor.done(actsOfPages.authorize, request, { ...told, reply: result })
    await written()
    if (result.kind === 'left') return leave(reply, result.left, publicUrl())
    const way = await connectSessions.wayOn(session, offer.linkName)
    return reply
      .header('Cache-Control', 'no-store')
      .redirect(way ?? `/connect/s/${token}?connected=${encodeURIComponent(offer.linkName)}`, 303)
  })
}

/** At the field where it is known, else on top; nothing typed is lost but secrets. */
async function sendRefusal(
  reply: FastifyReply,
  view: SessionView,
  offer: Offer,
  values: Record<string, string>,
  { error, diagnosis, errors }: Extract<Connecting, { kind: 'refused' }>,
): Promise<FastifyReply> {
  const status = error.status === 429 ? 429 : 422
  return offer.fields.length > 0
    ? sendPage(reply, status, `Error: Connect ${offer.service}`, promptBody(offer, view, { values, errors, diagnosis }))
    : sendPage(reply, status, 'Not connected', sessionBody(view, refusalNotice(diagnosis)), { width: 'medium' })
}

/** Where an attempt that was begun from a connect page goes on; null where it was not, or the page is over. */
export async function backToSession(
  connectSessions: ConnectSessions,
  request: FastifyRequest,
  { attempt, connection }: Outcome,
): Promise<string | null> {
  const session = await connectSessions.ofAttempt(attempt)
  if (session === undefined) return null
  // Only the browser knows the address; what is stored is its hash.
  const token = request.cookies[sessionBindingCookie(session)]?.split('.')[1] ?? ''
  if (tokenHash(token) !== session.tokenHash) return null
  const way = attempt.state === 'succeeded' ? await connectSessions.wayOn(session, connection.linkName) : null
  return way ?? `/connect/s/${token}?attempt=${attempt.id}`
}

function bindingIn(request: FastifyRequest, session: ConnectSessionRecord): string | undefined {
  return request.cookies[sessionBindingCookie(session)]?.split('.')[0]
}

function offerIn({ offers }: SessionView, linkName: string): Offer {
  const offer = offers.find((one) => one.linkName === linkName)
  if (offer === undefined) throw notFound('connection')
  return offer
}

function valuesOf({ fields }: Offer, form: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap(({ key }) => {
      const value = form.get(key)
      return value === null || value === '' ? [] : [[key, value]]
    }),
  )
}

const overBody =
  '<h1>This link has expired</h1><p>It worked for thirty minutes. Ask whoever sent it for a new one; what you have connected stays connected.</p>'
const takenBody =
  '<h1>This link is in use in another browser</h1><p>Go on in the browser that you began in, or ask whoever sent the link for a new one.</p>'
