/** The cookies of an answer. */
import { fields as field } from '@mooring/contract'

export interface Cookie {
  name: string
  value: string
  expiresAt: number | null
}

/**
 * The cookies that an answer sets (RFC 6265 section 5.2), less those it deletes. Domain and Path are not looked at: a
 * session goes to the service's hosts, which its definition says, and nowhere else.
 */
export function cookiesOf(headers: Headers, now: number): Cookie[] {
  const kept = new Map<string, Cookie>()
  for (const line of headers.getSetCookie()) {
    const [pair = '', ...attributes] = line.split(';')
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, equals)).trim()
    if (equals < 1 || !field.httpToken.test(name)) continue
    const said = new Map(
      attributes.map((attribute): [string, string] => {
        const [key = '', ...rest] = attribute.split('=')
        return [key.trim().toLowerCase(), rest.join('=').trim()]
      }),
    )
    // Max-Age is stronger than Expires (section 5.3).
    const age = said.get('max-age') ?? ''
    const date = Date.parse(said.get('expires') ?? '')
    const expiresAt = /^-?\d+$/.test(age) ? now + Number(age) * 1000 : Number.isNaN(date) ? null : date
    kept.delete(name)
    if (expiresAt === null || expiresAt > now) kept.set(name, { name, value: pair.slice(equals + 1).trim(), expiresAt })
  }
  return [...kept.values()]
}
