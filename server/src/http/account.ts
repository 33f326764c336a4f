/** Coming in, going out, and one's own account. */
import { routes } from '@mooring/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { cookieAttributes, readCookie, sessionCookie } from '../access/cookie.ts'
import { demandSession } from '../access/caller.ts'
import type { Profile } from '../access/profile.ts'
import type { Browser } from '../access/session.ts'
import type { Arrival, SignIn } from '../access/sign_in.ts'
import type { Serve } from './route.ts'

export interface AccountRouteParts {
  signIn: SignIn
  profile: Profile
  identityProvider: { name: string } | null
  publicUrl: () => string
}

const anybody = { permission: null } as const

/** Where a request to sign in comes from. */
export function browserOf(request: FastifyRequest, publicUrl: string): Browser {
  return {
    userAgent: request.headers['user-agent'] ?? '',
    address: request.ip,
    token: readCookie(request.headers, sessionCookie(publicUrl)),
  }
}

export function setSession(reply: FastifyReply, { begun }: Arrival, publicUrl: string): void {
  const expires = new Date(begun.record.expiresAt)
  void reply.setCookie(sessionCookie(publicUrl), begun.token, { ...cookieAttributes(publicUrl), expires })
}

export function accountRoutes(serve: Serve, { signIn, profile, identityProvider, publicUrl }: AccountRouteParts): void {
  const arrived = (reply: FastifyReply, arrival: Arrival): Arrival['session'] => {
    setSession(reply, arrival, publicUrl())
    void reply.header('Cache-Control', 'no-store')
    return arrival.session
  }
  const left = (reply: FastifyReply): void => {
    void reply.clearCookie(sessionCookie(publicUrl()), cookieAttributes(publicUrl()))
  }

  serve(routes.getSignInOptions, anybody, async () => ({
    setupNeeded: await signIn.setupNeeded(),
    provider: identityProvider && { name: identityProvider.name, url: '/oidc/start' },
  }))
  serve(routes.setUp, anybody, async ({ body, request, reply }) =>
    arrived(reply, await signIn.setUp(body, browserOf(request, publicUrl()))),
  )
  serve(routes.signIn, anybody, async ({ body, request, reply }) =>
    arrived(reply, await signIn.signIn(body, browserOf(request, publicUrl()))),
  )
  serve(routes.acceptInvitation, anybody, async ({ body, request, reply }) =>
    arrived(reply, await signIn.acceptInvitation(body, browserOf(request, publicUrl()))),
  )
  serve(routes.resetPassword, anybody, async ({ body, request, reply }) =>
    arrived(reply, await signIn.resetPassword(body, browserOf(request, publicUrl()))),
  )
  serve(routes.viewInvitation, anybody, async ({ body }) => signIn.viewInvitation(body.token))

  serve(routes.getSession, anybody, async ({ caller, reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return profile.session(caller)
  })
  serve(routes.signOut, anybody, async ({ caller, reply }) => {
    await profile.endSession(caller, demandSession(caller).id)
    left(reply)
    return undefined
  })
  serve(routes.updateProfile, anybody, async ({ caller, body, request }) => profile.update(caller, body, request.ip))
  serve(routes.listSessions, anybody, async ({ caller }) => ({ items: await profile.sessions(caller) }))
  serve(routes.deleteSession, anybody, async ({ caller, params, reply }) => {
    await profile.endSession(caller, params.id)
    if (params.id === caller.session?.id) left(reply)
    return undefined
  })
}
