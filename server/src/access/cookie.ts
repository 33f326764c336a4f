/** The session's cookie. */
import type { IncomingHttpHeaders } from 'node:http'

export interface CookieAttributes {
  path: '/'
  httpOnly: true
  sameSite: 'lax'
  secure: boolean
}

/**
 * `__Host-` (RFC 6265bis section 4.1.3.2) makes the browser refuse it from another host or without TLS; over plain http,
 * which only a machine of one's own should speak, browsers know no such name.
 */
export function cookieName(name: string, publicUrl: string): string {
  return publicUrl.startsWith('https:') ? `__Host-${name}` : name
}

export function sessionCookie(publicUrl: string): string {
  return cookieName('mooring_session', publicUrl)
}

/** Lax, not Strict: whoever follows a link to the console from elsewhere is signed in there. */
export function cookieAttributes(publicUrl: string): CookieAttributes {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: publicUrl.startsWith('https:') }
}

/** One cookie of a request; the first where a browser sends several of the name. */
export function readCookie(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const equals = pair.indexOf('=')
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}
