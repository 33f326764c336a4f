/** What became of a revocation. */
import type { Activity, RevokedConnection } from '@mooring/sdk'

export interface RevocationWords {
  title: string
  description: string
  confirmed: boolean
}

export function revocationWords({
  name,
  service,
  providerRevocation,
}: Pick<RevokedConnection, 'name' | 'service' | 'providerRevocation'>): RevocationWords {
  switch (providerRevocation) {
    case 'done':
      return { title: `${name} is revoked`, description: `${service.name} confirmed it.`, confirmed: true }
    case 'failed':
      return notConfirmed(service.name)
    case 'not_configured':
      return {
        title: `${name} is revoked`,
        description: `${service.name} has no address that could be told. What it gave is deleted here.`,
        confirmed: true,
      }
    default:
      return providerRevocation satisfies never
  }
}

export function notConfirmed(service: string): RevocationWords {
  return {
    title: `Revoked here. ${service} did not confirm`,
    description: `Remove the app at ${service} yourself. The connection is unusable either way.`,
    confirmed: false,
  }
}

/** The last revocation in an activity list, newest first, and whether the provider left it unconfirmed. */
export function lastRevocation(
  items: readonly Activity[],
): { revoked: Activity | undefined; unconfirmed: boolean } | undefined {
  const at = items.findIndex(({ type }) => type === 'connection.revoked')
  if (at === -1) return undefined
  const unconfirmed = items
    .slice(0, at)
    .some(({ type, ok, cause }) => type === 'connection.updated' && !ok && cause === 'revocation')
  return { revoked: items[at], unconfirmed }
}
