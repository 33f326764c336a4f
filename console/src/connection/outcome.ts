/** What there is to say about a connection that has just been authorized. */
import type { Authorization, Connection } from '@mooring/sdk'
import { client } from '../data/client.ts'
import { missingScopes } from '../words/status.ts'
import { span } from '../words/time.ts'

export interface Remark {
  code: 'fewer_scopes' | 'no_renewal' | 'not_tested'
  title: string
  detail: string
  scopes?: string[]
}

type Facts = Pick<Connection, 'scopes' | 'grantedScopes' | 'autoRefresh' | 'expiresAt'>

/** Good news with a catch; empty where there is none. `redirects`: by signing in at the provider. */
export async function remarksOn(
  connection: Connection,
  user: string | undefined,
  { redirects, now }: { redirects: boolean; now: number },
): Promise<Remark[]> {
  if (user === undefined) return remarksOf(connection, connection, { redirects, now })
  const { items } = await client.connections.authorizations(connection.linkName, { limit: 100 })
  const theirs = items.find((one) => one.user === user)
  return theirs === undefined ? [] : remarksOf(connection, factsOf(theirs), { redirects, now })
}

function factsOf({ requestedScopes, ...rest }: Authorization): Facts {
  return { ...rest, scopes: requestedScopes }
}

function remarksOf(
  { service, verifiedAt, authorizationLevel }: Connection,
  facts: Facts,
  { redirects, now }: { redirects: boolean; now: number },
): Remark[] {
  const remarks: Remark[] = []
  const missing = missingScopes(facts)
  if (missing.length > 0) {
    remarks.push({
      code: 'fewer_scopes',
      title: `Connected without ${missing.length} of the scopes you asked for`,
      detail: `${service.name} granted the others. Calls that need these will be refused.`,
      scopes: missing,
    })
  }
  if (redirects && !facts.autoRefresh && facts.expiresAt !== null) {
    remarks.push({
      code: 'no_renewal',
      title: `Connected, but only for ${minutes(Date.parse(facts.expiresAt) - now)}`,
      detail: `${service.name} sent no refresh token, so somebody has to sign in again after that. Many providers send one only when the sign-in asks for offline access; the service decides what it asks for.`,
    })
  }
  if (!redirects && authorizationLevel === 'shared' && verifiedAt === null) {
    remarks.push({
      code: 'not_tested',
      title: 'Saved, not tested yet',
      detail: 'Nothing has been sent with it so far. Send a request to see whether it is accepted.',
    })
  }
  return remarks
}

function minutes(milliseconds: number): string {
  const count = Math.max(1, Math.round(milliseconds / 60_000))
  if (count >= 120) return span(milliseconds)
  return count === 1 ? '1 minute' : `${count} minutes`
}
