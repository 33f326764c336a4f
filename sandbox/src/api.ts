import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Accepted, Check } from './api_checks.ts'
import type { ControlledEndpoints } from './control.ts'
import { isForm, readBody, sendJson, target } from './http.ts'
import type { Body } from './http.ts'
import { signInAnswer, signInPath } from './proof_checks.ts'

/** Enough of a form body to verify what is signed or sent in it. */
const KEPT_BODY_BYTES = 1024 * 1024
const ECHOED_TEXT_BYTES = 4096
const LONGEST_WAIT_MILLISECONDS = 600_000

interface Call {
  request: IncomingMessage
  response: ServerResponse
  body: Body
  scheme: string
  /** What follows `/api/<scheme>/`. */
  rest: string
  query: URLSearchParams
  accepted: Accepted | undefined
}

export type Api = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** `/api/<scheme>/…`: checks the credential of the scheme, then echoes or does what the helper path asks. */
export function createApi(checks: Map<string, Check | undefined>, endpoints: ControlledEndpoints): Api {
  return async (request, response) => {
    endpoints.tally.api += 1
    const { path, query } = target(request)
    const [, , scheme = '', ...rest] = path.split('/')
    if (!checks.has(scheme)) {
      const known = [...checks.keys()].join(', ')
      return sendJson(response, 404, {
        error: 'unknown_scheme',
        error_description: `There is no such API. There are: ${known}.`,
      })
    }
    // Sending the body may be the caller's way to notice that an early answer came, so it is read to its end first.
    const body = await readBody(request, KEPT_BODY_BYTES)
    const check = checks.get(scheme)
    const result = await check?.(request, body)
    if (result && !result.ok) {
      const { error, description, challenge, details } = result
      const answer = { error, error_description: description, ...details }
      return sendJson(response, 401, answer, { 'www-authenticate': challenge })
    }
    const call: Call = {
      request,
      response,
      body,
      scheme,
      rest: rest.join('/'),
      query: new URLSearchParams(query),
      accepted: result,
    }
    if (scheme === 'session' && call.rest === signInPath) return sendJson(response, 200, signInAnswer())
    return (helpers.get(rest[0] ?? '') ?? echo)(call)
  }
}

const helpers = new Map<string, (call: Call) => Promise<void> | void>([
  ['status', answerStatus],
  ['slow', answerSlowly],
  ['stream', stream],
  ['redirect', answerRedirect],
  ['require', requireScope],
])

function echo({ request, response, body, scheme, accepted }: Call): void {
  const { path, query } = target(request)
  const hidden = accepted?.hiddenParameters ?? []
  sendJson(response, 200, {
    ok: true,
    scheme,
    method: request.method,
    path,
    query: readable(query, hidden),
    headers: echoHeaders(request, accepted),
    body: { bytes: body.bytes, sha256: body.sha256, ...echoText(request, body, hidden) },
    ...(accepted ? { credential: accepted.credential } : {}),
    ...(accepted?.who ? { who: accepted.who } : {}),
    ...(accepted?.scopes ? { scopes: accepted.scopes } : {}),
  })
}

/** Headers that may carry a secret nobody checked here; their presence is worth showing, their value is not. */
const sensitiveHeaders = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'x-amz-security-token']

function echoHeaders(request: IncomingMessage, accepted: Accepted | undefined): Record<string, unknown> {
  const checked = accepted?.hiddenHeaders ?? []
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => {
      if (checked.includes(name)) return [name, '[checked]']
      return [name, sensitiveHeaders.includes(name) ? '[present]' : value]
    }),
  )
}

/** Repeated names become lists; hidden values become `[checked]`. */
function readable(encoded: string, hidden: readonly string[]): Record<string, string | string[]> {
  const parameters = new URLSearchParams(encoded)
  const value = (name: string): string | string[] => {
    if (hidden.includes(name)) return '[checked]'
    const values = parameters.getAll(name)
    return values.length === 1 ? (values[0] ?? '') : values
  }
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, value(name)]))
}

function echoText(request: IncomingMessage, body: Body, hidden: readonly string[]): { text?: string } {
  if (body.bytes === 0 || body.bytes > ECHOED_TEXT_BYTES) return {}
  const text = body.head.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(body.head)) return {}
  if (!isForm(request)) return { text }
  const form = new URLSearchParams(text)
  if (!hidden.some((name) => form.has(name))) return { text }
  for (const name of hidden) if (form.has(name)) form.set(name, '[checked]')
  return { text: form.toString() }
}

/** `status/:code?retry_after=<seconds>` */
function answerStatus(call: Call): void {
  const status = Number(call.rest.split('/')[1])
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    return sendJson(call.response, 400, {
      error: 'invalid_request',
      error_description: 'Ask for status/200 to status/599.',
    })
  }
  const headers: Record<string, string> = {}
  const retryAfter = call.query.get('retry_after') ?? (status === 429 ? '1' : undefined)
  if (retryAfter !== undefined && /^[\w :,]+$/.test(retryAfter)) headers['retry-after'] = retryAfter
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="sandbox", error="invalid_token"'
  if (status === 204 || status === 304) {
    call.response.writeHead(status, headers).end()
    return
  }
  return sendJson(call.response, status, { ok: status < 400, scheme: call.scheme, status }, headers)
}

/** `slow?ms=` */
async function answerSlowly(call: Call): Promise<void> {
  const milliseconds = Math.min(Number(call.query.get('ms') ?? 1000) || 0, LONGEST_WAIT_MILLISECONDS)
  const gone = new AbortController()
  call.response.once('close', () => gone.abort())
  const waited = await delay(milliseconds, true, { signal: gone.signal }).catch(() => false)
  if (waited) echo(call)
}

/** `stream?bytes=&length=no`: zeros, as fast as they are read; without Content-Length when asked. */
async function stream({ request, response, query }: Call): Promise<void> {
  const bytes = Math.max(0, Math.floor(Number(query.get('bytes') ?? 1_048_576)) || 0)
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    ...(query.get('length') === 'no' ? {} : { 'content-length': String(bytes) }),
  })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  // A caller that stops reading is no error here.
  await pipeline(Readable.from(zeros(bytes)), response).catch(() => undefined)
}

const block = Buffer.alloc(64 * 1024)

function* zeros(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block
}

/** `redirect?to=&code=`: anywhere, since following it wisely is what is being tried out. */
function answerRedirect({ response, query, scheme }: Call): void {
  const code = Number(query.get('code') ?? 302)
  const to = query.get('to') ?? `/api/${scheme}/echo`
  const isPrintable = /^[\x21-\x7e]+$/.test(to)
  if (![301, 302, 303, 307, 308].includes(code) || !isPrintable) {
    return sendJson(response, 400, {
      error: 'invalid_request',
      error_description: 'code must be 301, 302, 303, 307 or 308, and "to" a URL.',
    })
  }
  response.writeHead(code, { location: to, 'content-length': '0' }).end()
}

/** `require/:scope`: RFC 6750 section 3.1 `insufficient_scope` where the token has it not. */
function requireScope(call: Call): void {
  const scope = call.rest.split('/')[1] ?? ''
  if (call.accepted?.scopes?.includes(scope)) return echo(call)
  const description = 'The credential does not carry the scope this path needs.'
  return sendJson(
    call.response,
    403,
    { error: 'insufficient_scope', error_description: description },
    { 'www-authenticate': `Bearer realm="sandbox", error="insufficient_scope", error_description="${description}"` },
  )
}
