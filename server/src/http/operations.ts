/** What the OpenAPI document says of the contract's routes beyond their table: error codes, and what is not obvious. */
import type { ErrorCode, RouteName } from '@mooring/contract'
import type { z } from 'zod'

export type Schema = z.core.JSONSchema.BaseSchema

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description?: string
  schema: Schema
}

/** Where a token or a URL could not be made or renewed at the provider. */
export const provider: ErrorCode[] = [
  'egress_blocked',
  'provider_error',
  'provider_rate_limited',
  'provider_timeout',
  'upstream_unreachable',
]
/** Where a connection's credential is taken out. */
export const live: ErrorCode[] = ['connection_not_active', 'reauthorization_required', 'user_not_authorized']
/** Where a call goes out. */
export const outgoing: ErrorCode[] = ['malformed_request', 'validation_failed', 'host_not_allowed', 'upstream_timeout']

interface Notes {
  /** Codes of this route besides those that follow from its shape (a key, a path, a query, a body). */
  codes?: ErrorCode[]
  description?: string
}

export const notes: Partial<Record<RouteName, Notes>> = {
  getEncryption: {
    description:
      'For owners and admins, as are all jobs. A fingerprint tells two keys apart; the keys themselves never leave the server.',
  },
  rotateKeys: {
    codes: ['job_running'],
    description:
      'From now on a new data key seals what is stored. The job seals the rest anew while everything goes on working, then deletes the key before; it survives restarts. Values that do not open are named in `failures`, and the key before is kept for them.',
  },
  verifyKeys: { codes: ['job_running'], description: 'Opens every sealed value where it lies and changes nothing.' },
  listJobs: { description: 'Jobs of the whole installation: rotations and verifications of its keys.' },
  resumeJob: { codes: ['job_running'] },
  createService: {
    codes: ['link_name_taken'],
    description:
      'With `from` it makes a ready service of a catalogue entry and what that asks for. Without `stage` it makes a draft, which may lack anything but its name. `stage: "ready"` checks the whole and makes it ready in one step.',
  },
  updateService: {
    codes: ['link_name_taken', 'service_ready', 'scopes_in_use'],
    description: 'A draft can change in every part. Once ready, `auth`, `linkName` and `scopeDelimiter` are frozen.',
  },
  deleteService: {
    codes: ['service_in_use'],
    description: 'With `force=true` its connections are revoked and deleted first.',
  },
  previewService: {
    codes: ['not_found'],
    description:
      'Takes a definition in any state of completion. `errors` is empty exactly where it could be made ready; `requests` are shown with dots for secrets. With `service` the definition changes that one, whose secrets count as set.',
  },
  importServices: {
    codes: ['too_large', ...provider],
    description:
      'Takes exactly one source. Each of `services` is a body for `POST /v1/services`; `missing` says what it lacks to become ready; `notes` say in words what could not be taken over. URLs are fetched under the rules of every outgoing request. With `mcp`, `register: true` registers a client at the authorization server, and the draft holds its secret.',
  },
  readyService: { codes: ['service_ready', 'validation_failed'] },
  cloneService: { description: 'Secrets are left out unless `secrets=true`.' },
  replaceServiceSecrets: {
    description: 'Takes the secrets that the authentication type has, such as `clientSecret` for `oauth2`.',
  },
  rollServiceKeys: {
    codes: ['validation_failed'],
    description:
      'For a service whose keys Mooring makes: `clientAuthentication` `private_key_jwt`, or the grant `jwt_bearer` with a key of the service, without a `clientKey` of your own. The new key is published at once and signs after ten minutes, when providers have read it.',
  },
  updateScope: { codes: ['scopes_in_use'] },
  deleteScope: { codes: ['scopes_in_use'] },
  deleteScopes: { codes: ['scopes_in_use'] },
  createConnection: {
    codes: [
      'not_found',
      'link_name_taken',
      'service_not_ready',
      'credentials_rejected',
      'upstream_timeout',
      ...provider,
    ],
    description:
      'A service that comes along as an object, whole or from the catalogue, is created with it: both are stored, or neither. With `credentials` the connection is authorized at once.',
  },
  authorizeConnection: {
    codes: ['service_not_ready', 'credentials_rejected', 'upstream_timeout', ...provider],
    description:
      'Where a person takes part the reply is of kind `redirect`: open `authorizationUrl` in their browser within ten minutes. Otherwise it is `done`.',
  },
  answerAttempt: {
    codes: ['validation_failed'],
    description:
      'Where the provider says that another account signed in than before, the attempt waits with a `question`, and nothing changes until it is answered. An attempt that asks nothing (any more) is refused.',
  },
  cancelAttempt: {
    codes: ['validation_failed'],
    description:
      'What the provider still sends back is refused, and nothing is saved. One that has ended otherwise is refused; one that is cancelled already is no error.',
  },
  createConnectSession: {
    description:
      'The page works for thirty minutes, in the browser that uses it first. Without `connections` it offers all that each user authorizes for themself; a shared connection is offered where it is named.',
  },
  refreshConnection: { codes: [...live, 'validation_failed', ...provider] },
  testConnection: {
    codes: live,
    description: 'What the API answered is data: `ok` is false and `detail` says why. Without a probe it is false too.',
  },
  revokeConnection: {
    codes: ['connection_not_active'],
    description:
      "The provider's revoke URL is called first. Tokens are gone here whatever it says; `providerRevocation` tells.",
  },
  getCredentials: { codes: [...live, ...outgoing, ...provider] },
  invokeConnection: {
    codes: [...live, ...outgoing, ...provider],
    description:
      "The API's own 4xx and 5xx are data: the reply is 200 and `status` holds them. Answers up to 10 MiB; the proxy has no limit.",
  },
  listWorkspaceActivity: {
    description:
      'Calls are kept for seven days, everything else for ninety. What happened to a connection or service that is gone names none.',
  },
  getUsage: { description: 'Counted by day: from the start of the day (UTC) a week ago until now.' },
  listAuditLog: {
    description:
      'Who did what, for owners and admins; entries are never changed or deleted. `hash` is the SHA-256, in hex, of the JSON array of `id`, `at`, `actor`, `actorName`, `action`, `object`, `address`, `outcome`, `detail` and `previous`, without white space; `previous` is the hash of the entry before, of the first one 64 zeros.',
  },
  verifyAuditLog: {
    description: 'Reads every entry. Keep `head` elsewhere: an entry with this hash must be there the next time.',
  },
  setUp: { codes: ['not_found'] },
  signIn: {
    codes: ['unauthenticated'],
    description:
      'Says the same for an unknown address and a wrong password. The reply sets the session cookie; the session that the browser held before ends.',
  },
  acceptInvitation: {
    codes: ['not_found'],
    description: 'Where the invitation names an address, it is accepted with that one.',
  },
  viewInvitation: { codes: ['not_found'] },
  resetPassword: { codes: ['not_found'], description: 'Every session of this person ends; a new one begins.' },
  updateProfile: {
    description: '`password` comes with `currentPassword`, where there is one.',
  },
  updateUser: { description: 'Only an owner changes an owner. The last active owner stays one.' },
  deleteUser: { description: 'Only an owner removes an owner. The last active owner stays.' },
  createInvitation: { description: 'The link works once, for seven days. Only an owner invites an owner.' },
  createPasswordLink: {
    description:
      'The link works once, for an hour; an earlier one stops working. Only an owner makes one for an owner.',
  },
  rollApiKey: {
    description:
      'The new key has the name, the rights and the length of life of the old one. `graceSeconds: 0` ends the old one at once.',
  },
}

/** What a parameter means, by name. */
export const parameterNotes: Record<string, string> = {
  service: 'Link name or id of a service.',
  connection: 'Link name or id of a connection.',
  id: 'The id.',
  limit: 'How many a page.',
  cursor: '`nextCursor` of the page before.',
  after: 'The id of the last one that was seen: what follows it comes, oldest first.',
  query: 'Text to look for.',
  summary: '`true`: without scopes, guide, placeholders and what is asked for.',
  stage: 'Only services of this stage.',
  status: 'Only connections of this status.',
  category: 'Only entries of this category.',
  authType: 'Only entries of this authentication type.',
  force: 'Also revoke and delete its connections.',
  secrets: 'Copy the secrets too.',
  user: 'Whose authorization, for a per-user connection.',
  url: 'The URL the request will go to; a signature depends on it.',
  method: 'The method the request will have; a signature depends on it.',
  type: 'Only this type, or all with this part before their dot: `connection.refreshed`, `connection`.',
  ok: '`false`: only what failed.',
  from: 'Not before this moment.',
  to: 'Before this moment.',
  action: 'Only this action, such as `connection.revoke`.',
  object: 'Only what was done to this: a link name or an id.',
}

/** In a query, `service` and `connection` are filters. */
export const queryNotes: Record<string, string> = {
  ...parameterNotes,
  service: 'Only those of this service: its link name or id.',
  connection: 'Only those of this connection: its link name or id.',
  actor: 'Only those of this actor, as the list shows it.',
}

export const tags = [
  { name: 'Services', description: 'A service says how an API is authenticated.' },
  { name: 'Connections', description: 'A connection is one authorized use of a ready service.' },
  { name: 'Calls', description: 'Using a connection: its credential is put on the request.' },
  { name: 'Sign-in', description: "Where a person's browser passes through; these answer with pages." },
  { name: 'API keys', description: 'Which programs may call this API.' },
  { name: 'People', description: 'Who may sign in to the console, and being signed in.' },
  { name: 'Workspace', description: 'Who is calling, what happened, what is running.' },
  { name: 'Health', description: 'For whoever watches the server.' },
  { name: 'Documents', description: 'This contract, for programs and for people.' },
] as const
export type Tag = (typeof tags)[number]['name']

const tagsByPath: Record<string, Tag> = {
  services: 'Services',
  'auth-types': 'Services',
  catalogue: 'Services',
  connections: 'Connections',
  'connect-sessions': 'Connections',
  'api-keys': 'API keys',
  'sign-in': 'People',
  setup: 'People',
  session: 'People',
  sessions: 'People',
  users: 'People',
  invitations: 'People',
  'password-reset': 'People',
}
const calls: ReadonlySet<string> = new Set(['getCredentials', 'invokeConnection', 'testConnection'])

export function tagOf(operationId: string, path: string): Tag {
  return calls.has(operationId) ? 'Calls' : (tagsByPath[path.split('/')[2] ?? ''] ?? 'Workspace')
}
