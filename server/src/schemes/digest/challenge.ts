/** What an API asks for in WWW-Authenticate (RFC 9110 section 11.6.1), and of that what Digest takes (RFC 7616 section 3.3). */

/** By what an API may ask, from the weakest; `-sess` of each besides. */
export const hashes = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const
export type HashName = keyof typeof hashes

export interface Challenge {
  /** As it came, between its quotes: what is hashed and sent back is the same. One character a byte. */
  realm: string
  nonce: string
  opaque: string | undefined
  /** As it came; undefined where the API names none, which means MD5. */
  algorithm: string | undefined
  hash: HashName
  session: boolean
  /** Offered; empty where the API knows none (RFC 2069). */
  qop: string[]
  stale: boolean
  utf8: boolean
  userhash: boolean
}

interface Parsed {
  scheme: string
  parameters: Map<string, string>
}

const token = "[!#$%&'*+\\-.^_`|~A-Za-z0-9]+"
// No control character belongs in a quoted text (RFC 9110 section 5.6.4), so none comes back out of one.
const quoted = '"((?:[^"\\\\\\0-\\x1f\\x7f]|\\\\[^\\0-\\x1f\\x7f])*)"'

/** Every challenge in these values, in order. What cannot be read is passed over. */
function parse(values: string[]): Parsed[] {
  const found: Parsed[] = []
  for (const value of values) {
    const part = new RegExp(`[\\s,]*(${token})(?:\\s*=\\s*(?:${quoted}|(${token})))?`, 'y')
    while (part.lastIndex < value.length) {
      const from = part.lastIndex
      const match = part.exec(value)
      if (match === null) {
        const comma = value.indexOf(',', from + 1)
        if (comma === -1) break
        part.lastIndex = comma
        continue
      }
      const [, name = '', text, bare] = match
      const content = text ?? bare
      if (content === undefined) found.push({ scheme: name.toLowerCase(), parameters: new Map() })
      else found.at(-1)?.parameters.set(name.toLowerCase(), content)
    }
  }
  return found
}

/** The parameters of a header that is a list of them alone: Authentication-Info (RFC 7615). */
export function parametersOf(value: string): Map<string, string> {
  return parse([`x ${value}`])[0]?.parameters ?? new Map<string, string>()
}

function isHash(name: string): name is HashName {
  return Object.hasOwn(hashes, name)
}

/** The first Digest challenge with a hash that is allowed: the API puts what it prefers first (RFC 7616 section 3.7). */
export function digestChallenge(values: string[], allowed: (hash: HashName) => boolean): Challenge | undefined {
  for (const { scheme, parameters } of parse(values)) {
    if (scheme !== 'digest') continue
    const algorithm = parameters.get('algorithm')
    const upper = (algorithm ?? 'MD5').toUpperCase()
    const session = upper.endsWith('-SESS')
    const hash = session ? upper.slice(0, -5) : upper
    const [realm, nonce] = [parameters.get('realm'), parameters.get('nonce')]
    if (realm === undefined || nonce === undefined || !isHash(hash) || !allowed(hash)) continue
    return {
      realm,
      nonce,
      opaque: parameters.get('opaque'),
      algorithm,
      hash,
      session,
      qop: (parameters.get('qop') ?? '')
        .toLowerCase()
        .split(/[\s,]+/)
        .filter((each) => each === 'auth' || each === 'auth-int'),
      stale: parameters.get('stale')?.toLowerCase() === 'true',
      utf8: parameters.get('charset')?.toUpperCase() === 'UTF-8',
      userhash: parameters.get('userhash')?.toLowerCase() === 'true',
    }
  }
  return undefined
}
