// Egress in the shape of `fetch`, for libraries that take one.
import type { ClientCertificate } from './agent.ts'
import { EgressError } from './errors.ts'
import type { Egress } from './egress.ts'

export interface EgressFetchInit {
  method?: string
  headers?: Record<string, string> | Headers | readonly (readonly [string, string])[]
  body?: string | URLSearchParams | Uint8Array | ArrayBuffer | ReadableStream | null
  /** Only `manual` is ever done: a 3xx is the answer. */
  redirect?: string
  signal?: AbortSignal | null
  /** Shown to a server that asks for one. */
  certificate?: ClientCertificate
}

export type EgressFetch = (url: string | URL, init?: EgressFetchInit) => Promise<Response>

/** Statuses whose Response must not have a body (Fetch standard, "null body status"). */
const NULL_BODY = new Set([204, 205, 304])

/**
 * A buffered `fetch` over egress: never follows a redirect, never caches, sends no cookie. Rejects with an
 * `EgressError`; with a TypeError for a wrong URL or a streamed body.
 */
export function egressFetch(
  egress: Pick<Egress, 'request'>,
  limits: { timeoutMs: number; maxBytes: number },
): EgressFetch {
  return async (target, init = {}) => {
    const url = new URL(target)
    const headers = new Headers(entries(init.headers))
    if (init.body instanceof URLSearchParams && !headers.has('content-type')) {
      headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8')
    }
    const answer = await egress.request({
      url,
      method: init.method ?? 'GET',
      headers,
      body: bytes(init.body),
      signal: init.signal ?? undefined,
      certificate: init.certificate,
      ...limits,
    })
    if (answer.status > 599) throw new EgressError('upstream_unreachable', url.host, 'protocol')
    const body = NULL_BODY.has(answer.status) ? null : Uint8Array.from(answer.body)
    return new Response(body, { status: answer.status, headers: answer.headers })
  }
}

function entries(headers: EgressFetchInit['headers']): [string, string][] {
  const iterable: Iterable<readonly [string, string]> =
    headers instanceof Headers || Array.isArray(headers) ? headers : Object.entries(headers ?? {})
  return Array.from(iterable, ([name, value]): [string, string] => [name, value])
}

function bytes(body: EgressFetchInit['body']): string | Uint8Array | null {
  if (body === null || body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body ?? null
  if (body instanceof URLSearchParams) return body.toString()
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  throw new TypeError('A streamed request body is not supported')
}
