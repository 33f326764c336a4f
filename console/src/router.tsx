/** The addresses of the console. Every page is loaded when it is first opened. */
import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { page } from './layout/page_part.ts'
import { PagePending, RouteError, RouteMissing } from './layout/route_faults.tsx'

const root = createRootRoute({ errorComponent: RouteError, notFoundComponent: RouteMissing })

/** Pages of somebody who is signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: page(() => import('./layout/gate.tsx'), 'Gate'),
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/connections', replace: true, throw: true })
  },
})

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: page(() => import('./pages/account/setup.tsx'), 'SetupPage'),
})
const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search): { next?: string } => withText(search, ['next']),
  component: page(() => import('./pages/account/login.tsx'), 'LoginPage'),
})
const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite',
  component: page(() => import('./pages/account/invite.tsx'), 'InvitePage'),
})
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  component: page(() => import('./pages/account/reset.tsx'), 'ResetPage'),
})

const connections = createRoute({
  getParentRoute: () => inside,
  path: '/connections',
  validateSearch: (search): { query?: string; show?: 'active' | 'attention' | 'revoked' } => ({
    ...withText(search, ['query']),
    ...(search['show'] === 'active' || search['show'] === 'attention' || search['show'] === 'revoked'
      ? { show: search['show'] }
      : {}),
  }),
  component: page(() => import('./pages/connections/list.tsx'), 'ConnectionsPage'),
})
const pickService = createRoute({
  getParentRoute: () => inside,
  path: '/connections/new',
  validateSearch: (search): { tab?: 'default' | 'custom'; query?: string; category?: string; type?: string } => ({
    ...withText(search, ['query', 'category', 'type']),
    ...(search['tab'] === 'default' || search['tab'] === 'custom' ? { tab: search['tab'] } : {}),
  }),
  component: page(() => import('./pages/connections/pick_service.tsx'), 'PickServicePage'),
})
/** A service by link name, or with `from=catalogue` a catalogue entry by id. */
const connectionDetails = createRoute({
  getParentRoute: () => inside,
  path: '/connections/new/$service',
  validateSearch: (search): { from?: 'catalogue' } => (search['from'] === 'catalogue' ? { from: 'catalogue' } : {}),
  component: page(() => import('./pages/connections/connection_details.tsx'), 'ConnectionDetailsPage'),
})
const connectionSummary = createRoute({
  getParentRoute: () => inside,
  path: '/connections/$link',
  component: page(() => import('./pages/connections/summary.tsx'), 'ConnectionSummaryPage'),
})
const connectionOverview = createRoute({
  getParentRoute: () => connectionSummary,
  path: '/',
  // What a sign-in in this tab came back with.
  validateSearch: (search): { connection?: string; status?: string } => withText(search, ['connection', 'status']),
  component: page(() => import('./pages/connections/overview.tsx'), 'ConnectionOverview'),
})
const connectionActivity = createRoute({
  getParentRoute: () => connectionSummary,
  path: '/activity',
  validateSearch: (search): { type?: string; ok?: boolean } => ({
    ...withText(search, ['type']),
    ...okOf(search['ok']),
  }),
  component: page(() => import('./pages/connections/activity.tsx'), 'ConnectionActivity'),
})
const connectionUse = createRoute({
  getParentRoute: () => connectionSummary,
  path: '/use',
  component: page(() => import('./pages/connections/use_it.tsx'), 'ConnectionUse'),
})
const connectionSettings = createRoute({
  getParentRoute: () => connectionSummary,
  path: '/settings',
  component: page(() => import('./pages/connections/settings.tsx'), 'ConnectionSettings'),
})

const services = createRoute({
  getParentRoute: () => inside,
  path: '/services',
  validateSearch: (search): { query?: string } => withText(search, ['query']),
  component: page(() => import('./pages/services/list.tsx'), 'ServicesPage'),
})
const newService = createRoute({
  getParentRoute: () => inside,
  path: '/services/new',
  /** `quick`: the one-page form. `start`: from what somebody has, which `source` says. */
  validateSearch: (search): { name?: string; form?: 'quick' | 'start'; source?: string } => ({
    ...withText(search, ['name', 'source']),
    ...(search['form'] === 'quick' || search['form'] === 'start' ? { form: search['form'] } : {}),
  }),
  component: page(() => import('./pages/services/create.tsx'), 'CreateServicePage'),
})
const service = createRoute({
  getParentRoute: () => inside,
  path: '/services/$link',
  component: page(() => import('./pages/services/builder.tsx'), 'BuilderPage'),
})
const serviceIndex = createRoute({
  getParentRoute: () => service,
  path: '/',
  beforeLoad: ({ params }) => {
    redirect({ to: '/services/$link/general', params, replace: true, throw: true })
  },
})
const serviceGeneral = createRoute({
  getParentRoute: () => service,
  path: '/general',
  component: page(() => import('./pages/services/general.tsx'), 'BuilderGeneral'),
})
const serviceSecurity = createRoute({
  getParentRoute: () => service,
  path: '/security',
  component: page(() => import('./pages/services/security.tsx'), 'BuilderSecurity'),
})
const serviceScopes = createRoute({
  getParentRoute: () => service,
  path: '/scopes',
  validateSearch: (search): { query?: string } => withText(search, ['query']),
  component: page(() => import('./pages/services/scopes.tsx'), 'BuilderScopes'),
})
const serviceConnections = createRoute({
  getParentRoute: () => service,
  path: '/connections',
  component: page(() => import('./pages/services/references.tsx'), 'BuilderConnections'),
})

export interface ActivitySearch {
  connection?: string
  service?: string
  type?: string
  ok?: boolean
  actor?: string
  from?: string
  to?: string
  /** The entry whose details are open. */
  open?: string
}
const activity = createRoute({
  getParentRoute: () => inside,
  path: '/activity',
  validateSearch: (search): ActivitySearch => ({
    ...withText(search, ['connection', 'service', 'type', 'actor', 'from', 'to', 'open']),
    ...okOf(search['ok']),
  }),
  component: page(() => import('./pages/activity/activity.tsx'), 'ActivityPage'),
})
const tryIt = createRoute({
  getParentRoute: () => inside,
  path: '/try',
  validateSearch: (search): { connection?: string; method?: string; path?: string } =>
    withText(search, ['connection', 'method', 'path']),
  component: page(() => import('./pages/try/try_request.tsx'), 'TryRequestPage'),
})

const users = createRoute({
  getParentRoute: () => inside,
  path: '/settings/users',
  component: page(() => import('./pages/settings/users.tsx'), 'UsersPage'),
})
const apiKeys = createRoute({
  getParentRoute: () => inside,
  path: '/settings/api-keys',
  component: page(() => import('./pages/settings/api_keys.tsx'), 'ApiKeysPage'),
})
const auditLog = createRoute({
  getParentRoute: () => inside,
  path: '/settings/audit-log',
  validateSearch: (search): { actor?: string; action?: string; object?: string } =>
    withText(search, ['actor', 'action', 'object']),
  component: page(() => import('./pages/settings/audit_log.tsx'), 'AuditLogPage'),
})
const encryption = createRoute({
  getParentRoute: () => inside,
  path: '/settings/encryption',
  component: page(() => import('./pages/settings/encryption/page.tsx'), 'EncryptionPage'),
})
const instance = createRoute({
  getParentRoute: () => inside,
  path: '/settings/instance',
  component: page(() => import('./pages/settings/instance.tsx'), 'InstancePage'),
})
const me = createRoute({
  getParentRoute: () => inside,
  path: '/settings/me',
  component: page(() => import('./pages/settings/me.tsx'), 'MePage'),
})
const settingsIndex = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  beforeLoad: () => {
    redirect({ to: '/settings/me', replace: true, throw: true })
  },
})

/** The router reads a bare true or false as what it looks like. */
function okOf(value: unknown): { ok?: boolean } {
  return typeof value === 'boolean' ? { ok: value } : {}
}

/** Every other address, in the frame: whoever is lost sees the ways on. */
const missing = createRoute({ getParentRoute: () => inside, path: '$', component: RouteMissing })

/** The named search parameters that are texts. */
function withText<Name extends string>(
  search: Record<string, unknown>,
  names: readonly Name[],
): { [K in Name]?: string } {
  const found: { [K in Name]?: string } = {}
  for (const name of names) {
    // The router reads a bare number or true as what it looks like.
    const value = search[name]
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') found[name] = String(value)
  }
  return found
}

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    setup,
    login,
    invite,
    reset,
    inside.addChildren([
      connections,
      pickService,
      connectionDetails,
      connectionSummary.addChildren([connectionOverview, connectionActivity, connectionUse, connectionSettings]),
      services,
      newService,
      service.addChildren([serviceIndex, serviceGeneral, serviceSecurity, serviceScopes, serviceConnections]),
      activity,
      tryIt,
      users,
      apiKeys,
      auditLog,
      encryption,
      instance,
      me,
      settingsIndex,
      missing,
    ]),
  ]),
  defaultPreload: 'intent',
  // A page that is there soon comes without a flash; one that is not shows that it is on its way.
  defaultPendingMs: 150,
  defaultPendingMinMs: 300,
  defaultPendingComponent: PagePending,
  defaultErrorComponent: RouteError,
  defaultNotFoundComponent: RouteMissing,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
