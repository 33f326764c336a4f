/** The one way in: an API key in the Authorization header, or a person's session cookie. */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { MooringError } from '../errors.ts'
import { tokenHash } from '../ids.ts'
import type { Caller, CallerSession } from './caller.ts'
import { readCookie, sessionCookie } from './cookie.ts'
import type { Keys } from './key.ts'
import { demandOwnOrigin } from './origin.ts'
import type { Sessions } from './session.ts'

/** What of a request says who makes it. */
export interface Asking {
  method?: string | undefined
  headers: IncomingHttpHeaders
}

export interface Door {
  /**
   * Throws unauthenticated; forbidden for a write with a cookie that may be another site's doing (S-54). `use`: whether a
   * session lives longer by it, true unless it is said.
   */
  authenticate(request: Asking, use?: boolean): Caller | Promise<Caller>
  /** Who holds the session of these cookies; undefined where nobody does. For pages, which need no caller. */
  sessionCaller(headers: IncomingHttpHeaders): Promise<Caller | undefined>
}

export function createDoor({
  keys,
  sessions,
  publicUrl,
}: {
  keys: Pick<Keys, 'authenticate'>
  sessions: Pick<Sessions, 'caller'>
  publicUrl: () => string
}): Door {
  const holder = async (headers: IncomingHttpHeaders, use: boolean): Promise<Caller | undefined> => {
    const token = readCookie(headers, sessionCookie(publicUrl()))
    return token === undefined || token === '' ? undefined : sessions.caller(token, use)
  }

  const bySession = async ({ method, headers }: Asking, use: boolean): Promise<Caller> => {
    const caller = await holder(headers, use)
    if (caller?.session === undefined) {
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
    authenticate(request, use = true) {
      const { authorization } = request.headers
      return authorization === undefined && request.headers.cookie !== undefined
        ? bySession(request, use)
        : keys.authenticate(authorization)
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
