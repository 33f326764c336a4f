/** What the OpenAPI document says of the routes that do not speak JSON. */
import type { ErrorCode } from '@mooring/contract'
import { live, outgoing, type Parameter, parameterNotes, provider, type Schema, type Tag } from './operations.ts'

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
const sessionTokenInPath = inPath('token', 'From `url` of a connect session.')
const offeredInPath = inPath('connection', 'Link name of a connection that the page offers.')
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
    operationId: 'getCatalogueLogo',
    methods: ['get'],
    path: '/v1/catalogue/{id}/logo',
    tag: 'Services',
    summary: 'Read the logo of a ready-made service',
    parameters: [inPath('id', 'Of the entry; its `logoUrl` says whether it has a logo.')],
    replies: { 200: { description: 'The picture.', content: { 'image/svg+xml': text } } },
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
    operationId: 'showConnectSession',
    methods: ['get'],
    path: '/connect/s/{token}',
    tag: 'Sign-in',
    summary: 'The page on which an end user connects',
    description: 'Works without script, for thirty minutes, in the browser that uses it first.',
    open: true,
    parameters: [sessionTokenInPath],
    replies: {
      200: { description: 'The connections that are offered, each with its state for this user.', content: page },
      403: { description: 'In use in another browser.', content: page },
      404: { description: 'There is no such page.', content: page },
      410: { description: 'It has expired.', content: page },
    },
  },
  {
    operationId: 'showConnectSessionPrompt',
    methods: ['get'],
    path: '/connect/s/{token}/{connection}',
    tag: 'Sign-in',
    summary: 'The values that a connection asks an end user for',
    open: true,
    parameters: [sessionTokenInPath, offeredInPath],
    replies: {
      200: { description: 'A form.', content: page },
      303: { description: 'To the page, where nothing is to be entered.' },
      403: { description: 'In use in another browser.', content: page },
      404: { description: 'There is no such page, or it does not offer this connection.', content: page },
      410: { description: 'It has expired.', content: page },
    },
  },
  {
    operationId: 'connectFromSession',
    methods: ['post'],
    path: '/connect/s/{token}/{connection}',
    tag: 'Sign-in',
    summary: 'Connect, as the end user of the page',
    description: 'Binds the page to this browser by a cookie.',
    open: true,
    parameters: [sessionTokenInPath, offeredInPath],
    takes: { 'application/x-www-form-urlencoded': { type: 'object', additionalProperties: text } },
    replies: {
      303: { description: "To the provider's authorization URL; back to the page, or to `returnTo`, once it is done." },
      403: { description: 'Sent from another site, or in use in another browser.', content: page },
      404: { description: 'There is no such page, or it does not offer this connection.', content: page },
      410: { description: 'It has expired.', content: page },
      422: { description: 'What is wrong, at the field where that is known.', content: page },
      429: { description: 'Too many tries.', content: page },
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
    operationId: 'getJwks',
    methods: ['get'],
    path: '/oauth/jwks/{callbackId}',
    tag: 'Sign-in',
    summary: 'The public keys of a service',
    description:
      'For its provider to check signatures with: `jwksUrl` of the service. A key that was rolled stays for a day.',
    open: true,
    parameters: [inPath('callbackId', '`callbackId` of the service.')],
    replies: {
      200: {
        description: 'A JSON Web Key Set (RFC 7517 section 5).',
        content: {
          'application/jwk-set+json': {
            type: 'object',
            properties: { keys: { type: 'array', items: { type: 'object' } } },
            required: ['keys'],
          },
        },
      },
      404: { description: 'There is no such service, or it makes no keys.' },
    },
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
