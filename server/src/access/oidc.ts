/**
 * Signing in through an OpenID Connect provider: authorization code with PKCE, `state` and `nonce`, the ID token's signature
 * checked (OpenID Connect Core 1.0 section 3.1). What a sign-in needs at its end is derived from a secret that only the
 * browser's cookie holds, so nothing is stored, and whoever starts must finish (S-8).
 */
import { createHash, createHmac } from 'node:crypto'
import type { UserRole } from '@mooring/contract'
import * as oauth from 'oauth4webapi'
import { MooringError } from '../errors.ts'
import { randomToken } from '../ids.ts'

export interface OidcSettings {
  issuer: string
  clientId: string
  /** null for a public client. */
  clientSecret: string | null
  /** On the button. */
  name: string
  /** What whoever comes for the first time gets; null: only who was invited or is here may come. */
  role: UserRole | null
}

/** Who the provider says it is. */
export interface Identity {
  /** Issuer and subject: never given to somebody else, unlike an address. */
  key: string
  email: string | null
  emailVerified: boolean | null
  name: string | null
}

export interface Oidc {
  /** Where the browser goes, and the secret that it keeps until it is back. Throws what the provider's discovery throws. */
  begin(callbackUrl: string): Promise<{ url: string; secret: string }>
  /** Throws forbidden where another browser began or the person said no; provider_error, and what the way out throws. */
  finish(callbackUrl: string, parameters: URLSearchParams, secret: string): Promise<Identity>
}

/** Sends through the egress layer, which has its own limits. Throws MooringError. */
type Send = (
  url: URL,
  init: { method: string; headers: Record<string, string>; body: string | null },
) => Promise<Response>

/** A provider's keys and addresses change seldom. In milliseconds. */
const discoveryLife = 600_000

export function createOidc(settings: OidcSettings, send: Send, now: () => number): Oidc {
  const issuer = new URL(settings.issuer)
  const client: oauth.Client = { client_id: settings.clientId }
  const options = {
    // Whoever runs the server has written http into the setting.
    [oauth.allowInsecureRequests]: issuer.protocol === 'http:',
    [oauth.customFetch]: (url: string, init: { method: string; headers: Record<string, string>; body?: unknown }) => {
      const body = init.body instanceof URLSearchParams ? init.body.toString() : null
      const headers =
        body === null ? init.headers : { ...init.headers, 'content-type': 'application/x-www-form-urlencoded' }
      return send(new URL(url), { method: init.method, headers, body })
    },
    [oauth.jwksCache]: {},
  }

  let known: { server: oauth.AuthorizationServer; at: number } | undefined
  const discover = async (): Promise<oauth.AuthorizationServer> => {
    if (known !== undefined && now() - known.at < discoveryLife) return known.server
    const answer = await oauth.discoveryRequest(issuer, options)
    const server = await oauth.processDiscoveryResponse(issuer, answer)
    known = { server, at: now() }
    return server
  }

  const authentication = (server: oauth.AuthorizationServer): oauth.ClientAuth => {
    if (settings.clientSecret === null) return oauth.None()
    // Basic is what a provider takes that does not say (OpenID Connect Discovery 1.0 section 3).
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return methods.includes('client_secret_basic')
      ? oauth.ClientSecretBasic(settings.clientSecret)
      : oauth.ClientSecretPost(settings.clientSecret)
  }

  const identify = async (callbackUrl: string, parameters: URLSearchParams, secret: string): Promise<Identity> => {
    const server = await discover()
    const accepted = oauth.validateAuthResponse(server, client, parameters, derive(secret, 'state'))
    const answer = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authentication(server),
      accepted,
      callbackUrl,
      derive(secret, 'verifier'),
      options,
    )
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
      expectedNonce: derive(secret, 'nonce'),
      requireIdToken: true,
    })
    await oauth.validateApplicationLevelSignature(server, answer, options)
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    if (claims === undefined) throw new Error('an ID token was required and is missing')
    // Providers may keep what they know of a person out of the ID token (OpenID Connect Core 1.0 section 5.4).
    const more =
      claims['email'] === undefined && server.userinfo_endpoint !== undefined
        ? await oauth.processUserInfoResponse(
            server,
            client,
            claims.sub,
            await oauth.userInfoRequest(server, client, tokens.access_token, options),
          )
        : {}
    return identityOf(settings.issuer, { ...more, ...claims })
  }

  return {
    async begin(callbackUrl) {
      const server = await explained(issuer.host, discover)
      if (server.authorization_endpoint === undefined) throw refusal(issuer.host, 'has no authorization endpoint')
      const secret = randomToken(32)
      const url = new URL(server.authorization_endpoint)
      const parameters = {
        response_type: 'code',
        client_id: settings.clientId,
        redirect_uri: callbackUrl,
        scope: 'openid email profile',
        state: derive(secret, 'state'),
        nonce: derive(secret, 'nonce'),
        code_challenge: createHash('sha256').update(derive(secret, 'verifier')).digest('base64url'),
        code_challenge_method: 'S256',
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return { url: url.href, secret }
    },

    async finish(callbackUrl, parameters, secret) {
      if (parameters.get('state') !== derive(secret, 'state')) {
        throw new MooringError('forbidden', {
          detail: 'This sign-in was begun in another browser, or is over.',
          hint: 'Begin again from the sign-in page.',
        })
      }
      return explained(issuer.host, () => identify(callbackUrl, parameters, secret))
    },
  }
}

/** A value of its own for each use, none of which gives away another. */
function derive(secret: string, use: 'state' | 'nonce' | 'verifier'): string {
  return createHmac('sha256', secret).update(`mooring oidc ${use}`).digest('base64url')
}

function identityOf(issuer: string, claims: Record<string, unknown>): Identity {
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
  const verified = claims['email_verified']
  return {
    key: `${issuer} ${String(claims['sub'])}`,
    email: text(claims['email']),
    // Some providers write it as text.
    emailVerified: verified === undefined || verified === null ? null : verified === true || verified === 'true',
    name: text(claims['name']),
  }
}

/** What the library throws, as an error of ours; says nothing of what the provider sent but its error code. */
async function explained<T>(host: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof MooringError) throw error
    if (error instanceof oauth.AuthorizationResponseError) {
      const denied = error.error === 'access_denied'
      throw new MooringError(denied ? 'forbidden' : 'provider_error', {
        detail: denied ? `The sign-in at ${host} was cancelled or refused.` : `${host} answered ${word(error.error)}.`,
        hint: 'Begin again from the sign-in page.',
        cause: error,
      })
    }
    if (error instanceof oauth.ResponseBodyError)
      throw refusal(host, `refused to give a token: ${word(error.error)}`, error)
    if (error instanceof oauth.OperationProcessingError)
      throw refusal(host, 'gave an answer that does not check out', error)
    throw error
  }
}

function refusal(host: string, what: string, cause?: unknown): MooringError {
  return new MooringError('provider_error', {
    detail: `${host} ${what}.`,
    hint: 'Whoever runs the server should look at MOORING_OIDC_ISSUER, the client id and the secret.',
    cause,
  })
}

/** An error code (RFC 6749 section 4.1.2.1), not a text of any length. */
function word(code: string): string {
  return /^[\w.-]{1,60}$/.test(code) ? code : 'with an error'
}
