import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ControlledEndpoints } from './control.ts'
import { isRedirectAllowed, readBody, redirect, sendJson, sendPage, target } from './http.ts'
import type { Body } from './http.ts'
import { hintedPerson } from './interactions.ts'
import { createNonceMemory, verifyOAuth1 } from './oauth1_request.ts'
import type { OAuth1Problem, OAuth1Request, OAuth1Result, TokenSecretOf } from './oauth1_request.ts'
import { messagePage, oauth1Page, personName } from './pages.ts'
import type { Payload, Store } from './store.ts'

export const oauth1Models = ['OAuth1Temporary', 'OAuth1Token']

const TEMPORARY = 'OAuth1Temporary'
const TOKEN = 'OAuth1Token'
const TEMPORARY_LIFE_SECONDS = 600
const OUT_OF_BAND = 'oob'

export interface OAuth1Options {
  store: Store
  endpoints: ControlledEndpoints
  autoConsent: boolean
  /** The URL of a request as its sender sees it. */
  urlOf: (request: IncomingMessage) => string
}

export interface OAuth1Provider {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Checks a signed API request. */
  check(request: IncomingMessage, body: Body): OAuth1Result & { accountId?: string }
}

/** The three legs of RFC 5849 section 2, and a revocation endpoint (which the RFC has none of). */
export function createOAuth1({ store, endpoints, autoConsent, urlOf }: OAuth1Options): OAuth1Provider {
  const nonces = createNonceMemory()
  const nowSeconds = () => Math.floor(Date.now() / 1000)

  const secretIn =
    (model: string): TokenSecretOf =>
    (token) => {
      const payload = store.find(model, token)
      const isLive = payload && !(typeof payload.exp === 'number' && payload.exp < nowSeconds())
      return isLive ? text(payload.secret) : undefined
    }

  const verified = (request: IncomingMessage, body: Body, tokenSecretOf?: TokenSecretOf) =>
    verifyOAuth1(request, body, urlOf(request), nonces, nowSeconds(), tokenSecretOf)

  /** Section 2.1 */
  const requestToken = (oauth: OAuth1Request, response: ServerResponse) => {
    const callback = oauth.protocol.get('oauth_callback')
    if (callback === undefined) {
      return sendProblem(response, refusal('parameter_absent', 'oauth_callback is missing; send "oob" for none.'))
    }
    if (callback !== OUT_OF_BAND && !isRedirectAllowed(callback)) {
      return sendProblem(response, refusal('parameter_rejected', 'oauth_callback must be https, or http on localhost.'))
    }
    const token = { id: random(), secret: random() }
    const exp = nowSeconds() + TEMPORARY_LIFE_SECONDS
    store.put(TEMPORARY, token.id, { secret: token.secret, callback, exp }, TEMPORARY_LIFE_SECONDS)
    return sendForm(response, {
      oauth_token: token.id,
      oauth_token_secret: token.secret,
      oauth_callback_confirmed: 'true',
    })
  }

  /** Section 2.3 */
  const accessToken = (oauth: OAuth1Request, response: ServerResponse) => {
    const temporary = oauth.protocol.get('oauth_token') ?? ''
    const payload = store.find(TEMPORARY, temporary)
    const verifier = oauth.protocol.get('oauth_verifier')
    if (verifier === undefined) {
      return sendProblem(response, refusal('parameter_absent', 'oauth_verifier is missing.'))
    }
    if (!payload?.verifier || payload.verifier !== verifier) {
      const description = 'oauth_verifier is not the one this token was authorized with.'
      return sendProblem(response, { ...refusal('verifier_invalid', description), status: 401 })
    }
    store.remove(TEMPORARY, temporary)
    const token = { id: random(), secret: random() }
    const accountId = text(payload.accountId)
    store.put(TOKEN, token.id, { secret: token.secret, accountId })
    return sendForm(response, {
      oauth_token: token.id,
      oauth_token_secret: token.secret,
      user_id: accountId,
      screen_name: personName(accountId),
    })
  }

  /** Section 2.2 */
  const authorize = async (request: IncomingMessage, response: ServerResponse) => {
    const isPost = request.method === 'POST'
    const encoded = isPost ? (await readBody(request, 16_384)).head.toString() : target(request).query
    const fields = new URLSearchParams(encoded)
    const token = fields.get('oauth_token') ?? ''
    const payload = secretIn(TEMPORARY)(token) === undefined ? undefined : store.find(TEMPORARY, token)
    if (!payload || payload.verifier !== undefined) {
      const advice = 'The temporary token is unknown, expired or was already decided on. Please start again.'
      return sendPage(response, 400, messagePage('Nothing to decide', advice))
    }
    const auto = fields.get('sandbox_auto') ?? (autoConsent ? 'accept' : undefined)
    const decision = isPost ? fields.get('decision') : auto
    const callback = text(payload.callback)
    if (!decision) {
      return sendPage(response, 200, oauth1Page(token, { clientName: 'Demo application', redirectUri: callback }))
    }
    if (decision === 'cancel') {
      store.remove(TEMPORARY, token)
      if (callback === OUT_OF_BAND) return sendPage(response, 200, messagePage('Cancelled', 'Nothing was allowed.'))
      // RFC 5849 says nothing of a refusal; X answers like this.
      return redirect(response, withParameters(callback, { denied: token }))
    }
    const accountId = hintedPerson(fields.get('account') ?? fields.get('login_hint') ?? '')
    const verifier = random()
    const remainingSeconds = Math.max(1, Number(payload.exp) - nowSeconds())
    const decided: Payload = { ...payload, verifier, accountId }
    store.put(TEMPORARY, token, decided, remainingSeconds)
    if (callback === OUT_OF_BAND) return sendPage(response, 200, messagePage('Your verification code', verifier))
    return redirect(response, withParameters(callback, { oauth_token: token, oauth_verifier: verifier }))
  }

  const signed = async (
    request: IncomingMessage,
    response: ServerResponse,
    tokenSecretOf: TokenSecretOf | undefined,
    answer: (oauth: OAuth1Request, response: ServerResponse) => void,
  ) => {
    const result = verified(request, await readBody(request, 65_536), tokenSecretOf)
    return 'problem' in result ? sendProblem(response, result.problem) : answer(result.request, response)
  }

  return {
    async handle(request, response) {
      const counts = endpoints.tally.oauth1
      switch (target(request).path) {
        case '/oauth1/request_token':
          counts.requestToken += 1
          return signed(request, response, undefined, requestToken)
        case '/oauth1/authorize':
          counts.authorize += 1
          return authorize(request, response)
        case '/oauth1/access_token':
          counts.accessToken += 1
          return signed(request, response, secretIn(TEMPORARY), accessToken)
        case '/oauth1/revoke':
          counts.revoke += 1
          return signed(request, response, secretIn(TOKEN), (oauth) => {
            store.remove(TOKEN, oauth.protocol.get('oauth_token') ?? '')
            sendJson(response, 200, {})
          })
        default:
          return sendJson(response, 404, {
            error: 'not_found',
            error_description: 'There is no such OAuth 1 endpoint.',
          })
      }
    },
    check(request, body) {
      const result = verified(request, body, secretIn(TOKEN))
      if ('problem' in result) return result
      const accountId = store.find(TOKEN, result.request.protocol.get('oauth_token') ?? '')?.accountId
      return { ...result, accountId: text(accountId) }
    },
  }
}

const random = (): string => randomBytes(24).toString('base64url')
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const refusal = (problem: string, description: string): OAuth1Problem => ({ status: 400, problem, description })

function withParameters(callback: string, parameters: Record<string, string>): string {
  const url = new URL(callback)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

function sendForm(response: ServerResponse, fields: Record<string, string>): void {
  response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded', 'cache-control': 'no-store' })
  response.end(new URLSearchParams(fields).toString())
}

export const problemHeader = ({ problem }: OAuth1Problem): string => `OAuth realm="sandbox", oauth_problem="${problem}"`

export function sendProblem(response: ServerResponse, problem: OAuth1Problem): void {
  const { status, description, baseString } = problem
  sendJson(
    response,
    status,
    { error: problem.problem, error_description: description, ...(baseString ? { base_string: baseString } : {}) },
    { 'www-authenticate': problemHeader(problem) },
  )
}
