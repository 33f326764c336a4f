/** Calling an API through a connection, the way `fetch` calls it. */
import { segment } from './endpoints.ts'
import { errorFrom } from './error.ts'
import type { Transport } from './transport.ts'

/**
 * What `fetch` takes, and:
 * `user`, whose authorization to use on a per-user connection;
 * `timeoutSeconds`, how long the API may take;
 * `retry`, how often an idempotent request may be repeated on connect errors, 429 and 503 (default 0).
 * Redirects are returned and never followed, whatever `redirect` says.
 */
export interface ConnectionFetchInit extends RequestInit {
  user?: string
  timeoutSeconds?: number
  retry?: number
  /** Accepted as `fetch` does; streams are always sent as they come. */
  duplex?: 'half'
}

/**
 * The API's own answer, streamed, whatever its status. Throws `MooringError` where Mooring could not get one, a
 * `TypeError` for arguments `fetch` would refuse too, and the signal's reason when it ends the call.
 */
export type ConnectionFetch = (
  connection: string,
  target: string | URL | Request,
  init?: ConnectionFetchInit,
) => Promise<Response>

export function createConnectionFetch({ send }: Transport): ConnectionFetch {
  return async (connection, target, { user, timeoutSeconds, retry, ...given } = {}) => {
    const isRequest = target instanceof Request
    const path = proxyPath(connection, isRequest ? target.url : target)
    const init = isRequest ? initFrom(new Request(target, withDuplex(given))) : given

    refuseAsFetchDoes(init)
    const headers = new Headers(init.headers)
    for (const name of Array.from(headers.keys()).filter(isOurs)) headers.delete(name)
    if (user !== undefined) headers.set('mooring-user', user)
    if (timeoutSeconds !== undefined) headers.set('mooring-timeout', String(timeoutSeconds))
    if (retry !== undefined) headers.set('mooring-retry', String(retry))

    const response = await send(path, withDuplex({ ...init, headers }))
    if (response.headers.has('mooring-error')) throw await errorFrom(response, 'The server')
    return response
  }
}

/** Headers that speak to Mooring rather than to the API: they are the SDK's to set, not the caller's. */
function isOurs(name: string): boolean {
  return name.startsWith('mooring-') || name === 'authorization' || name === 'cookie'
}

function initFrom(request: Request): RequestInit {
  const { method, headers, body, signal } = request
  return { method, headers, signal, ...(body === null ? {} : { body }) }
}

/** A method that is none, or a body with GET: told apart here from a request that found no answer. */
function refuseAsFetchDoes({ method, body }: RequestInit): void {
  void new Request('http://arguments.invalid', {
    ...(method === undefined ? {} : { method }),
    ...(body === undefined || body === null ? {} : { body: '' }),
  })
}

/** `fetch` wants `duplex` said wherever a body is a stream. */
function withDuplex<T extends RequestInit>(init: T): T & { duplex?: 'half' } {
  return init.body === undefined || init.body === null ? init : { ...init, duplex: 'half' }
}

/**
 * `/v1/proxy/{connection}/{target}`. The target is written as `fetch` would send it (dot segments resolved, so that it
 * cannot climb out of the proxy's path; hash dropped), its escapes and its query kept as they are.
 */
export function proxyPath(connection: string, target: string | URL): string {
  const prefix = `/v1/proxy/${segment(connection, 'connection')}/`
  const text = String(target)
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    const url = new URL(`http://path.invalid/${text.replace(/^\//, '')}`)
    return prefix + url.pathname.slice(1) + url.search
  }
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError('Give an http or https URL, or a path under the base URL of the service.')
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('The URL holds a user name or password; the connection brings the credential.')
  }
  url.hash = ''
  return prefix + url.href
}
