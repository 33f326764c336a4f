/** A connection, for people. */
import type { Connection } from '@mooring/sdk'
import { type Output, plain } from '../../output.ts'
import { relativeTime, statusWords } from '../../words.ts'

export function printConnection(output: Output, connection: Connection, now: Date): void {
  if (output.json) {
    output.printJson(connection)
    return
  }
  const { service, scopes, grantedScopes, parameters, lastError } = connection
  output.details([
    ['Connection', `${connection.linkName} (${plain(connection.name)})`],
    ['Status', statusWords(connection, output.style)],
    ['Service', `${service.linkName} (${plain(service.name)}, ${service.authType})`],
    ['Account', connection.account === null ? undefined : plain(connection.account)],
    ['Authorized by', connection.authorizationLevel === 'per_user' ? 'each user' : 'one, for all'],
    ['Scopes', scopes.length === 0 ? undefined : plain(scopes.join(' '))],
    ['Granted', grantedScopes === null ? undefined : plain(grantedScopes.join(' '))],
    ...Object.entries(parameters).map(([name, value]): [string, string] => [plain(name), plain(value)]),
    ['Expires', connection.expiresAt === null ? undefined : relativeTime(connection.expiresAt, now)],
    ['Next refresh', connection.nextRefreshAt === null ? undefined : relativeTime(connection.nextRefreshAt, now)],
    ['Refreshed', connection.lastRefreshedAt === null ? undefined : relativeTime(connection.lastRefreshedAt, now)],
    ['Last used', relativeTime(connection.lastUsedAt, now)],
    ['Last error', lastError === null ? undefined : `${plain(lastError.detail)} (${relativeTime(lastError.at, now)})`],
    ['Fix', lastError?.hint ? plain(lastError.hint) : undefined],
  ])
}
