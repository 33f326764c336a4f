import type { IncomingMessage } from 'node:http'
import { demo, demoRsaPublicKey } from './demo.ts'
import { isForm, target } from './http.ts'
import type { Body } from './http.ts'
import {
  decodePairs,
  isSignatureMethod,
  isSignatureValid,
  parseOAuthHeader,
  signatureBaseString,
  signatureMethods,
} from './oauth1_signature.ts'
import type { Pair } from './oauth1_signature.ts'

/** Why a request was refused: RFC 5849 section 3.2, with a word of the OAuth Problem Reporting extension. */
export interface OAuth1Problem {
  status: 400 | 401
  problem: string
  description: string
  /** What the server signed, for comparing; there is no secret in it. */
  baseString?: string
}

export interface OAuth1Request {
  /** The oauth_… parameters. */
  protocol: Map<string, string>
  location: 'header' | 'query' | 'form'
  signatureMethod: string
}

export type OAuth1Result = { request: OAuth1Request } | { problem: OAuth1Problem }

/** Finds the secret of the token a request names; undefined when there is no such token (any more). */
export type TokenSecretOf = (token: string) => string | undefined

export const CLOCK_SKEW_SECONDS = 300

/** Remembers nonces for as long as their timestamps would be accepted (section 3.3). */
export interface NonceMemory {
  /** @returns false when the nonce was seen before */
  take(key: string, nowSeconds: number): boolean
}

export function createNonceMemory(): NonceMemory {
  const seen = new Map<string, number>()
  return {
    take(key, nowSeconds) {
      // In order of arrival, so the first one that is young enough ends the sweep.
      for (const [old, at] of seen) {
        if (at >= nowSeconds - 2 * CLOCK_SKEW_SECONDS) break
        seen.delete(old)
      }
      if (seen.has(key)) return false
      seen.set(key, nowSeconds)
      return true
    },
  }
}

const refuse = (status: 400 | 401, problem: string, description: string): { problem: OAuth1Problem } => ({
  problem: { status, problem, description },
})

/** The protocol parameters and where they stood. RFC 5849 section 3.5 allows one place only. */
function findProtocol(request: IncomingMessage, body: Body) {
  const query = decodePairs(target(request).query)
  const form = isForm(request) ? decodePairs(body.head.toString()) : []
  const header = parseOAuthHeader(request.headers.authorization) ?? []
  const isProtocol = ([name]: Pair) => name.startsWith('oauth_')
  const places = { header, query, form }
  const found = (['header', 'query', 'form'] as const).filter((place) =>
    // oauth_token alone is how a browser brings a token to the authorization page, not a signed request.
    places[place].some(([name]) => name === 'oauth_consumer_key' || name === 'oauth_signature'),
  )
  return {
    all: [...header, ...query, ...form],
    found,
    protocolIn: (place: keyof typeof places) => places[place].filter(isProtocol),
  }
}

/**
 * Verifies a signed request (RFC 5849 section 3.2).
 * @param url the absolute URL as the client sees it
 * @param tokenSecretOf left out where a request has no token yet
 */
export function verifyOAuth1(
  request: IncomingMessage,
  body: Body,
  url: string,
  nonces: NonceMemory,
  nowSeconds: number,
  tokenSecretOf?: TokenSecretOf,
): OAuth1Result {
  const { all, found, protocolIn } = findProtocol(request, body)
  const [location, second] = found
  if (!location) {
    return refuse(401, 'parameter_absent', 'The request is not signed: there is no oauth_consumer_key in it.')
  }
  if (second) {
    const places = found.join(' and ')
    return refuse(400, 'parameter_rejected', `Protocol parameters stand in several places: ${places}.`)
  }
  if (body.truncated && isForm(request)) {
    return refuse(400, 'parameter_rejected', 'The form body is too large to verify.')
  }

  const pairs = protocolIn(location)
  const protocol = new Map(pairs)
  if (protocol.size !== pairs.length) {
    return refuse(400, 'parameter_rejected', 'A protocol parameter stands in the request twice.')
  }
  const get = (name: string) => protocol.get(name) ?? ''

  const method = get('oauth_signature_method')
  const needed = ['oauth_consumer_key', 'oauth_signature_method', 'oauth_signature']
  if (method !== 'PLAINTEXT') needed.push('oauth_timestamp', 'oauth_nonce')
  if (tokenSecretOf) needed.push('oauth_token')
  const missing = needed.find((name) => get(name) === '')
  if (missing) return refuse(400, 'parameter_absent', `${missing} is missing.`)

  if (!isSignatureMethod(method)) {
    const known = signatureMethods.join(', ')
    return refuse(400, 'signature_method_rejected', `oauth_signature_method is not one of ${known}.`)
  }
  if (protocol.has('oauth_version') && get('oauth_version') !== '1.0') {
    return refuse(400, 'version_rejected', 'oauth_version must be 1.0 where it is sent.')
  }
  if (get('oauth_consumer_key') !== demo.oauth1.consumerKey) {
    return refuse(401, 'consumer_key_unknown', 'The consumer key is unknown.')
  }
  const tokenSecret = tokenSecretOf ? tokenSecretOf(get('oauth_token')) : ''
  if (tokenSecret === undefined) {
    return refuse(401, 'token_rejected', 'The token is unknown, used up, expired or revoked.')
  }

  const baseString = signatureBaseString(request.method ?? 'GET', url, all)
  const keys = { consumerSecret: demo.oauth1.consumerSecret, tokenSecret, rsaPublicKey: demoRsaPublicKey }
  if (!isSignatureValid(method, baseString, get('oauth_signature'), keys)) {
    const { problem } = refuse(
      401,
      'signature_invalid',
      'The signature does not match. base_string is what was signed here.',
    )
    return { problem: method === 'PLAINTEXT' ? problem : { ...problem, baseString } }
  }

  // Only now: a request with a wrong signature must not be able to use up somebody's nonce.
  const stale = checkTimestampAndNonce(protocol, nonces, nowSeconds)
  return stale ?? { request: { protocol, location, signatureMethod: method } }
}

function checkTimestampAndNonce(protocol: Map<string, string>, nonces: NonceMemory, nowSeconds: number) {
  const timestamp = protocol.get('oauth_timestamp')
  const nonce = protocol.get('oauth_nonce')
  if (timestamp === undefined || nonce === undefined) return undefined
  if (!/^[1-9]\d*$/.test(timestamp)) {
    return refuse(400, 'timestamp_refused', 'oauth_timestamp must be a positive whole number of seconds.')
  }
  if (Math.abs(Number(timestamp) - nowSeconds) > CLOCK_SKEW_SECONDS) {
    const skew = Number(timestamp) - nowSeconds
    return refuse(401, 'timestamp_refused', `oauth_timestamp is ${skew} seconds away from the clock here.`)
  }
  const key = [protocol.get('oauth_consumer_key'), protocol.get('oauth_token') ?? '', timestamp, nonce].join('\n')
  if (!nonces.take(key, nowSeconds)) return refuse(401, 'nonce_used', 'oauth_nonce was used before.')
  return undefined
}
