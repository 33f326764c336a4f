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
  previewService: ['POST', '/v1/services/preview'],
  exportService: ['GET', '/v1/services/{service}/export'],
  exportConnection: ['GET', '/v1/connections/{connection}/export'],
  importServices: ['POST', '/v1/services/import'],
  listCatalogue: ['GET', '/v1/catalogue'],
  listCatalogueCategories: ['GET', '/v1/catalogue/categories'],
  getCatalogueEntry: ['GET', '/v1/catalogue/{id}'],
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
  answerAttempt: ['POST', '/v1/connections/{connection}/attempts/{id}/answer'],
  cancelAttempt: ['DELETE', '/v1/connections/{connection}/attempts/{id}'],
  getUsage: ['GET', '/v1/connections/{connection}/usage'],
  createConnectSession: ['POST', '/v1/connect-sessions'],
  listActivity: ['GET', '/v1/connections/{connection}/activity'],
  listWorkspaceActivity: ['GET', '/v1/activity'],
  getSignInOptions: ['GET', '/v1/sign-in'],
  setUp: ['POST', '/v1/setup'],
  signIn: ['POST', '/v1/session'],
  getSession: ['GET', '/v1/session'],
  signOut: ['DELETE', '/v1/session'],
  updateProfile: ['PATCH', '/v1/session/user'],
  listSessions: ['GET', '/v1/sessions'],
  deleteSession: ['DELETE', '/v1/sessions/{id}'],
  listUsers: ['GET', '/v1/users'],
  updateUser: ['PATCH', '/v1/users/{id}'],
  deleteUser: ['DELETE', '/v1/users/{id}'],
  createPasswordLink: ['POST', '/v1/users/{id}/password-link'],
  resetPassword: ['POST', '/v1/password-reset'],
  createInvitation: ['POST', '/v1/invitations'],
  listInvitations: ['GET', '/v1/invitations'],
  deleteInvitation: ['DELETE', '/v1/invitations/{id}'],
  viewInvitation: ['POST', '/v1/invitations/view'],
  acceptInvitation: ['POST', '/v1/invitations/accept'],
  listAuditLog: ['GET', '/v1/audit-log'],
  verifyAuditLog: ['GET', '/v1/audit-log/verify'],
  createApiKey: ['POST', '/v1/api-keys'],
  listApiKeys: ['GET', '/v1/api-keys'],
  deleteApiKey: ['DELETE', '/v1/api-keys/{id}'],
  rollApiKey: ['POST', '/v1/api-keys/{id}/roll'],
  whoami: ['GET', '/v1/whoami'],
  listEvents: ['GET', '/v1/events'],
  getSystem: ['GET', '/v1/system'],
  getEncryption: ['GET', '/v1/system/keys'],
  rotateKeys: ['POST', '/v1/system/keys/rotate'],
  verifyKeys: ['POST', '/v1/system/keys/verify'],
  listJobs: ['GET', '/v1/system/jobs'],
  getJob: ['GET', '/v1/system/jobs/{id}'],
  pauseJob: ['POST', '/v1/system/jobs/{id}/pause'],
  resumeJob: ['POST', '/v1/system/jobs/{id}/resume'],
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
