/** For the tests of the provider specifics: a provider with demands of its own, and everything that is done with one. */
import { fields } from './definition.ts'
import { oauth2 } from '../oauth2.ts'
import type { Exchange, Grant, OutgoingRequest } from '../scheme.ts'
import { isObject } from '../answer.ts'
import { type Asked, now, provider } from './provider.fixture.ts'

/** A request to the token endpoint, its parameters wherever they stand. */
export interface TokenAsked extends Asked {
  path: string
  parameters: Record<string, string>
  /** Those in the query. */
  query: Record<string, string>
}

/** What came of it all. */
export interface Outcome {
  grant: Grant<unknown>
  refreshed: Grant<unknown>
  /** Whether an answer of the API makes the token be renewed. */
  renews: (status: number, body: string) => boolean
  marginSeconds: number | null
}

/** How this provider is; what it does not say is as RFC 6749 has it, and taken whatever it is. */
export interface Stand {
  /** Whether it takes this authorization request. */
  authorize?: (query: URLSearchParams, url: URL) => boolean
  /** Changes what the callback brings. */
  back?: (parameters: URLSearchParams, origin: string, query: URLSearchParams) => void
  /** Whether it takes this token request; the second time it is the refresh. */
  token?: (asked: TokenAsked, refresh: boolean) => boolean
  answer?: (asked: TokenAsked, refresh: boolean) => unknown
  revoke?: (asked: TokenAsked) => boolean
  call?: (url: URL, headers: Record<string, string>) => boolean
  good?: (outcome: Outcome, origin: string) => boolean
}

export type Set = (origin: string) => Record<string, unknown>

const callbackUrl = 'https://mooring.example/oauth/callback/abc'
const scopes = { scopes: ['read', 'write'], scopeDelimiter: 'space' as const }

/** Connects, renews, calls and revokes. `connected`, or what the provider did not take. */
export async function outcomeWith(stand: Stand, set: Set): Promise<string> {
  let tokens = 0
  const there = await provider((asked) => {
    const one = tokenAsked(asked)
    if (one.path === '/revoke') return stand.revoke?.(one) === false ? refused : { body: '' }
    const refresh = tokens++ > 0
    if (stand.token?.(one, refresh) === false) return refused
    const plain = {
      access_token: `token-${tokens}`,
      refresh_token: 'refresh-1',
      expires_in: 3600,
      token_type: 'bearer',
    }
    const answer = stand.answer?.(one, refresh) ?? plain
    return { body: typeof answer === 'string' ? answer : JSON.stringify(answer) }
  })
  const { origin, exchange } = there
  const definition = fields.parse({
    clientId: 'client',
    clientSecret: 'client-secret',
    authorizationUrl: `${origin}/authorize`,
    tokenUrl: `${origin}/token`,
    revokeTokenUrl: `${origin}/revoke`,
    ...set(origin),
  })
  const wrong = oauth2.check(definition, 'ready')
  if (wrong.length > 0) return `the definition: ${JSON.stringify(wrong)}`
  try {
    return await whole(stand, definition, origin, exchange)
  } catch (error) {
    return error instanceof Error ? `an error: ${error.message}` : 'an error'
  }
}

const refused = { status: 400, body: JSON.stringify({ error: 'invalid_request' }) }

async function whole(stand: Stand, definition: unknown, origin: string, exchange: Exchange): Promise<string> {
  const person = oauth2.flow(definition) === 'redirect'
  const grant = person
    ? await signIn(stand, definition, origin, exchange)
    : await oauth2.acquire(definition, scopes, exchange)
  if (grant === undefined) return 'the authorization request'
  if (!oauth2.refreshable(definition, grant.credential)) return 'nothing to renew with'
  const refreshed = await oauth2.refresh(definition, grant.credential, scopes, exchange)
  const request: OutgoingRequest = { method: 'GET', url: new URL('https://api.example/me'), headers: [], body: null }
  oauth2.apply(definition, refreshed.credential).inject(request, now)
  const headers = Object.fromEntries(pairs(request.headers))
  if (stand.call?.(request.url, headers) === false) return 'the call'
  const renews = (status: number, body: string): boolean =>
    oauth2.expired(definition, status) || oauth2.expiredTexts(definition, status).some((text) => body.includes(text))
  const marginSeconds = oauth2.refreshMarginSeconds(definition)
  if (stand.good?.({ grant, refreshed, renews, marginSeconds }, origin) === false) return 'the outcome'
  if (person) await oauth2.revoke(definition, refreshed.credential, exchange)
  return 'connected'
}

async function signIn(
  stand: Stand,
  definition: unknown,
  origin: string,
  exchange: Exchange,
): Promise<Grant<unknown> | undefined> {
  const begun = await oauth2.begin(definition, { ...scopes, callbackUrl }, exchange)
  const url = new URL(begun.authorizationUrl)
  const query = url.searchParams
  if (stand.authorize?.(query, url) === false) return undefined
  const parameters = new URLSearchParams(URL.parse(query.get('redirect_uri') ?? '')?.search)
  parameters.set('code', 'code-1')
  const state = query.get('state')
  if (state !== null) parameters.set('state', state)
  stand.back?.(parameters, origin, query)
  const found = oauth2.correlate(parameters)
  if (found !== begun.correlation) throw new Error('the callback fits no attempt')
  return oauth2.finish(definition, { ...scopes, callbackUrl, parameters, kept: begun.kept }, exchange)
}

function tokenAsked(asked: Asked): TokenAsked {
  const url = new URL(asked.url, 'http://provider')
  const query = Object.fromEntries(url.searchParams)
  return { ...asked, path: url.pathname, query, parameters: { ...query, ...bodyOf(asked.body) } }
}

function bodyOf(body: string): Record<string, string> {
  if (!body.startsWith('{')) return Object.fromEntries(new URLSearchParams(body))
  const value: unknown = JSON.parse(body)
  if (!isObject(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]))
}

function pairs(headers: readonly string[]): [string, string][] {
  return headers.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name.toLowerCase(), headers[index + 1] ?? '']] : [],
  )
}
