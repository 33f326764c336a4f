/** Giving a token back: RFC 7009, and what providers ask for instead. */
import * as oauth from 'oauth4webapi'
import type { Exchange } from '../scheme.ts'
import { readAnswer } from '../answer.ts'
import { definitionSecrets, endpoint, parties } from './client.ts'
import type { Credential, Definition } from './definition.ts'
import { type Circumstance, refusal, unusable } from './failure.ts'
import { redactor } from './redact.ts'
import { percentEncode } from '../request.ts'
import { explainLibrary, failed } from './words.ts'
import { dress, type Outgoing } from './wire.ts'

type Revocation = Definition['revocation']

/** Throws `provider_error` where the provider did not confirm. */
export async function revoke(
  definition: Definition,
  held: Credential,
  exchange: Exchange,
): Promise<'done' | 'not_configured'> {
  if (definition.revokeTokenUrl === null) return 'not_configured'
  const { revocation } = definition
  const url = endpoint(definition.revokeTokenUrl, 'Revoke Token URL')
  const whole = revocation.which === 'refresh_token' && held.refreshToken !== null
  const token = whole ? (held.refreshToken ?? held.accessToken) : held.accessToken
  const circumstance: Circumstance = {
    step: 'revoke',
    host: url.host,
    definition,
    scopes: null,
    redact: redactor([...definitionSecrets(definition), held.accessToken, held.refreshToken]),
    now: exchange.now(),
  }
  const method = revocation.clientAuthentication ?? definition.clientAuthentication
  const between = parties(definition, url, exchange, method)
  try {
    const response = await oauth.revocationRequest(between.server, between.client, between.authenticate, token, {
      additionalParameters: { token_type_hint: whole ? 'refresh_token' : 'access_token' },
      [oauth.allowInsecureRequests]: url.protocol === 'http:',
      [oauth.customFetch]: async (_url, { body, headers }) => {
        const outgoing = revocationRequest(definition, url, headers, body, between.query)
        const answer = await readAnswer(await exchange.fetch(outgoing.url, outgoing), url.host)
        const refused = refusal(answer, circumstance)
        if (refused) throw failed(refused, circumstance)
        // 204 says the same as 200 without a body to read; 202 and the like promise, and do not confirm.
        if (answer.status !== 200 && answer.status !== 204) {
          throw failed(unusable(answer, 'not_confirmed', circumstance), circumstance)
        }
        return new Response(null, { status: 200 })
      },
    })
    await oauth.processRevocationResponse(response)
    return 'done'
  } catch (error) {
    throw explainLibrary(error, circumstance)
  }
}

/** The library's form, with the token where this provider looks for it. */
export function revocationRequest(
  definition: Definition,
  endpoint: URL,
  headers: Record<string, string>,
  parameters: Iterable<[name: string, value: string]>,
  query: Record<string, string>,
): Outgoing {
  const { method, tokenIn, tokenParameter } = definition.revocation
  const all = [...parameters]
  const token = all.find(([name]) => name === 'token')?.[1] ?? ''
  // The hint belongs to RFC 7009; endpoints that differ from it may choke on what they do not know.
  const standard = tokenIn === 'form' && tokenParameter === 'token'
  const others = all.filter(([name]) => name !== 'token' && (standard || name !== 'token_type_hint'))
  const url = tokenIn === 'path' ? withSegment(endpoint, token) : endpoint
  const inBody = tokenIn === 'form' || tokenIn === 'json'
  return dress(url, headers, inBody ? [[tokenParameter, token], ...others] : others, {
    method,
    format: format(tokenIn, others.length > 0),
    names: definition.parameterNames,
    headers: definition.tokenHeaders,
    query: tokenIn === 'query' ? { ...query, [tokenParameter]: token } : query,
    scope: undefined,
    omit: [],
  })
}

/** Client credentials that go with the form stay a form where the token is elsewhere; with nothing left there is no body. */
function format(tokenIn: Revocation['tokenIn'], others: boolean): 'form' | 'json' | 'query' {
  if (tokenIn === 'form' || tokenIn === 'json') return tokenIn
  return others ? 'form' : 'query'
}

function withSegment(endpoint: URL, segment: string): URL {
  const url = new URL(endpoint)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${percentEncode(segment)}`
  return url
}
