/** What using a route is called in the audit log (S-53): every route that writes, and the one that shows a credential. */
import { type Route, type RouteName, type Routes, routes } from '@mooring/contract'

/** A request and its reply as far as they are known: a refused one has no reply, and may have no body. */
export interface Told {
  params: unknown
  query: unknown
  body: unknown
  reply: unknown
}

export interface Act {
  action: string
  /** What it is done to: a link name or an id; null for the workspace. */
  object: (told: Told) => string | null
  /** A sentence for an act that was done. No secrets. */
  detail: (told: Told) => string
  /** For an act that comes in numbers: the sentence of an entry that stands for several that are alike. */
  several?: (told: Told, count: number) => string
  /** True where a refusal is recorded although nobody is known to call. */
  strangers?: true
}

type Acting = { [N in RouteName]: Routes[N]['method'] extends 'GET' ? never : N }[RouteName] | 'getCredentials'

function at(value: unknown, ...path: string[]): unknown {
  let found = value
  for (const key of path) found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined
  return found
}

function text(value: unknown, ...path: string[]): string | null {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : null
}

const service = ({ params, reply }: Told): string | null => text(reply, 'linkName') ?? text(params, 'service')
const connection = ({ params, reply }: Told): string | null =>
  text(reply, 'linkName') ?? text(reply, 'connection', 'linkName') ?? text(params, 'connection')
const named = ({ params }: Told): string | null => text(params, 'id')
const made = ({ reply }: Told): string | null => text(reply, 'id')
/** Of an account: the person themself. */
const self = ({ reply }: Told): string | null => text(reply, 'user', 'id') ?? text(reply, 'id')
const nothing = (): null => null

const says = (sentence: string) => (): string => sentence
const changed = ({ body }: Told): string => {
  const names = typeof body === 'object' && body !== null ? Object.keys(body) : []
  return `Changed: ${names.join(', ') || 'nothing'}.`
}
/** Whatever weakens a service is a part of the record (S-2). */
const withWarnings =
  (sentence: (told: Told) => string) =>
  (told: Told): string => {
    const warnings = at(told.reply, 'warnings')
    const messages = Array.isArray(warnings) ? warnings.map((warning: unknown) => text(warning, 'message') ?? '') : []
    return [sentence(told), ...messages].join(' ')
  }

function key({ reply }: Told): string {
  const connections = at(reply, 'connections')
  const limit = Array.isArray(connections) ? `, limited to ${counted(connections.length, 'connection')}` : ''
  const expiresAt = text(reply, 'expiresAt')
  return `${text(reply, 'name')}: role ${text(reply, 'role')}${limit}${expiresAt === null ? '' : `, until ${expiresAt}`}.`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function person({ body }: Told): string {
  const role = text(body, 'role')
  const active = at(body, 'active')
  const parts = [
    ...(role === null ? [] : [`Role ${role}.`]),
    ...(active === true ? ['Reactivated.'] : active === false ? ['Deactivated.'] : []),
  ]
  return parts.join(' ') || 'Changed: nothing.'
}

const progressed = ({ reply }: Told): string =>
  `${text(reply, 'state')} at ${String(at(reply, 'done'))} of ${String(at(reply, 'total'))}.`

const ofUser = ({ query, body }: Told): string => {
  const user = text(query, 'user') ?? text(body, 'user')
  return user === null ? '' : ` For the user ${user}.`
}

/** Also what an end user does on a connect page, which is no route of the contract's table. */
const authorize: Act = {
  action: 'connection.authorize',
  object: connection,
  detail: (told) =>
    (text(told.reply, 'kind') === 'done' ? 'Authorized.' : 'A sign-in at the provider was begun.') + ofUser(told),
}
const answer: Act = {
  action: 'attempt.answer',
  object: connection,
  detail: ({ body }) => (at(body, 'replace') === true ? 'The new account replaces the one before.' : 'Turned down.'),
}
export const actsOfPages = { authorize, answer }

const acts: Record<Acting, Act | null> = {
  createService: {
    action: 'service.create',
    object: service,
    detail: withWarnings(({ reply }) => `Created as ${text(reply, 'stage')}.`),
  },
  updateService: { action: 'service.update', object: service, detail: withWarnings(changed) },
  deleteService: {
    action: 'service.delete',
    object: service,
    detail: ({ query }) => (at(query, 'force') === true ? 'Deleted with its connections.' : 'Deleted.'),
  },
  readyService: { action: 'service.ready', object: service, detail: withWarnings(says('Marked as ready.')) },
  cloneService: {
    action: 'service.clone',
    object: ({ params }) => text(params, 'service'),
    detail: withWarnings(
      ({ query, reply }) =>
        `Copied as ${text(reply, 'linkName')}${at(query, 'secrets') === true ? ', with its secrets' : ''}.`,
    ),
  },
  replaceServiceSecrets: { action: 'service.replace_secrets', object: service, detail: changed },
  rollServiceKeys: { action: 'service.roll_keys', object: service, detail: says('Made a new key to sign with.') },
  addScope: { action: 'scope.create', object: service, detail: ({ body }) => `${text(body, 'value')} was added.` },
  updateScope: { action: 'scope.update', object: service, detail: changed },
  deleteScope: { action: 'scope.delete', object: service, detail: says('1 scope.') },
  deleteScopes: {
    action: 'scope.delete',
    object: service,
    detail: ({ body }) => {
      const ids = at(body, 'ids')
      return `${counted(Array.isArray(ids) ? ids.length : 0, 'scope')}.`
    },
  },
  previewService: null,
  importServices: {
    action: 'service.import',
    object: nothing,
    detail: ({ body, reply }) => {
      const services = at(reply, 'services')
      const registered = at(body, 'register') === true ? ' A client was registered at an authorization server.' : ''
      return `Read ${counted(Array.isArray(services) ? services.length : 0, 'draft')}; nothing was stored.${registered}`
    },
  },

  createConnection: { action: 'connection.create', object: connection, detail: says('Created.') },
  updateConnection: { action: 'connection.update', object: connection, detail: changed },
  deleteConnection: { action: 'connection.delete', object: connection, detail: says('Revoked and deleted.') },
  authorizeConnection: authorize,
  refreshConnection: {
    action: 'connection.refresh',
    object: connection,
    detail: (told) => `Got a new token.${ofUser(told)}`,
  },
  testConnection: null,
  revokeConnection: {
    action: 'connection.revoke',
    object: connection,
    detail: (told) =>
      `Revoked.${ofUser(told)}${text(told.reply, 'providerRevocation') === 'failed' ? ' The provider did not confirm.' : ''}`,
  },
  getCredentials: {
    action: 'connection.read_credentials',
    object: connection,
    detail: (told) => `Read the raw credential.${ofUser(told)}`,
    several: (told, count) => `Read the raw credential ${count} times at once.${ofUser(told)}`,
  },
  invokeConnection: null,
  answerAttempt: answer,
  cancelAttempt: { action: 'attempt.cancel', object: connection, detail: says('Cancelled.') },
  createConnectSession: {
    action: 'connect_session.create',
    object: ({ body }) => text(body, 'user', 'id'),
    detail: says('Made a page on which this user authorizes.'),
  },

  setUp: { action: 'workspace.set_up', object: self, detail: says('Created the owner.') },
  signIn: {
    action: 'session.create',
    // What is no address may be a password in the wrong field.
    object: ({ body }) => /^[^\s@]+@[^\s@]+$/.exec(text(body, 'email') ?? '')?.[0] ?? null,
    detail: says('Signed in.'),
    strangers: true,
  },
  signOut: { action: 'session.delete', object: nothing, detail: says('Signed out.') },
  updateProfile: { action: 'profile.update', object: self, detail: changed },
  deleteSession: { action: 'session.delete', object: named, detail: says('Signed a browser out.') },
  updateUser: { action: 'user.update', object: named, detail: person },
  deleteUser: { action: 'user.delete', object: named, detail: says('Removed.') },
  createPasswordLink: {
    action: 'password_link.create',
    object: named,
    detail: says('Made a link for a new password.'),
  },
  resetPassword: { action: 'password.reset', object: self, detail: says('Chose a new password.') },
  createInvitation: {
    action: 'invitation.create',
    object: made,
    detail: ({ body }) => `${text(body, 'email') ?? 'Somebody'} was invited with role ${text(body, 'role')}.`,
  },
  deleteInvitation: { action: 'invitation.delete', object: named, detail: says('Withdrawn.') },
  viewInvitation: null,
  acceptInvitation: { action: 'invitation.accept', object: self, detail: says('Joined.') },

  createApiKey: { action: 'api_key.create', object: made, detail: key },
  deleteApiKey: { action: 'api_key.delete', object: named, detail: says('Deleted.') },
  rollApiKey: {
    action: 'api_key.roll',
    object: named,
    detail: (told) => `Replaced by ${text(told.reply, 'id')}. ${key(told)}`,
  },

  rotateKeys: {
    action: 'encryption.rotate',
    object: made,
    detail: ({ reply }) =>
      `A new data key seals from now on. ${counted(Number(at(reply, 'total')), 'value')} to seal anew.`,
  },
  verifyKeys: {
    action: 'encryption.verify',
    object: made,
    detail: ({ reply }) => `${counted(Number(at(reply, 'total')), 'value')} to open.`,
  },
  pauseJob: { action: 'job.pause', object: named, detail: progressed },
  resumeJob: { action: 'job.resume', object: named, detail: progressed },
}

/** A logo is bytes, so its route is outside of the contract's table. */
export const setLogo: Act = { action: 'service.set_logo', object: service, detail: says('Set the logo.') }

const byRoute = new Map<Route, Act | null>(
  Object.entries(routes).map(([name, route]) => [route, new Map(Object.entries(acts)).get(name) ?? null]),
)

/** Undefined where the use of a route is not recorded: it reads, or it calls through a connection. */
export function actOf(route: Route): Act | undefined {
  return byRoute.get(route) ?? undefined
}
