/** What the OpenAPI document says beyond the contract's table: error codes, and the routes that do not speak JSON. */
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
const provider: ErrorCode[] = [
  'egress_blocked',
  'provider_error',
  'provider_rate_limited',
  'provider_timeout',
  'upstream_unreachable',
]
/** Where a connection's credential is taken out. */
const live: ErrorCode[] = ['connection_not_active', 'reauthorization_required', 'user_not_authorized']
/** Where a call goes out. */
const outgoing: ErrorCode[] = ['malformed_request', 'validation_failed', 'host_not_allowed', 'upstream_timeout']

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
  readyService: { codes: ['service_ready', 'validation_failed'] },
  cloneService: { description: 'Secrets are left out unless `secrets=true`.' },
  replaceServiceSecrets: {
    description: 'Takes the secrets that the authentication type has, such as `clientSecret` for `oauth2`.',
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
  listEvents: { codes: ['rate_limited'] },
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
    codes: ['unauthenticated', 'rate_limited'],
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
    codes: ['rate_limited'],
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

/** A route outside the contract's table. */
export interface OtherRoute {
  operationId: string
  methods: readonly string[]
  path: string
  tag: Tag
  summary: string
  description?: string
  /** True where no API key is needed. */
  open?: true
  parameters?: Parameter[]
  /** Content types of the request body. */
  takes?: Record<string, Schema>
  /** By status, or `default`: what it means, and content types where it has a body. */
  replies: Record<string, { description: string; content?: Record<string, Schema> }>
  codes?: ErrorCode[]
}

const text: Schema = { type: 'string' }
const binary: Schema = {}
const page = { 'text/html': text }
const status = (...values: string[]): Record<string, Schema> => ({
  'application/json': { type: 'object', properties: { status: { enum: values } }, required: ['status'] },
})
const inPath = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: text,
})
const option = (name: string, description: string, schema: Schema): Parameter => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
})
const serviceInPath = inPath('service', parameterNotes['service'] ?? '')
const tokenInPath = inPath('token', 'From `authorizationUrl`.')

export const otherRoutes: readonly OtherRoute[] = [
  {
    operationId: 'putLogo',
    methods: ['put'],
    path: '/v1/services/{service}/logo',
    tag: 'Services',
    summary: "Set a service's logo",
    description: 'Smaller than 1 MB (1,048,576 bytes); PNG or JPEG, told by its content.',
    parameters: [serviceInPath],
    takes: { 'image/png': binary, 'image/jpeg': binary },
    replies: { 204: { description: 'The logo is set.' } },
    codes: ['not_found', 'too_large', 'unsupported_media_type'],
  },
  {
    operationId: 'getLogo',
    methods: ['get'],
    path: '/v1/services/{service}/logo',
    tag: 'Services',
    summary: "Read a service's logo",
    parameters: [serviceInPath],
    replies: { 200: { description: 'The picture.', content: { 'image/png': binary, 'image/jpeg': binary } } },
    codes: ['not_found'],
  },
  {
    operationId: 'proxy',
    methods: ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'],
    path: '/v1/proxy/{connection}/{target}',
    tag: 'Calls',
    summary: 'Send a request through a connection',
    description:
      "Method, query, headers and body go on as they came, streamed; the credential is put on. The API's answer comes back as it is. An answer of Mooring's own carries the header `Mooring-Error`.",
    parameters: [
      inPath('connection', parameterNotes['connection'] ?? ''),
      inPath('target', 'The whole URL to call, or a path under the base URL of the service. It may hold slashes.'),
      option('Mooring-User', 'Whose authorization, for a per-user connection.', text),
      option('Mooring-Timeout', 'Seconds for the whole call. Without it: 120 seconds to the first byte.', {
        type: 'number',
        minimum: 1,
        maximum: 3600,
      }),
      option(
        'Mooring-Retry',
        'How often to try again: GET, HEAD, OPTIONS, PUT and DELETE, after a failure to connect and after 429 and 503 with a Retry-After of at most 30 seconds.',
        { type: 'integer', minimum: 0, maximum: 5, default: 0 },
      ),
    ],
    takes: { '*/*': binary },
    replies: {
      default: {
        description:
          "The API's own answer, whatever its status. `Mooring-Attempts` says how often it was asked where that was more than once.",
        content: { '*/*': binary },
      },
    },
    codes: ['not_found', ...live, ...outgoing, ...provider],
  },
  {
    operationId: 'showConnect',
    methods: ['get'],
    path: '/connect/{token}',
    tag: 'Sign-in',
    summary: 'The page that a person authorizes from',
    open: true,
    parameters: [tokenInPath],
    replies: {
      200: {
        description:
          'Names the service, the scopes and where the sign-in is; asks, where another account signed in than before.',
        content: page,
      },
      303: { description: 'On to the provider, in a browser that holds the console session which began the sign-in.' },
      403: { description: 'What it asks is for another browser.', content: page },
      404: { description: 'There is no such sign-in.', content: page },
      410: { description: 'The sign-in is over.', content: page },
    },
  },
  {
    operationId: 'startConnect',
    methods: ['post'],
    path: '/connect/{token}/start',
    tag: 'Sign-in',
    summary: 'Go on to the provider',
    description: 'Binds the sign-in to this browser by a cookie.',
    open: true,
    parameters: [tokenInPath],
    replies: {
      303: { description: "To the provider's authorization URL." },
      403: { description: 'Sent from another site, or started in another browser.', content: page },
      404: { description: 'There is no such sign-in, or it is over.', content: page },
      default: { description: 'Why it cannot go on.', content: page },
    },
  },
  {
    operationId: 'answerConnect',
    methods: ['post'],
    path: '/connect/{token}/answer',
    tag: 'Sign-in',
    summary: 'Replace the account before, or keep it',
    description: 'Only in the browser that signed in.',
    open: true,
    parameters: [inPath('token', 'From the page that asks.')],
    takes: {
      'application/x-www-form-urlencoded': {
        type: 'object',
        properties: { replace: { enum: ['true', 'false'] } },
        required: ['replace'],
      },
    },
    replies: {
      303: { description: 'To how it ended, or to `returnTo`.' },
      400: { description: 'The form says neither.', content: page },
      403: { description: 'Sent from another site, or by another browser.', content: page },
      404: { description: 'There is no such sign-in, or it is over.', content: page },
    },
  },
  {
    operationId: 'finishConnect',
    methods: ['get'],
    path: '/oauth/callback/{callbackId}',
    tag: 'Sign-in',
    summary: 'Where the provider sends the person back to',
    description: "The service's redirect URI, to register with its provider. It ends only in the browser that started.",
    open: true,
    parameters: [inPath('callbackId', '`callbackId` of the service.')],
    replies: {
      200: { description: 'Connected.', content: page },
      303: {
        description:
          'To `returnTo`, with `connection` and `status` in the query; to the page that asks, where another account signed in.',
      },
      400: { description: 'Not connected, and why.', content: page },
      404: { description: 'There is no such sign-in, or it is over.', content: page },
    },
  },
  {
    operationId: 'finishConnectForm',
    methods: ['post'],
    path: '/oauth/callback/{callbackId}',
    tag: 'Sign-in',
    summary: 'The same for providers that answer with a form',
    description: '`response_mode=form_post`.',
    open: true,
    parameters: [inPath('callbackId', '`callbackId` of the service.')],
    takes: { 'application/x-www-form-urlencoded': { type: 'object', additionalProperties: text } },
    replies: { 303: { description: 'To the same address, with the form as its query.' } },
  },
  {
    operationId: 'startOidc',
    methods: ['get'],
    path: '/oidc/start',
    tag: 'Sign-in',
    summary: 'Go to the identity provider to sign in to the console',
    open: true,
    parameters: [
      { name: 'returnTo', in: 'query', required: false, description: 'A path here to go to afterwards.', schema: text },
    ],
    replies: {
      303: { description: "To the provider's authorization URL." },
      404: { description: 'No identity provider is set up.', content: page },
      502: { description: 'The provider does not answer as it should.', content: page },
    },
  },
  {
    operationId: 'finishOidc',
    methods: ['get'],
    path: '/oidc/callback',
    tag: 'Sign-in',
    summary: 'Where the identity provider sends the browser back',
    open: true,
    replies: {
      303: { description: 'Signed in; to where the sign-in was begun for.' },
      403: { description: 'Begun in another browser, cancelled, or nobody who may come in.', content: page },
      404: { description: 'No identity provider is set up.', content: page },
      502: { description: 'The provider does not answer as it should.', content: page },
    },
  },
  {
    operationId: 'health',
    methods: ['get'],
    path: '/healthz',
    tag: 'Health',
    summary: 'Whether the process lives',
    open: true,
    replies: { 200: { description: 'It does.', content: status('ok') } },
  },
  {
    operationId: 'ready',
    methods: ['get'],
    path: '/readyz',
    tag: 'Health',
    summary: 'Whether requests may be sent here',
    open: true,
    replies: {
      200: { description: 'They may.', content: status('ready') },
      503: {
        description: 'It is stopping, or its storage does not answer.',
        content: status('draining', 'storage unreachable'),
      },
    },
  },
  {
    operationId: 'metrics',
    methods: ['get'],
    path: '/metrics',
    tag: 'Health',
    summary: 'Counters, as Prometheus reads them',
    replies: { 200: { description: 'Prometheus text.', content: { 'text/plain': text } } },
  },
  {
    operationId: 'getOpenApi',
    methods: ['get'],
    path: '/v1/openapi.json',
    tag: 'Documents',
    summary: 'This contract as OpenAPI 3.1',
    replies: { 200: { description: 'The document.', content: { 'application/json': { type: 'object' } } } },
  },
  ...(
    [
      ['showReference', '/docs', 'The API, to read'],
      ['showErrors', '/docs/errors', 'Every error code and what to do about it'],
      ['showSettings', '/docs/settings', 'Every setting of the server'],
    ] as const
  ).map(([operationId, path, summary]): OtherRoute => ({
    operationId,
    methods: ['get'],
    path,
    tag: 'Documents',
    summary,
    open: true,
    replies: { 200: { description: 'A page.', content: page } },
  })),
]
