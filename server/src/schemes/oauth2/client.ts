/** The two parties as the library wants them, and how the client proves itself: exactly one method a request (S-11). */
import * as oauth from 'oauth4webapi'
import { MooringError } from '../../errors.ts'
import { certificateOf, readPair } from '../certificate.ts'
import { placeholdersIn } from '../placeholders.ts'
import type { ClientCertificate, Exchange } from '../scheme.ts'
import { assertingClient, clientSecret } from './client_assertion.ts'
import { byCertificate, type Definition } from './definition.ts'
import { grants } from './grants.ts'

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
  return endpoint(needed(definition.tokenUrl, 'Token URL'), 'Token URL')
}

/** A URL of the definition. Throws where a placeholder in it was not filled. */
export function endpoint(text: string, title: string): URL {
  const url = URL.parse(text)
  if (url !== null && placeholdersIn(text).length === 0) return url
  throw new MooringError('service_not_ready', {
    detail: `The ${title} holds a placeholder without a value: ${text}.`,
    hint: 'Connect again, or give the value in the parameters of the connection.',
  })
}

/** `url`: the endpoint, whichever it is: the library only ever sees the one that it is about to call. */
export function parties(
  definition: Definition,
  url: URL,
  exchange: Pick<Exchange, 'now' | 'random'>,
  method = definition.clientAuthentication,
): Parties {
  const { clientId: id } = definition
  const server = { issuer: url.origin, token_endpoint: url.href, revocation_endpoint: url.href }
  // Some grants prove enough by themselves. The library wants a name for the client all the same; it is not sent.
  if (id === null && isWithoutClient(definition))
    return { server, client: { client_id: 'none' }, authenticate: () => {}, query: {}, url }
  const client = { client_id: needed(id, 'Client ID') }
  const authenticate = authentication(definition, client.client_id, exchange, method)
  if (typeof authenticate === 'function') return { server, client, authenticate, query: {}, url }
  return { server, client, authenticate: () => {}, query: authenticate, url }
}

/** Whether no client is needed, and none is given. */
function isWithoutClient({ grantType, clientId }: Definition): boolean {
  return clientId === null && grants[grantType].client === 'optional'
}

/** How the client proves itself, or what goes into the query for it. */
function authentication(
  definition: Definition,
  id: string,
  exchange: Pick<Exchange, 'now' | 'random'>,
  method: Definition['clientAuthentication'],
): oauth.ClientAuth | Record<string, string> {
  if (method === 'private_key_jwt') return assertingClient(definition, id, null, exchange)
  if (method === 'client_secret_jwt')
    return assertingClient(definition, id, needed(definition.clientSecret, 'Client Secret'), exchange)
  const secret = method === 'none' || byCertificate(method) ? null : clientSecret(definition, id, exchange)
  // A public client says who it is in the body, and nothing else (RFC 6749 section 3.2.1).
  if (secret === null) return oauth.None()
  if (method === 'header' || method === 'header_raw') {
    const pair: [string, string] = method === 'header' ? [formEncoded(id), formEncoded(secret)] : [id, secret]
    return (_server, _client, _body, headers) => headers.set('authorization', basic(...pair))
  }
  return method === 'query' ? { client_id: id, client_secret: secret } : oauth.ClientSecretPost(secret)
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

/**
 * As RFC 6749 section 2.3.1 asks, and no more than it asks: letters, digits and `*-._` stay as they are, so that ids and
 * secrets made of them also reach servers that do not decode. `header_raw` leaves the encoding out altogether.
 */
function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice('text='.length)
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`, 'utf8').toString('base64')}`
}

/** Everything of the definition that must not come back in an error. */
export function definitionSecrets(definition: Definition): string[] {
  const { clientId, clientSecret: secret } = definition
  const { tokenParams, refreshParams, tokenHeaders, secondExchange, refreshExchange } = definition
  const declared = [secondExchange, refreshExchange].flatMap((one) =>
    one === null ? [] : [one.parameters, one.headers],
  )
  const constants = [tokenParams, refreshParams, tokenHeaders, ...declared]
    .flatMap((record) => Object.values(record))
    .filter((value) => value.length >= 8)
  if (secret === null) return constants
  const formEncoded = (value: string): string => new URLSearchParams([['', value]]).toString().slice(1)
  return [secret, `${clientId ?? ''}:${secret}`, `${formEncoded(clientId ?? '')}:${formEncoded(secret)}`, ...constants]
}
