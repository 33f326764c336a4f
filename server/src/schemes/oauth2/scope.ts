/** Scopes on the wire and back. */
import type { ScopeDelimiter } from '@mooring/contract'
import { percentEncode } from '../request.ts'

/** Between percent-encoded values: exactly what each choice promises. RFC 6749 section 3.3 has the space. */
const encoded: Record<ScopeDelimiter, string> = { comma: '%2C', space: '%20', plus: '+', semicolon: '%3B' }

/** Between values where nothing is percent-encoded: a JSON body. */
const plain: Record<ScopeDelimiter, string> = { comma: ',', space: ' ', plus: '+', semicolon: ';' }

export interface JoinedScopes {
  encoded: string
  plain: string
}

/** The scopes as one value; undefined where there are none, since an empty `scope` parameter means something else. */
export function joinScopes(scopes: readonly string[], delimiter: ScopeDelimiter): JoinedScopes | undefined {
  if (scopes.length === 0) return undefined
  return {
    encoded: scopes.map(percentEncode).join(encoded[delimiter]),
    plain: scopes.join(plain[delimiter]),
  }
}

/**
 * What a token answer says was granted; null where it does not say, which means "as requested" (RFC 6749 section 5.1).
 * Providers separate by space or comma, or by what they want on the way in.
 */
export function splitScopes(scope: string | undefined, delimiter: ScopeDelimiter): string[] | null {
  const separators = { comma: /[\s,]+/, space: /[\s,]+/, plus: /[\s,+]+/, semicolon: /[\s,;]+/ }
  const values = (scope ?? '').split(separators[delimiter]).filter((value) => value !== '')
  return values.length === 0 ? null : [...new Set(values)]
}
