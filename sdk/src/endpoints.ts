/** Method and path of every route, held to the contract by the compiler; nothing of the contract is loaded at run time. */
import type { RouteName, Routes } from '@mooring/contract'

export const endpoints = {
  createService: ['POST', '/v1/services'],
  listServices: ['GET', '/v1/services'],
  getService: ['GET', '/v1/services/{service}'],
  updateService: ['PATCH', '/v1/services/{service}'],
  deleteService: ['DELETE', '/v1/services/{service}'],
  readyService: ['POST', '/v1/services/{service}/ready'],
  cloneService: ['POST', '/v1/services/{service}/clone'],
  replaceServiceSecrets: ['PUT', '/v1/services/{service}/secrets'],
  addScope: ['POST', '/v1/services/{service}/scopes'],
  listScopes: ['GET', '/v1/services/{service}/scopes'],
  updateScope: ['PATCH', '/v1/services/{service}/scopes/{id}'],
  deleteScope: ['DELETE', '/v1/services/{service}/scopes/{id}'],
  deleteScopes: ['DELETE', '/v1/services/{service}/scopes'],
  listAuthTypes: ['GET', '/v1/auth-types'],

  createConnection: ['POST', '/v1/connections'],
  listConnections: ['GET', '/v1/connections'],
  getConnection: ['GET', '/v1/connections/{connection}'],
  updateConnection: ['PATCH', '/v1/connections/{connection}'],
  deleteConnection: ['DELETE', '/v1/connections/{connection}'],
  promptConnection: ['GET', '/v1/connections/{connection}/prompt'],
  authorizeConnection: ['POST', '/v1/connections/{connection}/authorize'],
  refreshConnection: ['POST', '/v1/connections/{connection}/refresh'],
  testConnection: ['POST', '/v1/connections/{connection}/test'],
  revokeConnection: ['POST', '/v1/connections/{connection}/revoke'],
  getCredentials: ['GET', '/v1/connections/{connection}/credentials'],
  invokeConnection: ['POST', '/v1/connections/{connection}/invoke'],
  listAuthorizations: ['GET', '/v1/connections/{connection}/authorizations'],
  listAttempts: ['GET', '/v1/connections/{connection}/attempts'],
  getAttempt: ['GET', '/v1/connections/{connection}/attempts/{id}'],
  listActivity: ['GET', '/v1/connections/{connection}/activity'],

  createApiKey: ['POST', '/v1/api-keys'],
  listApiKeys: ['GET', '/v1/api-keys'],
  deleteApiKey: ['DELETE', '/v1/api-keys/{id}'],
  whoami: ['GET', '/v1/whoami'],
  listEvents: ['GET', '/v1/events'],
  getSystem: ['GET', '/v1/system'],
} as const satisfies { [N in RouteName]: readonly [Routes[N]['method'], Routes[N]['path']] }

/** A path with its `{names}` filled in. A name that would lead to another route is refused. */
export function fillPath(path: string, params: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => segment(params[name], name))
}

/** One segment of a path. `what` names it in the error for a value that cannot be one. */
export function segment(value: string | undefined, what: string): string {
  if (value === undefined || value === '' || value === '.' || value === '..') {
    throw new TypeError(`Name the ${what}; ${JSON.stringify(value ?? '')} cannot be one.`)
  }
  return encodeURIComponent(value)
}
