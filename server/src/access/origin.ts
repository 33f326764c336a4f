/** Where a browser says a request comes from (S-8, S-54). Programs send neither header. */
import type { IncomingHttpHeaders } from 'node:http'
import { MooringError } from '../errors.ts'

/** Another site's page must not act in this browser. Throws forbidden. */
export function demandOwnOrigin(
  headers: IncomingHttpHeaders,
  publicUrl: string,
  told: { detail: string; hint: string } = {
    detail: 'This request was sent from another site.',
    hint: `Open the console at ${new URL(publicUrl).origin}, which is what MOORING_PUBLIC_URL says.`,
  },
): void {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  const own = origin === undefined || origin === new URL(publicUrl).origin
  if (own && (site === undefined || site === 'same-origin' || site === 'none')) return
  throw new MooringError('forbidden', told)
}
