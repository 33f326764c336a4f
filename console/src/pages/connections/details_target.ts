/** What a new connection is made of: a service that is there, or a ready-made one that is set up along with it. */
import type { CatalogueEntry, ConnectionInput, Placeholder, Service } from '@mooring/sdk'
import { logoOfEntry } from '../../data/catalogue.ts'
import { logoOf } from '../../data/services.ts'

export interface Target {
  name: string
  description: string
  logoUrl: string | null
  authType: string
  scopes: readonly { name: string; value: string }[]
  placeholders: readonly Placeholder[]
  /** True where a person is sent to the provider. */
  redirects: boolean
  /** What only the user can bring, with the guide to it; null where everything is set up. */
  entry: CatalogueEntry | null
  /** As a new connection names it. `brought`: what was filled in for `entry`. */
  service: (brought: Record<string, string>) => ConnectionInput['service']
}

/** `redirects`: whether services of its type may send people anywhere. */
export function targetOfService(service: Service, redirects: boolean): Target {
  const { name, description, auth, scopes, placeholders, linkName } = service
  return {
    name,
    description,
    logoUrl: logoOf(service),
    authType: auth?.type ?? '',
    scopes,
    placeholders,
    // A variant of the type that has no such address sends nobody anywhere.
    redirects: redirects && typeof auth?.['authorizationUrl'] === 'string',
    entry: null,
    service: () => linkName,
  }
}

/** `callbackId`: of the callback URL that was shown for it. */
export function targetOfEntry(entry: CatalogueEntry, callbackId: string): Target {
  const { id, name, description, authType, scopes, placeholders, redirects } = entry
  return {
    name,
    description,
    logoUrl: logoOfEntry(entry),
    authType,
    scopes,
    placeholders,
    redirects,
    entry,
    service: (brought) => ({ from: id, callbackId, ...(Object.keys(brought).length === 0 ? {} : { auth: brought }) }),
  }
}
