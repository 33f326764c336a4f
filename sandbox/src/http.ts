import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** What was read of a request body: all of it is counted and hashed, its beginning is kept. */
export interface Body {
  bytes: number
  sha256: string
  /** At most the `keepBytes` asked for. */
  head: Buffer
  truncated: boolean
}

/** Reads a request to its end without keeping more than `keepBytes` of it. */
export async function readBody(request: IncomingMessage, keepBytes: number): Promise<Body> {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  let keptBytes = 0
  let bytes = 0
  for await (const chunk of request) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    hash.update(buffer)
    bytes += buffer.length
    if (keptBytes < keepBytes) {
      const part = buffer.subarray(0, keepBytes - keptBytes)
      kept.push(part)
      keptBytes += part.length
    }
  }
  return { bytes, sha256: hash.digest('hex'), head: Buffer.concat(kept), truncated: bytes > keptBytes }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const json = Buffer.from(JSON.stringify(body))
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': json.length,
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(json)
}

/** A page of the sandbox: no script, nothing loaded from anywhere. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, pageHeaders)
  response.end(html)
}

export function redirect(response: ServerResponse, location: string, status = 303): void {
  response.writeHead(status, { location, 'cache-control': 'no-store', 'content-length': '0' })
  response.end()
}

export const isForm = (request: IncomingMessage): boolean =>
  (request.headers['content-type'] ?? '').toLowerCase().startsWith('application/x-www-form-urlencoded')

/** Path and raw query of the request target, as received. */
export function target(request: IncomingMessage): { path: string; query: string } {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) }
}

/**
 * Where an authorization may send a person's browser back to: any https address, and http on the machine itself.
 * The sandbox cannot know which port or path Mooring is served from, and its grants open nothing of value.
 */
export function isRedirectAllowed(uri: string): boolean {
  const url = URL.parse(uri)
  if (!url || uri.includes('#')) return false
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}
