/** Where a browser goes when a sign-in is over (S-14). */
import { invalid } from '../errors.ts'
import type { AttemptRecord } from '../store.ts'

export interface ReturnRules {
  publicUrl: () => string
  /** Origins besides the server's own. */
  returnOrigins: readonly string[]
}

/** As it is followed. Throws validation_failed. */
export function checkReturnTo(
  returnTo: string | undefined,
  { publicUrl, returnOrigins }: ReturnRules,
): string | undefined {
  if (returnTo === undefined) return undefined
  const own = new URL(publicUrl())
  const url = URL.parse(returnTo, own.href)
  if (url !== null && url.username === '' && (url.origin === own.origin || returnOrigins.includes(url.origin)))
    return url.href
  throw invalid([
    {
      path: 'returnTo',
      code: 'not_allowed',
      message: 'Return to this server, or to an origin listed in MOORING_RETURN_ORIGINS.',
    },
  ])
}

/** With which connection it was and how it ended. */
export function withOutcome(
  returnTo: string,
  { state }: Pick<AttemptRecord, 'state'>,
  linkName: string,
  publicUrl: string,
): string {
  const url = new URL(returnTo, publicUrl)
  url.searchParams.set('connection', linkName)
  url.searchParams.set('status', state)
  return url.href
}
