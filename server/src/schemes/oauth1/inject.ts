/** Signing a request as it goes out, and putting the protocol parameters where the provider reads them (RFC 5849 3.5). */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { MooringError } from '../../errors.ts'
import { formType, header, isForm, setHeader } from '../request.ts'
import type { Injector, OutgoingRequest } from '../scheme.ts'
import {
  authorizationHeader,
  bodyHash,
  type Parameter,
  percentEncode,
  readParameter,
  sign,
  signatureBaseString,
  signingKey,
  type SignatureMethod,
} from './signature.ts'

export interface Signing {
  consumerKey: string
  /** A shared secret, or an RSA private key as PEM. */
  consumerSecret: string
  signatureMethod: SignatureMethod
  parameterLocation: 'header' | 'query' | 'form'
  /** Goes into the header, where some providers ask for it; null leaves it out. */
  realm: string | null
  /** Whether bodies that are not forms are covered by oauth_body_hash. */
  bodyHash: boolean
}

/** What our part of every call is called. */
export const parameterNames = [
  'oauth_consumer_key',
  'oauth_token',
  'oauth_signature_method',
  'oauth_timestamp',
  'oauth_nonce',
  'oauth_version',
  'oauth_signature',
]

/** Names of the protocol; a caller's own would stand beside ours, and section 3.1 allows each only once. */
export const protocolNames = new Set([...parameterNames, 'oauth_body_hash', 'oauth_callback', 'oauth_verifier'])

/** Whether the signature covers the body, so that it has to be there when signing. */
export function needsBody({ signatureMethod, parameterLocation }: Signing): boolean {
  return signatureMethod !== 'PLAINTEXT' || parameterLocation === 'form'
}

/**
 * Prepares signing for one token; null for the request that gets the first. `nonce` is asked once a request. `extra` are
 * further protocol parameters, by name: oauth_callback, oauth_verifier. Injecting throws MooringError:
 * validation_failed where the parameters have no place in this request or the key is no key, too_large where the
 * signature would cover a body that was too long to keep.
 */
export function prepareInjector(
  signing: Signing,
  token: { token: string; tokenSecret: string } | null,
  nonce: () => string,
  extra: Record<string, string> = {},
): Injector {
  const { signatureMethod, parameterLocation, realm } = signing
  const fixed: Parameter[] = [
    ['oauth_consumer_key', percentEncode(signing.consumerKey)],
    ...(token === null ? [] : [['oauth_token', percentEncode(token.token)] as const]),
    ['oauth_signature_method', signatureMethod],
    ...Object.entries(extra).map(([name, value]) => [name, percentEncode(value)] as const),
    ['oauth_version', '1.0'],
  ]
  let key: string | KeyObject | undefined

  return (request, now) => {
    key ??= keyObject(signatureMethod, signingKey(signatureMethod, signing.consumerSecret, token?.tokenSecret ?? ''))
    if (parameterLocation === 'form') expectForm(request)
    const query = takeQuery(request.url)
    const form = needsBody(signing) && isForm(request) ? takeForm(request) : []
    const parameters: Parameter[] = [
      ...fixed,
      ['oauth_timestamp', String(Math.floor(now / 1000))],
      ['oauth_nonce', percentEncode(nonce())],
    ]
    const hashed = signing.bodyHash ? hashOfBody(request, signatureMethod) : null
    if (hashed !== null) parameters.push(['oauth_body_hash', percentEncode(hashed)])
    const base =
      signatureMethod === 'PLAINTEXT'
        ? ''
        : signatureBaseString(request.method, request.url, [...query, ...form, ...parameters])
    parameters.push(['oauth_signature', percentEncode(sign(signatureMethod, key, base))])

    if (parameterLocation === 'header') setHeader(request, 'authorization', authorizationHeader(parameters, realm))
    else if (parameterLocation === 'query') setQuery(request.url, added(request.url.search.slice(1), parameters))
    else setForm(request, added(formText(request), parameters))
  }
}

/** Keys that sign often are kept as objects, since OpenSSL is slow to take in bytes. */
function keyObject(method: SignatureMethod, key: string | KeyObject): string | KeyObject {
  return typeof key === 'string' && method !== 'PLAINTEXT' ? createSecretKey(Buffer.from(key)) : key
}

/** What the signature covers of a query; the caller's protocol parameters are taken out of the URL. */
function takeQuery(url: URL): Parameter[] {
  if (url.search === '') return []
  const { kept, parameters, whole } = withoutProtocol(url.search.slice(1))
  if (!whole) setQuery(url, kept)
  return parameters
}

/** The same for a form body. */
function takeForm(request: OutgoingRequest): Parameter[] {
  if (request.body === undefined) {
    throw new MooringError('too_large', {
      detail: 'The form is too long to sign: OAuth 1 signatures cover every field of a form.',
      hint: 'Send a shorter form, or send the data as another content type.',
    })
  }
  if ((header(request, 'content-encoding') ?? 'identity').toLowerCase() !== 'identity') {
    throw new MooringError('validation_failed', {
      detail: 'The form is compressed, so its fields cannot be signed.',
      hint: 'Send the form without compression.',
    })
  }
  const { kept, parameters, whole } = withoutProtocol(formText(request))
  if (!whole) setForm(request, kept)
  return parameters
}

function withoutProtocol(encoded: string): { kept: string; parameters: Parameter[]; whole: boolean } {
  const pairs = encoded.split('&')
  const kept: string[] = []
  const parameters: Parameter[] = []
  for (const pair of pairs) {
    const parameter = readParameter(pair)
    if (protocolNames.has(parameter[0])) continue
    kept.push(pair)
    if (pair !== '') parameters.push(parameter)
  }
  return { kept: kept.join('&'), parameters, whole: kept.length === pairs.length }
}

/** Sets the whole query. A question mark at its own beginning, as in `??a`, would be taken for the URL's. */
function setQuery(url: URL, query: string): void {
  url.search = query === '' ? '' : `?${query}`
}

function added(encoded: string, parameters: Parameter[]): string {
  const ours = parameters.map(([name, value]) => `${name}=${value}`).join('&')
  return encoded === '' ? ours : `${encoded}&${ours}`
}

/** One character a byte, so that whatever the caller wrote stays as it was. */
function formText(request: OutgoingRequest): string {
  return Buffer.from(request.body ?? []).toString('latin1')
}

function setForm(request: OutgoingRequest, text: string): void {
  request.body = Buffer.from(text, 'latin1')
  if (header(request, 'content-length') !== undefined) {
    setHeader(request, 'content-length', String(request.body.length))
  }
}

/** Section 3.5.2 puts the parameters in a form: a request without a body gets one, any other body cannot hold them. */
function expectForm(request: OutgoingRequest): void {
  const hint = 'Send a form with POST, PUT, PATCH or DELETE, or use a service whose parameter location is the header.'
  if (request.method === 'GET' || request.method === 'HEAD') {
    const detail = `A ${request.method} carries no form, and this service sends its signature in one.`
    throw new MooringError('validation_failed', { detail, hint })
  }
  if (isForm(request)) return
  if (request.body !== null && request.body?.length !== 0) {
    const type = header(request, 'content-type') ?? 'no content type'
    const detail = `This service sends its signature in a form, and the request has a body of ${type}.`
    throw new MooringError('validation_failed', { detail, hint })
  }
  setHeader(request, 'content-type', formType)
}

/** Forms have no hash: their fields are signed themselves, as OAuth Request Body Hash 1.0 says. */
function hashOfBody(request: OutgoingRequest, method: SignatureMethod): string | null {
  if (method === 'PLAINTEXT' || isForm(request)) return null
  if (request.body === undefined) {
    throw new MooringError('too_large', {
      detail: 'The body is too long to sign: this service covers bodies with oauth_body_hash.',
      hint: 'Send a shorter body.',
    })
  }
  return bodyHash(method, request.body ?? new Uint8Array())
}
