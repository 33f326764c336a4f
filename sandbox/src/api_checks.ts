import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Provider } from 'oidc-provider'
import { demo } from './demo.ts'
import { isForm, target } from './http.ts'
import type { Body } from './http.ts'
import { problemHeader } from './oauth1.ts'
import type { OAuth1Provider } from './oauth1.ts'
import { digest, hmac, jwt, session } from './proof_checks.ts'
import { verifySigV4 } from './sigv4.ts'

export type Location = 'header' | 'query' | 'form' | 'cookie'

export interface Accepted {
  ok: true
  /** Where the credential was found, and what was noteworthy about it. */
  credential: { location: Location; [detail: string]: string }
  who?: string
  scopes?: string[]
  /** Lower-case names of the headers, and names of the parameters, whose values must not be echoed. */
  hiddenHeaders: string[]
  hiddenParameters: string[]
}

export interface Refused {
  ok: false
  error: string
  description: string
  /** `WWW-Authenticate` */
  challenge: string
  details?: Record<string, string>
}

export type Check = (request: IncomingMessage, body: Body) => Promise<Accepted | Refused> | Accepted | Refused

interface Found {
  location: Location
  value: string
}

/** Looks a parameter up in the query, a form body and the cookies. */
function findParameter(request: IncomingMessage, body: Body, names: readonly string[]): Found | undefined {
  const form = isForm(request) ? body.head.toString() : ''
  const cookies = (request.headers.cookie ?? '').split(/;\s*/).map((cookie) => cookie.split('='))
  const first = (location: Location, parameters: URLSearchParams): Found | undefined => {
    const name = names.find((candidate) => parameters.has(candidate))
    return name === undefined ? undefined : { location, value: parameters.get(name) ?? '' }
  }
  return (
    first('query', new URLSearchParams(target(request).query)) ??
    first('form', new URLSearchParams(form)) ??
    cookies
      .filter(([name = '']) => names.includes(name))
      .map(([, ...value]): Found => ({ location: 'cookie', value: value.join('=') }))[0]
  )
}

/** In constant time, so that the check teaches no bad habit. */
function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

const apiKeyNames = ['api_key', 'apikey', 'X-Api-Key']

const apiKey: Check = (request, body) => {
  const header = request.headers['x-api-key']
  const found: Found | undefined =
    typeof header === 'string' ? { location: 'header', value: header } : findParameter(request, body, apiKeyNames)
  const refuse = (error: string, description: string): Refused => ({
    ok: false,
    error,
    description,
    challenge: 'ApiKey realm="sandbox"',
  })
  if (!found) {
    return refuse(
      'missing_api_key',
      'Send the key as the header X-Api-Key, or as api_key in the query, a form or a cookie.',
    )
  }
  if (!same(found.value, demo.apiKey)) return refuse('invalid_api_key', `The key in the ${found.location} is wrong.`)
  return {
    ok: true,
    credential: { location: found.location },
    hiddenHeaders: ['x-api-key', 'cookie'],
    hiddenParameters: apiKeyNames,
  }
}

const basic: Check = (request, body) => {
  const refuse = (error: string, description: string): Refused => ({
    ok: false,
    error,
    description,
    challenge: 'Basic realm="sandbox", charset="UTF-8"',
  })
  const accept = (location: Location): Accepted => ({
    ok: true,
    credential: { location },
    who: demo.basic.username,
    hiddenHeaders: ['authorization'],
    hiddenParameters: ['username', 'password'],
  })
  const wrong = 'The username or the password is wrong.'
  const header = request.headers.authorization
  if (header !== undefined) {
    const encoded = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1]
    if (!encoded) return refuse('invalid_request', 'The Authorization header is not "Basic", a blank and base64.')
    // RFC 7617: the first colon ends the username; the password may hold more of them.
    const [username = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
    const matches = same(username, demo.basic.username) && same(password.join(':'), demo.basic.password)
    return matches ? accept('header') : refuse('invalid_credentials', wrong)
  }
  const username = findParameter(request, body, ['username'])
  const password = findParameter(request, body, ['password'])
  if (!username || !password) return refuse('missing_credentials', 'Send an Authorization header of type Basic.')
  const matches = same(username.value, demo.basic.username) && same(password.value, demo.basic.password)
  return matches ? accept(password.location) : refuse('invalid_credentials', wrong)
}

/** Words providers put before a token, as configured with `tokenPrefix` and `bearerName`. */
const tokenPrefixes = ['bearer', 'token', 'oauth', 'zoho-oauthtoken']

const challengeBearer = (error?: string, description?: string): string =>
  error ? `Bearer realm="sandbox", error="${error}", error_description="${description}"` : 'Bearer realm="sandbox"'

const refuseBearer = (error: string, description: string): Refused => ({
  ok: false,
  error,
  description,
  // RFC 6750 section 3.1: no error code where the request carried no token at all.
  challenge: error === 'missing_token' ? challengeBearer() : challengeBearer(error, description),
})

/** RFC 6750 section 2: header, form, query; exactly one of them. */
function findToken(request: IncomingMessage, body: Body): (Found & { prefix?: string }) | Refused {
  const header = request.headers.authorization
  const parameter = findParameter(request, body, ['access_token'])
  if (header === undefined) {
    return parameter ?? refuseBearer('missing_token', 'Send the token as "Authorization: Bearer …".')
  }
  if (parameter)
    return refuseBearer('invalid_request', `There is a token in the header and in the ${parameter.location}.`)
  const [prefix = '', value = '', ...rest] = header.split(' ')
  if (!tokenPrefixes.includes(prefix.toLowerCase()) || value === '' || rest.length > 0) {
    return refuseBearer('invalid_request', 'The Authorization header is not "Bearer", one blank and a token.')
  }
  return { location: 'header', value, prefix }
}

const acceptToken = (found: Found & { prefix?: string }): Accepted => ({
  ok: true,
  credential: { location: found.location, ...(found.prefix ? { prefix: found.prefix } : {}) },
  hiddenHeaders: ['authorization', 'cookie'],
  hiddenParameters: ['access_token'],
})

const bearer: Check = (request, body) => {
  const found = findToken(request, body)
  if ('ok' in found) return found
  return same(found.value, demo.bearer) ? acceptToken(found) : refuseBearer('invalid_token', 'The token is wrong.')
}

const oauth2 =
  (provider: Provider): Check =>
  async (request, body) => {
    const found = findToken(request, body)
    if ('ok' in found) return found
    const token =
      (await provider.AccessToken.find(found.value, { ignoreExpiration: true })) ??
      (await provider.ClientCredentials.find(found.value, { ignoreExpiration: true }))
    if (!token) return refuseBearer('invalid_token', 'The access token is unknown or was revoked.')
    if (token.isExpired) return refuseBearer('invalid_token', 'The access token expired.')
    if (token.grantId && !(await provider.Grant.find(token.grantId))) {
      return refuseBearer('invalid_token', 'The grant of this access token was revoked.')
    }
    return {
      ...acceptToken(found),
      who: token.accountId ?? token.clientId,
      scopes: token.scope?.split(' ') ?? [],
    }
  }

const oauth1 =
  (oauth1Provider: OAuth1Provider): Check =>
  (request, body) => {
    const result = oauth1Provider.check(request, body)
    if ('problem' in result) {
      const { problem, description, baseString } = result.problem
      return {
        ok: false,
        error: problem,
        description,
        challenge: problemHeader(result.problem),
        ...(baseString ? { details: { base_string: baseString } } : {}),
      }
    }
    const { location, signatureMethod, protocol } = result.request
    return {
      ok: true,
      credential: { location, signatureMethod },
      ...(result.accountId ? { who: result.accountId } : {}),
      hiddenHeaders: ['authorization'],
      hiddenParameters: [...protocol.keys()],
    }
  }

const aws: Check = (request, body) => {
  const headers: [string, string][] = []
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    headers.push([request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? ''])
  }
  const keys = Object.values(demo.aws).filter((entry) => typeof entry === 'object')
  const result = verifySigV4(
    { method: request.method ?? 'GET', target: request.url ?? '/', headers, bodySha256: body.sha256 },
    (accessKeyId) => keys.find((key) => key.accessKeyId === accessKeyId),
    new Date(),
  )
  if (!result.ok) {
    const { error, description, canonicalRequest, stringToSign } = result
    const details = { canonical_request: canonicalRequest ?? '', string_to_sign: stringToSign ?? '' }
    return {
      ok: false,
      error,
      description,
      challenge: 'AWS4-HMAC-SHA256 realm="sandbox"',
      ...(canonicalRequest ? { details } : {}),
    }
  }
  const { location, region, service } = result
  return {
    ok: true,
    credential: { location, region, service },
    who: result.accessKeyId,
    hiddenHeaders: ['authorization', 'x-amz-security-token'],
    hiddenParameters: ['X-Amz-Signature', 'X-Amz-Security-Token', 'X-Amz-Credential'],
  }
}

/** The API's schemes by the name in its path. `open` asks for nothing. */
export const createChecks = (provider: Provider, oauth1Provider: OAuth1Provider): Map<string, Check | undefined> =>
  new Map<string, Check | undefined>([
    ['open', undefined],
    ['api_key', apiKey],
    ['basic', basic],
    ['bearer', bearer],
    ['oauth2', oauth2(provider)],
    ['oauth1', oauth1(oauth1Provider)],
    ['aws', aws],
    ['digest', digest],
    ['hmac', hmac],
    ['jwt', jwt],
    ['session', session],
  ])
