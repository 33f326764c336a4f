/** The requests to the token endpoint: RFC 6749 sections 4.1.3, 4.4.2 and 6. */
import * as oauth from 'oauth4webapi'
import { MooringError } from '../../errors.ts'
import type { Exchange, FinishInput, Grant, ScopeInput } from '../scheme.ts'
import { type Answer, readAnswer, valueAt } from '../answer.ts'
import { redirectUri } from './authorize.ts'
import { readCallback } from './callback.ts'
import { definitionSecrets, endpoint, type Parties, parties, tokenUrl } from './client.ts'
import type { Credential, Definition } from './definition.ts'
import { bindingIn, newBinding, onceMore, proving } from './dpop.ts'
import { lifetime } from './expiry.ts'
import { learnFromCallback, learnFromToken } from './learn.ts'
import { type Circumstance, refusal, type Step, unusable } from './failure.ts'
import { isRefreshable } from './grants.ts'
import { redactor } from './redact.ts'
import { type JoinedScopes, joinScopes, splitScopes } from './scope.ts'
import { explainLibrary, failed } from './words.ts'
import { dress } from './wire.ts'

type Options = oauth.TokenEndpointRequestOptions & oauth.ClientCredentialsGrantRequestOptions

export interface TokenRequest {
  step: Step
  url: URL
  scopes: ScopeInput
  /** The `scope` parameter, where the request has one. */
  joined?: JoinedScopes | undefined
  /** What travels and must not come back in an error. */
  secrets: (string | null | undefined)[]
  /** The refresh token so far, kept where the answer names none (S-24). */
  refreshToken: string | null
  /** What whoever connected gave, kept for the next time. */
  given?: Credential['given']
  /** The key that the token will be bound to; a new one where there is none. */
  dpop?: Credential['dpop']
  send(parties: Parties, options: Options): Promise<Response>
  read(server: oauth.AuthorizationServer, client: oauth.Client, answer: Response): Promise<oauth.TokenEndpointResponse>
}

/** The code for a token. */
export async function exchangeCode(
  given: Definition,
  input: FinishInput,
  exchange: Exchange,
): Promise<Grant<Credential>> {
  const { definition, learned, refused } = learnFromCallback(given, input.parameters, input.given)
  const callback = readCallback(definition, input, exchange.now())
  if (refused) throw refused
  const verifier = input.kept['verifier']
  const grant = await requestToken(definition, exchange, {
    step: 'code',
    url: tokenUrl(definition),
    scopes: input,
    secrets: [callback.get('code'), verifier, input.kept['state']],
    refreshToken: null,
    dpop: input.kept['dpop'] === undefined ? undefined : bindingIn(input.kept['dpop']),
    send: ({ server, client, authenticate }, options) =>
      oauth.authorizationCodeGrantRequest(
        server,
        client,
        authenticate,
        callback,
        redirectUri(definition, input.callbackUrl, input.kept['state'] ?? ''),
        verifier ?? oauth.nopkce,
        { ...options, additionalParameters: definition.tokenParams },
      ),
    read: oauth.processAuthorizationCodeResponse,
  })
  return Object.keys(learned).length === 0 ? grant : { ...grant, learned: { ...learned, ...grant.learned } }
}

/** A token for the client itself. `step` tells the first from the ones that follow. */
export async function acquireToken(
  definition: Definition,
  scopes: ScopeInput,
  exchange: Exchange,
  step: 'acquire' | 'refresh' = 'acquire',
  dpop?: Credential['dpop'],
): Promise<Grant<Credential>> {
  const joined = joinScopes(scopes.scopes, scopes.scopeDelimiter)
  const grant = await requestToken(definition, exchange, {
    step,
    url: tokenUrl(definition),
    scopes,
    joined,
    secrets: [],
    refreshToken: null,
    dpop,
    send: ({ server, client, authenticate }, options) =>
      oauth.clientCredentialsGrantRequest(
        server,
        client,
        authenticate,
        { ...definition.tokenParams, ...(joined ? { scope: joined.plain } : {}) },
        options,
      ),
    read: oauth.processClientCredentialsResponse,
  })
  // RFC 6749 section 4.4.3 has no refresh token here; the next token is asked for as this one was.
  return { ...grant, credential: { ...grant.credential, refreshToken: null } }
}

/** A new token for the old one's refresh token. */
export async function refreshToken(
  definition: Definition,
  held: Credential,
  scopes: ScopeInput,
  exchange: Exchange,
  step: 'acquire' | 'refresh' = 'refresh',
): Promise<Grant<Credential>> {
  if (definition.grantType === 'client_credentials')
    return acquireToken(definition, scopes, exchange, 'refresh', held.dpop)
  const token = held.refreshToken
  if (token === null) {
    throw new MooringError('reauthorization_required', {
      detail: 'The provider gave no refresh token.',
      hint: 'Connect again. Many providers give one only when asked (such as access_type=offline).',
    })
  }
  return requestToken(definition, exchange, {
    step,
    url:
      definition.refreshTokenUrl === null
        ? tokenUrl(definition)
        : endpoint(definition.refreshTokenUrl, 'Refresh Token URL'),
    // No `joined`: scopes left out mean "the same as before" (RFC 6749 section 6).
    scopes,
    secrets: [token, held.accessToken],
    refreshToken: token,
    dpop: held.dpop,
    send: ({ server, client, authenticate }, options) =>
      oauth.refreshTokenGrantRequest(server, client, authenticate, token, {
        ...options,
        additionalParameters: definition.refreshParams,
      }),
    read: oauth.processRefreshTokenResponse,
  })
}

/** The library sends and judges; in between its request is written as the provider wants it, and the answer made plain. */
export async function requestToken(
  definition: Definition,
  exchange: Exchange,
  request: TokenRequest,
): Promise<Grant<Credential>> {
  const { step, url, scopes } = request
  const started = exchange.now()
  const circumstance: Circumstance = {
    step,
    host: url.host,
    definition,
    scopes,
    redact: redactor([...definitionSecrets(definition), ...request.secrets]),
    now: started,
  }
  const again = request.step === 'refresh' && request.refreshToken !== null
  const method = (again ? definition.refreshClientAuthentication : null) ?? undefined
  const between = parties(definition, url, exchange, method)
  const prover = definition.dpop ? proving(exchange, request.dpop ?? newBinding()) : undefined
  const told: { tokens?: Tokens } = {}
  const options: Options = {
    // A service whose own URL says http has chosen so (S-34); a warning told its creator.
    [oauth.allowInsecureRequests]: url.protocol === 'http:',
    [oauth.customFetch]: async (_url, { body, headers }) => {
      const named = again ? body : withGrantType(definition, body)
      const parameters = [...named, ...definition.resource.map((each): [string, string] => ['resource', each])]
      const outgoing = dress(url, headers, parameters, {
        method: definition.tokenRequestMethod,
        format: definition.tokenRequestFormat,
        names: definition.parameterNames,
        headers: definition.tokenHeaders,
        query: between.query,
        scope: request.joined,
        omit: definition.omittedParameters[again ? 'refresh' : 'token'],
      })
      const answer = await readAnswer(await (prover ?? exchange).fetch(outgoing.url, outgoing), url.host)
      told.tokens = tokensIn(answer, circumstance)
      return plainAnswer(told.tokens)
    },
  }
  try {
    const response = await onceMore(() => request.send(between, options))
    const plain = await request.read(between.server, between.client, response)
    const { given } = request
    const held = { ...(given ? { given } : {}), ...(prover ? { dpop: prover.binding() } : {}) }
    return grantOf(definition, request, plain, { ...told.tokens, held }, started)
  } catch (error) {
    throw explainLibrary(error, circumstance)
  }
}

/** Some providers have a word of their own for what is a standard grant otherwise. */
function* withGrantType({ grantTypeValue }: Definition, body: Iterable<[string, string]>): Iterable<[string, string]> {
  for (const [name, value] of body) yield [name, name === 'grant_type' ? (grantTypeValue ?? value) : value]
}

/** What an answer holds, wherever this provider puts it. */
export interface Tokens {
  accessToken?: string
  refreshToken?: string
  scope?: string
  tokenType?: string
  account?: string
  relative?: unknown
  absolute?: unknown
  /** The answer itself. */
  fields?: Record<string, unknown>
  /** What the credential holds besides tokens. */
  held?: Pick<Credential, 'given' | 'dpop'>
}

const absoluteNames = ['expires_at', 'expires_on', 'expiry']

/** Throws what the provider refused, or `no_access_token`, `not_json`. */
export function tokensIn(answer: Answer, circumstance: Circumstance): Tokens {
  const refused = refusal(answer, circumstance)
  if (refused) throw failed(refused, circumstance)
  const { fields } = answer
  if (fields === undefined) throw failed(unusable(answer, 'not_json', circumstance), circumstance)
  const paths = circumstance.definition.tokenResponse ?? {}
  const main =
    [paths.accessToken ?? 'access_token', paths.alternateAccessToken]
      .filter((path) => path !== undefined)
      .find((path) => text(valueAt(fields, path)) !== undefined) ??
    paths.accessToken ??
    'access_token'
  // Slack nests the token of a code answer and not that of a refresh. At first nothing else than the named place will
  // do: at the top may be another token, with other rights.
  const nested = circumstance.step !== 'refresh' || text(valueAt(fields, main)) !== undefined
  const accessToken = text(valueAt(fields, nested ? main : 'access_token'))
  if (accessToken === undefined) throw failed(unusable(answer, 'no_access_token', circumstance), circumstance)
  const beside = nested ? main.slice(0, main.lastIndexOf('.') + 1) : ''
  const found = (path: string | undefined, standard: string): unknown =>
    (nested && path !== undefined ? valueAt(fields, path) : undefined) ?? valueAt(fields, beside + standard)
  const named = paths.expiresIn === undefined || !nested ? undefined : valueAt(fields, paths.expiresIn)
  const account = paths.account === undefined ? undefined : valueAt(fields, paths.account)
  return {
    accessToken,
    refreshToken: text(found(paths.refreshToken, 'refresh_token')),
    scope: scopeText(found(paths.scope, 'scope')),
    tokenType: text(valueAt(fields, `${beside}token_type`)),
    account: text(typeof account === 'number' ? String(account) : account)?.slice(0, 200),
    relative: named ?? valueAt(fields, `${beside}expires_in`),
    absolute: named === undefined ? absoluteIn(fields, beside) : undefined,
    fields,
  }
}

function absoluteIn(fields: Record<string, unknown>, beside: string): unknown {
  return absoluteNames
    .map((name) => valueAt(fields, beside + name))
    .find((value) => value !== undefined && value !== null)
}

/** A text fit to be sent on: not empty, no control characters, no broken surrogates. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !/[\p{Cc}\p{Cs}]/u.test(value) ? value : undefined
}

function scopeText(value: unknown): string | undefined {
  if (!Array.isArray(value)) return text(value)
  return value.filter((scope) => typeof scope === 'string').join(' ')
}

/**
 * The answer as RFC 6749 section 5.1 has it, for the library to check. The id_token stays behind: nobody is signed in
 * by it here, and an unverified one is worth nothing. Whatever the provider calls the type of the token, it is sent as
 * the service says, so for the library it is a bearer token. How long it lives is judged by `lifetime`.
 */
function plainAnswer({ accessToken, refreshToken: renewed, scope }: Tokens): Response {
  return Response.json({ access_token: accessToken, token_type: 'bearer', refresh_token: renewed, scope })
}

export function grantOf(
  definition: Definition,
  request: Pick<TokenRequest, 'step' | 'scopes' | 'refreshToken'>,
  plain: oauth.TokenEndpointResponse,
  { tokenType, account, relative, absolute, fields = {}, held }: Tokens,
  now: number,
): Grant<Credential> {
  const refreshToken = plain.refresh_token ?? request.refreshToken
  const credential: Credential = { accessToken: plain.access_token, refreshToken, ...held }
  const { expiresAt, notes } = lifetime({
    absolute,
    relative,
    now,
    zero: definition.expiresInZero,
    fallbackSeconds: isRefreshable(definition, credential) ? definition.expiryTime : null,
  })
  const told = learnFromToken(definition, fields, request.step === 'refresh')
  const type = tokenType !== undefined && /^[A-Za-z0-9_-]{1,20}$/.test(tokenType) ? tokenType : undefined
  return {
    credential: type === undefined ? credential : { ...credential, tokenType: type },
    expiresAt,
    grantedScopes: splitScopes(plain.scope, request.scopes.scopeDelimiter),
    account: account ?? null,
    notes: [
      ...notes,
      ...told.notes,
      ...(type === undefined || /^(bearer|dpop|n_a)$/i.test(type)
        ? []
        : ['The provider names a token type other than bearer; the token is sent as the service says.']),
    ],
    ...(Object.keys(told.learned).length === 0 ? {} : { learned: told.learned }),
  }
}
