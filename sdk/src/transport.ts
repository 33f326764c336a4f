/** One request to the server, and what became of it. */
import type { RouteBodyInput, RouteName, RouteParams, RouteQueryInput, RouteReply, Routes } from '@mooring/contract'
import { endpoints, fillPath } from './endpoints.ts'
import { errorFrom, MooringError, unreachable } from './error.ts'

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

export interface ClientOptions {
  /** Address of the server. Default: `MOORING_URL`, in a browser the page's own origin, else http://localhost:4280. */
  url?: string
  /** An API key, `mk_…`. Default: `MOORING_API_KEY`. Without one a browser's session cookie is all that is sent. */
  apiKey?: string
  /** In a page with a session: the session's CSRF token, which writes need beside the cookie; asked for at each of them. */
  csrfToken?: () => string | undefined
  /** Sends the requests. Default: the global `fetch`. */
  fetch?: Fetch
  /** Default: `mooring-sdk`. */
  userAgent?: string
}

export interface CallOptions {
  signal?: AbortSignal
}

export interface CreateOptions extends CallOptions {
  /** Repeating a create with the same key within 24 hours returns the first answer instead of creating again. */
  idempotencyKey?: string
}

/** What a route takes in its query. */
export type Query<N extends RouteName> = {
  [K in keyof RouteQueryInput<Routes[N]>]: K extends 'limit' ? number | undefined : RouteQueryInput<Routes[N]>[K]
}

interface CallInput<N extends RouteName> extends CreateOptions {
  query?: Query<N> | undefined
  body?: RouteBodyInput<Routes[N]> | undefined
}

export interface Transport {
  /** Calls a route of the contract. Throws `MooringError`, or the reason of the signal that ended it. */
  call: <N extends RouteName>(
    name: N,
    params: RouteParams<Routes[N]>,
    input?: CallInput<N>,
  ) => Promise<RouteReply<Routes[N]>>
  /** Sends a request to a path of the server as it is. Throws only where no answer came. */
  send: (path: string, init: RequestInit & { duplex?: 'half' }) => Promise<Response>
  /** Throws where an answer is not a 2xx. */
  accept: (response: Response) => Promise<Response>
}

export function createTransport(options: ClientOptions): Transport {
  const { url, apiKey, userAgent, fetch } = settingsFrom(options)
  const base = baseFrom(url)
  const { origin } = new URL(base)
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError('The API key is not one: it holds spaces, line breaks or other characters a key never has.')
  }

  async function send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`)
    const csrfToken = apiKey === undefined && (init.method ?? 'GET') !== 'GET' ? options.csrfToken?.() : undefined
    if (csrfToken !== undefined) headers.set('x-csrf-token', csrfToken)
    if (userAgent !== undefined && !headers.has('user-agent')) headers.set('user-agent', userAgent)
    try {
      // Never followed: a redirect could carry the key, or a body, to somebody else.
      return await fetch(base + path, { ...init, headers, redirect: 'manual' })
    } catch (error) {
      if (init.signal?.aborted) throw error
      throw unreachable(origin, error)
    }
  }

  async function accept(response: Response): Promise<Response> {
    if (response.ok) return response
    throw await errorFrom(response, origin)
  }

  return {
    send,
    accept,
    async call(name, params, input = {}) {
      const [method, path] = endpoints[name]
      const headers = new Headers({ accept: 'application/json' })
      if (input.body !== undefined) headers.set('content-type', 'application/json')
      if (input.idempotencyKey !== undefined) headers.set('idempotency-key', input.idempotencyKey)
      const response = await send(fillPath(path, params) + queryString(input.query ?? {}), {
        method,
        headers,
        ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
        ...(input.signal === undefined ? {} : { signal: input.signal }),
      })
      return readReply(await accept(response), origin)
    },
  }
}

/**
 * The body of a good answer. Its shape is the server's promise, which tests hold it to; checking it here again would
 * cost every caller the validators.
 */
async function readReply<T>(response: Response, origin: string): Promise<T> {
  if (response.status === 204) {
    await response.body?.cancel()
    return undefined as T
  }
  const text = await response.text().catch((error: unknown) => {
    throw unreachable(origin, error)
  })
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    throw new MooringError({
      code: 'unexpected_answer',
      status: response.status,
      title: 'Unexpected answer',
      detail: `${origin} answered with something other than JSON; check that this is the address of a Mooring server.`,
      cause,
    })
  }
}

export function queryString(values: object): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) query.set(name, String(value))
  }
  return query.size === 0 ? '' : `?${query.toString()}`
}

function settingsFrom(options: ClientOptions): {
  url: string
  apiKey: string | undefined
  userAgent: string | undefined
  fetch: Fetch
} {
  // Read without assuming a runtime: browsers have a location, Node and its relatives a process.
  const runtime: {
    fetch: Fetch
    process?: { env?: Record<string, string | undefined> }
    location?: { origin?: string }
  } = globalThis
  const env = runtime.process?.env
  const pageOrigin = runtime.location?.origin
  const apiKey = (options.apiKey ?? env?.['MOORING_API_KEY'])?.trim()
  return {
    url: options.url ?? (env?.['MOORING_URL'] || pageOrigin || 'http://localhost:4280'),
    apiKey: apiKey === '' ? undefined : apiKey,
    // A browser sends its own.
    userAgent: options.userAgent ?? (env === undefined ? undefined : 'mooring-sdk'),
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  }
}

function baseFrom(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`Give the server's whole URL, such as http://localhost:4280, not ${JSON.stringify(text)}.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError("Remove the user name and password from the server's URL; the API key is all it needs.")
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}
