import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, Provider } from 'oidc-provider'
import type { Context, Payload } from 'oidc-provider'
import { createAdapter } from './adapter.ts'
import type { ControlledEndpoints } from './control.ts'
import { demo } from './demo.ts'
import { isRedirectAllowed, pageHeaders, readBody, target } from './http.ts'
import { devicePages } from './device_pages.ts'
import { createInteractions, interactionPath } from './interactions.ts'
import { countRequest, describeRequest, oauth2Paths, observe } from './observe.ts'
import { messagePage } from './pages.ts'
import { isRecord } from './store.ts'
import type { Store } from './store.ts'
import { answerFailure } from './token_failures.ts'

export const scopes = ['read', 'write', 'profile', 'email', 'openid', 'offline_access']

/** Models that hold access tokens: removing them is what makes every access token invalid at once. */
export const accessTokenModels = ['AccessToken', 'ClientCredentials']
export const grantModels = ['AccessToken', 'RefreshToken', 'AuthorizationCode', 'Grant']

const days = (number: number): number => number * 24 * 60 * 60

export interface AuthorizationServerOptions {
  /** The issuer. */
  url: string
  store: Store
  endpoints: ControlledEndpoints
  accessTokenLifeSeconds: number
  autoConsent: boolean
  /** Further clients, as oidc-provider registers them. */
  clients: Payload[]
  /** Every proof must carry a nonce that the server gave (RFC 9449 section 8). */
  dpopNonces: boolean
}

export interface AuthorizationServer {
  provider: Provider
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  const { url, endpoints } = options
  const provider = createProvider(options)
  const interact = createInteractions(provider, options)
  provider.use(observe(endpoints))
  const callback = provider.callback()

  return {
    provider,
    async handle(request, response) {
      const { path } = target(request)
      if (path.startsWith(interactionPath)) return interact(request, response)

      if (path === oauth2Paths.token && request.method === 'POST') {
        const failure = endpoints.takeFailure()
        if (failure?.kind === 'slow') {
          await answerFailure(failure, response, url)
        } else if (failure) {
          const form = new URLSearchParams((await readBody(request, 65_536)).head.toString())
          const fields: Payload = Object.fromEntries(form)
          const status = await answerFailure(failure, response, url)
          endpoints.record(describeRequest(request, 'token', fields, status))
          countRequest(endpoints, 'token', fields)
          return
        }
      }
      return callback(request, response)
    },
  }
}

function createProvider(options: AuthorizationServerOptions): Provider {
  const { url, store, accessTokenLifeSeconds } = options
  const provider = new Provider(url, {
    adapter: createAdapter(store),
    clients: [...clients(), ...options.clients],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clockTolerance: 0,
    allowOmittingSingleRegisteredRedirectUri: false,
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none'],
    clientBasedCORS: () => false,
    // Cookies know no ports: plain names would meet those of another server on localhost.
    cookies: { names: { session: 'sandbox_session', interaction: 'sandbox_interaction', resume: 'sandbox_resume' } },
    extraParams: { sandbox_auto: (context) => settleScopes(context) },
    extraTokenClaims: async (context) => refuseUnknownMachineScopes(context),
    // A grant outlives the browser session it was made in.
    expiresWithSession: async () => false,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true, ...devicePages },
      dPoP: {
        enabled: true,
        ...(options.dpopNonces ? { nonceSecret: randomBytes(32), requireNonce: () => true } : {}),
      },
      introspection: { enabled: true, allowedPolicy: sameClient },
      pushedAuthorizationRequests: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => [],
        getResourceServerInfo: async (_context: Context, resource: string) => ({
          scope: scopes.join(' '),
          audience: resource,
          accessTokenFormat: 'opaque',
        }),
      },
      revocation: { enabled: true, allowedPolicy: sameClient },
      rpInitiatedLogout: { enabled: false },
    },
    // Its own way out refuses addresses of this machine, where the keys of the clients given to it are.
    fetch: async (url, { method, headers, signal }) => fetch(url, { method, headers, signal }),
    findAccount: async (_context, id) => {
      const person = demo.people.find((one) => one.id === id)
      if (person === undefined) return undefined
      const { name, email, emailVerified } = person
      return { accountId: id, claims: async () => ({ sub: id, name, email, email_verified: emailVerified }) }
    },
    interactions: { url: (_context, { uid }) => `${interactionPath}${uid}` },
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
    jwks: { keys: [signingKey(store)] },
    // Each authorization is a grant of its own: revoking one connection leaves the others of the same person alone.
    loadExistingGrant: async (context) => {
      const grantId = context.oidc?.result?.consent?.grantId
      return grantId ? provider.Grant.find(grantId) : undefined
    },
    pkce: { required: (_context, client) => client.clientAuthMethod === 'none' },
    async renderError(context, out) {
      for (const [name, value] of Object.entries(pageHeaders)) context.set(name, value)
      const description = [out.error, out.error_description].filter(Boolean).join(': ')
      context.body = messagePage('This request cannot go on', description)
    },
    responseTypes: ['code'],
    // Using a rotated refresh token again revokes the whole grant (RFC 9700 section 4.14.2).
    rotateRefreshToken: true,
    routes: oauth2Paths,
    scopes,
    ttl: {
      AccessToken: () => accessTokenLifeSeconds,
      AuthorizationCode: 60,
      ClientCredentials: () => accessTokenLifeSeconds,
      DeviceCode: 600,
      Grant: days(365),
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: days(365),
      Session: days(14),
    },
  })

  // The registered list cannot hold "any port and any path"; see isRedirectAllowed for why that is right here.
  provider.Client.prototype.redirectUriAllowed = isRedirectAllowed
  provider.proxy = url.startsWith('https:')
  provider.silent = true
  provider.on('server_error', (_context, error) => process.stderr.write(`sandbox: ${error.stack ?? error.message}\n`))
  return provider
}

/** A client may only look at and revoke its own tokens. */
const sameClient = (_context: Context, client: { clientId: string }, token: { clientId: string }): boolean =>
  client.clientId === token.clientId

function clients(): Payload[] {
  const { confidential, basic, encoded, public: withoutSecret, device, machine } = demo.oauth2
  const person = {
    client_name: 'Demo application',
    grant_types: ['authorization_code', 'refresh_token'],
    // Needed to register at all; what is allowed is decided by isRedirectAllowed.
    redirect_uris: ['http://localhost/callback'],
  }
  const credentials = (client: { clientId: string; clientSecret: string }, method: string) => ({
    client_id: client.clientId,
    client_secret: client.clientSecret,
    token_endpoint_auth_method: method,
  })
  return [
    { ...person, ...credentials(confidential, 'client_secret_post') },
    { ...person, ...credentials(basic, 'client_secret_basic') },
    { ...person, ...credentials(encoded, 'client_secret_basic') },
    { ...person, client_id: withoutSecret.clientId, token_endpoint_auth_method: 'none' },
    {
      ...person,
      client_id: device.clientId,
      token_endpoint_auth_method: 'none',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      response_types: [],
      redirect_uris: [],
    },
    {
      client_name: 'Demo machine',
      ...credentials(machine, 'client_secret_post'),
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      scope: 'read write',
    },
  ]
}

/** Kept with the grants, so that ID tokens issued before a restart can be verified after it. */
function signingKey(store: Store): object {
  const known = store.find('SigningKey', 'es256')?.jwk
  if (isRecord(known)) return known
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }
  store.put('SigningKey', 'es256', { jwk })
  return jwk
}

function refuseUnknown(scope: string): void {
  const unknown = scope.split(' ').find((name) => !scopes.includes(name))
  if (unknown !== undefined) throw new errors.InvalidScope(`unknown scope "${unknown}"`, unknown)
}

/**
 * oidc-provider drops scopes it does not know, and `offline_access` unless `prompt=consent` was sent. Most providers
 * refuse the first (which is how a wrong delimiter shows) and know nothing of the second.
 */
function settleScopes(context: Context): void {
  // A pushed request has nothing in the query.
  const scope = context.query.scope ?? context.oidc?.params?.scope
  const requested = typeof scope === 'string' && scope !== '' ? scope : 'read'
  refuseUnknown(requested)
  if (context.oidc?.params) context.oidc.params.scope = requested
}

/** The same for client credentials. This hook runs before a token is saved and may refuse it. */
function refuseUnknownMachineScopes(context: Context): undefined {
  const body = context.oidc?.body
  if (body?.grant_type === 'client_credentials' && typeof body.scope === 'string') refuseUnknown(body.scope)
  return undefined
}
