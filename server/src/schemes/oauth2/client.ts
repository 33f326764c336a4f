/** The two parties as the library wants them, and how the client proves itself: exactly one method a request (S-11). */
import * as oauth from 'oauth4webapi'
import { MooringError } from '../../errors.ts'
import { certificateOf, readPair } from '../certificate.ts'
import type { ClientCertificate, Exchange } from '../scheme.ts'
import { byCertificate, type Definition } from './definition.ts'

export interface Parties {
  server: oauth.AuthorizationServer
  client: oauth.Client
  authenticate: oauth.ClientAuth
  /** What goes into the query whatever the format of the request is. */
  query: Record<string, string>
  /** Of the endpoint. */
  url: URL
}

/** A field that a service cannot be ready without. */
export function needed(value: string | null, title: string): string {
  if (value !== null) return value
  throw new MooringError('service_not_ready', { detail: `The service has no ${title}.` })
}

export function tokenUrl(definition: Definition): URL {
  return new URL(needed(definition.tokenUrl, 'Token URL'))
}

/** `url`: the endpoint, whichever it is: the library only ever sees the one that it is about to call. */
export function parties(definition: Definition, url: URL, method = definition.clientAuthentication): Parties {
  const id = needed(definition.clientId, 'Client ID')
  const secret = method === 'none' || byCertificate(method) ? null : definition.clientSecret
  return {
    server: { issuer: url.origin, token_endpoint: url.href, revocation_endpoint: url.href },
    client: { client_id: id },
    authenticate: authentication(id, secret, method),
    query: secret !== null && method === 'query' ? { client_id: id, client_secret: secret } : {},
    url,
  }
}

function authentication(
  id: string,
  secret: string | null,
  method: Definition['clientAuthentication'],
): oauth.ClientAuth {
  // A public client says who it is in the body, and nothing else (RFC 6749 section 3.2.1).
  if (secret === null || method === 'none') return oauth.None()
  if (method === 'header') return oauth.ClientSecretBasic(secret)
  if (method === 'header_raw')
    return (_server, _client, _body, headers) => headers.set('authorization', rawBasic(id, secret))
  // `query` is written by `dress`: the library has nothing to do.
  return method === 'query' ? () => {} : oauth.ClientSecretPost(secret)
}

/** Of the client; undefined where it has none. One that cannot be read was refused when it was written. */
export function clientCertificate({ clientCertificate: text }: Definition): ClientCertificate | undefined {
  const read = text === null ? undefined : readPair(text, '', undefined)
  return read === undefined || 'fault' in read ? undefined : certificateOf(read.kept)
}

/** Every request to the provider shows the certificate, where there is one (RFC 8705 section 2). */
export function certified(definition: Definition, exchange: Exchange): Exchange {
  const certificate = clientCertificate(definition)
  if (certificate === undefined) return exchange
  return { ...exchange, fetch: (url, init) => exchange.fetch(url, { ...init, certificate }) }
}

/** Not form-encoded first, for servers that do not decode: a deviation from RFC 6749 section 2.3.1. */
function rawBasic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`, 'utf8').toString('base64')}`
}

/** Everything of the definition that must not come back in an error. */
export function definitionSecrets(definition: Definition): string[] {
  const { clientId, clientSecret } = definition
  const constants = [definition.tokenParams, definition.refreshParams, definition.tokenHeaders]
    .flatMap((record) => Object.values(record))
    .filter((value) => value.length >= 8)
  if (clientSecret === null) return constants
  const formEncoded = (value: string): string => new URLSearchParams([['', value]]).toString().slice(1)
  return [
    clientSecret,
    `${clientId ?? ''}:${clientSecret}`,
    `${formEncoded(clientId ?? '')}:${formEncoded(clientSecret)}`,
    ...constants,
  ]
}
