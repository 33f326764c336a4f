import { type RouteName, routes } from '@mooring/contract'
import { describe, expect, test } from 'vitest'
import { type Client, createClient } from './client.ts'

/** How each route of the contract is reached through the client. A route without a line here does not compile. */
const through: Record<RouteName, (client: Client) => Promise<unknown>> = {
  createService: (c) => c.services.create({ name: 'Books' }),
  listServices: (c) => c.services.list(),
  getService: (c) => c.services.get('A'),
  updateService: (c) => c.services.update('A', { name: 'Books' }),
  deleteService: (c) => c.services.delete('A'),
  readyService: (c) => c.services.ready('A'),
  cloneService: (c) => c.services.clone('A'),
  rollServiceKeys: (c) => c.services.rollKeys('A'),
  replaceServiceSecrets: (c) => c.services.replaceSecrets('A', { clientSecret: 'x' }),
  addScope: (c) => c.services.scopes.add('A', { value: 'read' }),
  listScopes: (c) => c.services.scopes.list('A'),
  updateScope: (c) => c.services.scopes.update('A', 'B', { name: 'Read' }),
  deleteScope: (c) => c.services.scopes.delete('A', 'B'),
  deleteScopes: (c) => c.services.scopes.deleteMany('A', ['B']),
  listAuthTypes: (c) => c.authTypes(),
  previewService: (c) => c.services.preview({ definition: {} }),
  exportService: (c) => c.services.export('A'),
  exportConnection: (c) => c.connections.export('A'),
  importServices: (c) => c.services.import({ curl: 'curl https://api.example.com' }),
  listCatalogue: (c) => c.catalogue.list(),
  listCatalogueCategories: (c) => c.catalogue.categories(),
  getCatalogueEntry: (c) => c.catalogue.get('A'),
  createConnection: (c) => c.connections.create({ name: 'Mine', service: 'books' }),
  listConnections: (c) => c.connections.list(),
  getConnection: (c) => c.connections.get('A'),
  updateConnection: (c) => c.connections.update('A', { enabled: false }),
  deleteConnection: (c) => c.connections.delete('A'),
  promptConnection: (c) => c.connections.prompt('A'),
  authorizeConnection: (c) => c.connections.authorize('A'),
  refreshConnection: (c) => c.connections.refresh('A'),
  testConnection: (c) => c.connections.test('A'),
  revokeConnection: (c) => c.connections.revoke('A'),
  getCredentials: (c) => c.connections.credentials('A'),
  invokeConnection: (c) => c.connections.invoke('A', { url: '/' }),
  listAuthorizations: (c) => c.connections.authorizations('A'),
  listAttempts: (c) => c.connections.attempts('A'),
  getAttempt: (c) => c.connections.attempt('A', 'B'),
  answerAttempt: (c) => c.connections.answerAttempt('A', 'B', { replace: true }),
  cancelAttempt: (c) => c.connections.cancelAttempt('A', 'B'),
  createConnectSession: (c) => c.connectSessions.create({ user: { id: 'ana' } }),
  listActivity: (c) => c.connections.activity('A'),
  getUsage: (c) => c.connections.usage('A'),
  listWorkspaceActivity: (c) => c.activity(),
  listAuditLog: (c) => c.audit.list(),
  verifyAuditLog: (c) => c.audit.verify(),
  getSignInOptions: (c) => c.session.options(),
  setUp: (c) => c.session.setUp({ token: 't', name: 'Ana', email: 'ana@example.com', password: 'a quiet harbour' }),
  signIn: (c) => c.session.signIn({ email: 'ana@example.com', password: 'a quiet harbour' }),
  getSession: (c) => c.session.get(),
  signOut: (c) => c.session.signOut(),
  updateProfile: (c) => c.session.updateProfile({ name: 'Ana' }),
  listSessions: (c) => c.session.list(),
  deleteSession: (c) => c.session.end('A'),
  listUsers: (c) => c.users.list(),
  updateUser: (c) => c.users.update('A', { active: false }),
  deleteUser: (c) => c.users.delete('A'),
  createPasswordLink: (c) => c.users.passwordLink('A'),
  resetPassword: (c) => c.session.resetPassword({ token: 't', password: 'a quiet harbour' }),
  createInvitation: (c) => c.invitations.create({ role: 'viewer' }),
  listInvitations: (c) => c.invitations.list(),
  deleteInvitation: (c) => c.invitations.delete('A'),
  viewInvitation: (c) => c.invitations.view('t'),
  acceptInvitation: (c) =>
    c.invitations.accept({ token: 't', name: 'Ana', email: 'ana@example.com', password: 'a quiet harbour' }),
  createApiKey: (c) => c.keys.create({ name: 'CI', role: 'viewer' }),
  listApiKeys: (c) => c.keys.list(),
  deleteApiKey: (c) => c.keys.delete('A'),
  rollApiKey: (c) => c.keys.roll('A'),
  whoami: (c) => c.whoami(),
  listEvents: (c) => c.events.list(),
  getSystem: (c) => c.system(),
  getEncryption: (c) => c.encryption.get(),
  rotateKeys: (c) => c.encryption.rotate(),
  verifyKeys: (c) => c.encryption.verify(),
  listJobs: (c) => c.encryption.jobs(),
  getJob: (c) => c.encryption.job('A'),
  pauseJob: (c) => c.encryption.pause('A'),
  resumeJob: (c) => c.encryption.resume('A'),
}

interface Sent {
  method: string | undefined
  url: string
  body: unknown
}

/** A client whose requests go nowhere, and what it sent. */
function recording(): { client: Client; sent: Sent[] } {
  const sent: Sent[] = []
  const client = createClient({
    url: 'http://server.test',
    fetch: async (input, init) => {
      sent.push({ method: init?.method, url: input instanceof Request ? input.url : String(input), body: init?.body })
      return Response.json({})
    },
  })
  return { client, sent }
}

describe('every route of the contract', () => {
  test.each(Object.entries(routes))('%s is reached with its method and path', async (name, route) => {
    const { client, sent } = recording()
    const reach = Object.entries(through).find(([known]) => known === name)?.[1]
    await reach?.(client)
    const path = route.path.replace('{id}', route.path.indexOf('{') < route.path.indexOf('{id}') ? 'B' : 'A')
    expect(sent).toHaveLength(1)
    expect(`${sent[0]?.method} ${sent[0]?.url}`).toBe(
      `${route.method} http://server.test${path.replace(/\{\w+\}/, 'A')}`,
    )
  })

  test.each(Object.entries(routes))('%s sends a body only where the route takes one', async (name, route) => {
    const { client, sent } = recording()
    await Object.entries(through).find(([known]) => known === name)?.[1](client)
    const takesOne = 'body' in route && !('bodyOptional' in route)
    expect(sent[0]?.body !== undefined).toBe(takesOne)
  })
})

describe('names in paths', () => {
  test('are escaped', async () => {
    const { client, sent } = recording()
    await client.services.get('a/b?c#d e')
    expect(sent[0]?.url).toBe('http://server.test/v1/services/a%2Fb%3Fc%23d%20e')
  })

  test.each(['', '.', '..'])('%j is refused, because it would be another route', async (name) => {
    const { client, sent } = recording()
    await expect(client.connections.delete(name)).rejects.toThrow(TypeError)
    await expect(client.connections.fetch(name, '/x')).rejects.toThrow(TypeError)
    expect(sent).toEqual([])
  })
})
