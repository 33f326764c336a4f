/** The one way in: an API key in the Authorization header, or a person's session cookie. */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { MooringError } from '../errors.ts'
import { tokenHash } from '../ids.ts'
import type { Caller, CallerSession } from './caller.ts'
import { readCookie, sessionCookie } from './cookie.ts'
import type { Keys } from './key.ts'
import type { Limits, Peer } from './limits.ts'
import { demandOwnOrigin } from './origin.ts'
import type { Sessions } from './session.ts'

/** What of a request says who makes it. */
export interface Asking extends Peer {
  method?: string | undefined
}

export interface Door {
  /**
   * Throws unauthenticated; forbidden for a write with a cookie that may be another site's doing (S-54). `use`: whether a
   * session lives longer by it and the request counts, true unless it is said. `what`: the limit that it counts for.
   * Throws rate_limited.
   */
  authenticate(request: Asking, use?: boolean, what?: 'managing' | 'calling'): Caller | Promise<Caller>
  /** Who holds the session of these cookies; undefined where nobody does. For pages, which need no caller. */
  sessionCaller(headers: IncomingHttpHeaders): Promise<Caller | undefined>
}

export function createDoor({
  keys,
  sessions,
  limits,
  publicUrl,
}: {
  keys: Pick<Keys, 'authenticate'>
  sessions: Pick<Sessions, 'caller'>
  limits: Pick<Limits, 'managing' | 'calling' | 'stranger' | 'patient'>
  publicUrl: () => string
}): Door {
  const holder = async (headers: IncomingHttpHeaders, use: boolean): Promise<Caller | undefined> => {
    const token = readCookie(headers, sessionCookie(publicUrl()))
    return token === undefined || token === '' ? undefined : sessions.caller(token, use)
  }

  const bySession = async (request: Asking, use: boolean): Promise<Caller> => {
    const { method, headers } = request
    limits.patient(request)
    const caller = await holder(headers, use)
    if (caller?.session === undefined) {
      limits.stranger(request)
      throw new MooringError('unauthenticated', {
        detail: 'Nobody is signed in: the session has ended, or there is none.',
        hint: 'Sign in, or send an API key as "Authorization: Bearer mk_…".',
      })
    }
    if (method !== 'GET' && method !== 'HEAD') {
      demandOwnOrigin(headers, publicUrl())
      demandCsrfToken(caller.session, headers['x-csrf-token'])
    }
    return caller
  }

  return {
    sessionCaller: (headers) => holder(headers, true),
    authenticate(request, use = true, what = 'managing') {
      const { authorization } = request.headers
      const known =
        authorization === undefined && request.headers.cookie !== undefined
          ? bySession(request, use)
          : keys.authenticate(authorization, request)
      if (!use) return known
      const counted = (caller: Caller): Caller => {
        limits[what](caller)
        return caller
      }
      return known instanceof Promise ? known.then(counted) : counted(known)
    },
  }
}

function demandCsrfToken({ csrfToken }: CallerSession, given: string | string[] | undefined): void {
  // Hashed, so that both have one length.
  const [wanted, brought] = [csrfToken, String(given)].map((text) => Buffer.from(tokenHash(text)))
  if (given !== undefined && wanted !== undefined && brought !== undefined && timingSafeEqual(wanted, brought)) return
  throw new MooringError('forbidden', {
    detail: 'A write with a session needs its token in the header X-CSRF-Token.',
    hint: 'Read csrfToken from GET /v1/session and send it with the write.',
  })
}
