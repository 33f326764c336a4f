/** `/invoke`, the probe of `/test`, and `/credentials`: a call whose answer is data. */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import type { CredentialParts, Invocation, InvokeInput, Probe } from '@mooring/contract'
import type { Caller } from '../access/caller.ts'
import type { Egress, EgressAnswer } from '../egress/egress.ts'
import { invalid, MooringError } from '../errors.ts'
import { formType, percentEncode } from '../schemes/request.ts'
import type { RefusedCall } from '../schemes/scheme.ts'
import { callFault } from './faults.ts'
import { holds } from './expired.ts'
import type { Fresh } from './fresh.ts'
import { requestHeaders } from './headers.ts'
import type { Live, LiveConnections } from './live.ts'
import { prepare, type Prepared } from './prepare.ts'
import type { Recorder } from './record.ts'
import type { Slots } from './slots.ts'

/** The largest answer that comes back as data, unpacked; the proxy has no limit. */
const answerLimit = 10_485_760
const defaultTimeout = 60_000
const redirectLimit = 5
/** Bytes of an answer to a probe that are looked at: error documents are short. */
const probeTextLimit = 16_384

export interface InvokeParts {
  egress: Egress
  live: LiveConnections
  fresh: Fresh
  slots: Slots
  recorder: Recorder
  now: () => number
}

/** What a probe was answered. */
export interface Probed extends RefusedCall {
  status: number
  ms: number
}

export interface Invoker {
  /** The upstream's 4xx and 5xx are data; ours are thrown. `gone`: the caller has left, which ends the call. */
  invoke(caller: Caller, connection: string, input: InvokeInput, gone: AbortSignal): Promise<Invocation>
  /** Sends the service's probe with a connection that need not be stored yet. Throws what a call throws. */
  probe(live: Live, probe: Probe): Promise<Probed>
  /** What a call would carry, and of which connection it is. */
  credentials(
    caller: Caller,
    connection: string,
    query: { user?: string | undefined; url?: string | undefined; method?: string | undefined },
  ): Promise<{ parts: CredentialParts; connectionId: string; serviceId: string }>
}

interface PlainCall {
  method: string
  url: URL
  headers: string[]
  body: Uint8Array | null
  /** When the call must be done, every hop and repeat included. */
  until: number
  /** Nobody waits for the answer any more. */
  gone?: AbortSignal
}

/**
 * `trusted`: whether the host that gave it was one that the credential may go to. `challenges`: how often a request was
 * repeated as its host had asked.
 */
type Followed = EgressAnswer & { trusted: boolean; challenges: number }

export function createInvoker(parts: InvokeParts): Invoker {
  const { egress, now } = parts

  /** Sends with the credential, following redirects as far as the credential may go. */
  const follow = async (live: Live, call: PlainCall): Promise<Followed> => {
    let { method, url, body } = call
    let { headers } = call
    let redirect: Followed | undefined
    let challenges = 0
    /** The hop whose challenge is being answered; a second one there stands. */
    let challenged = -1
    for (let hop = 0; ; hop++) {
      // A host outside the list gets the request without the credential; coming back does not bring it back by itself,
      // each hop is judged anew.
      const trusted = live.targets.allows(url)
      let request: Prepared
      try {
        request = trusted
          ? prepare(live, { method, url, rawHeaders: headers, body }, now())
          : { method, url: withoutParameters(live, url), headers: requestHeaders(headers, live.applied.headers), body }
      } catch (error) {
        // A form turned into a GET has no place for a key that travels in forms: the redirect itself is the answer.
        if (redirect !== undefined) return redirect
        throw error
      }
      let answer: EgressAnswer
      try {
        answer = await egress.request({
          url: request.url,
          method: request.method,
          headers: pairs(request.headers),
          body: request.body ?? null,
          certificate: request.certificate,
          timeoutMs: Math.max(1, call.until - Date.now()),
          maxBytes: answerLimit,
          ...(call.gone === undefined ? {} : { signal: call.gone }),
        })
      } catch (error) {
        throw callFault(error)
      }
      // Asked of every answer, since the credential learns from it.
      const heard = { status: answer.status, headers: answer.rawHeaders.flat() }
      if (trusted && live.applied.challenged?.(heard, request) === true && challenged !== hop) {
        challenged = hop--
        challenges++
        continue
      }
      const location = answer.headers.get('location')
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === null || hop >= redirectLimit)
        return { ...answer, url, trusted, challenges }
      const next = URL.parse(location, url.href)
      if (next === null) return { ...answer, url, trusted, challenges }
      // RFC 9110 section 15.4: 303 turns into GET, and so do 301 and 302 after POST.
      if (answer.status === 303 || (answer.status < 303 && method === 'POST')) {
        method = method === 'HEAD' ? 'HEAD' : 'GET'
        body = null
        headers = without(headers, ['content-type', 'content-length'])
      }
      redirect = { ...answer, url, trusted, challenges }
      next.hash = ''
      url = next
    }
  }

  const once = async (live: Live, call: PlainCall): Promise<{ answer: EgressAnswer; attempts: number; live: Live }> => {
    const current = await parts.fresh.ensure(live)
    const answer = await follow(current, call)
    // A host that was not sent the credential says nothing about it.
    const attempts = 1 + answer.challenges
    if (!answer.trusted) return { answer, attempts, live: current }
    if (!meansExpired(current, answer)) {
      parts.fresh.accepted(current)
      return { answer, attempts, live: current }
    }
    const next = await parts.fresh.afterRefusal(current)
    if (next === undefined) return { answer, attempts, live: current }
    const repeated = await follow(next, call)
    if (!meansExpired(next, repeated)) parts.fresh.accepted(next)
    return { answer: repeated, attempts: attempts + 1 + repeated.challenges, live: next }
  }

  return {
    async invoke(caller, connection, input, gone) {
      const startedAt = now()
      const live = await parts.live.get(caller, connection, input.user)
      const call = { ...plainCall(live, input), gone }
      const { id } = live.bound.connection
      parts.slots.enter(id)
      let done: Awaited<ReturnType<typeof once>>
      try {
        done = await once(live, call)
      } catch (error) {
        // Who leaves has no answer to be told of; the API did not fail.
        if (error instanceof MooringError && !gone.aborted)
          parts.recorder.record(caller, live, {
            method: call.method,
            url: call.url,
            status: error.status,
            ms: now() - startedAt,
          })
        throw error
      } finally {
        parts.slots.leave(id)
      }
      const { answer, attempts } = done
      const durationMs = now() - startedAt
      parts.recorder.record(caller, done.live, {
        method: call.method,
        url: call.url,
        status: answer.status,
        ms: durationMs,
      })
      const headers = Object.fromEntries(
        [...answer.headers.keys()].map((name) => [name, answer.headers.get(name) ?? '']),
      )
      return {
        status: answer.status,
        headers,
        ...readBody(answer),
        durationMs,
        attempts,
        url: masked(answer.url, done.live).href,
      }
    },

    async probe(live, probe) {
      const startedAt = now()
      const call: PlainCall = {
        method: probe.method,
        url: live.targets.resolve(probe.url ?? probe.path ?? ''),
        headers: Object.entries(probe.headers ?? {}).flat(),
        body: probe.body === undefined ? null : Buffer.from(probe.body),
        until: Date.now() + 15_000,
      }
      egress.checkUrl(call.url)
      const answer = await follow(live, call)
      const { status, headers, body } = answer
      const text = Buffer.from(body.subarray(0, probeTextLimit)).toString('utf8')
      return { status, ms: now() - startedAt, headers, text }
    },

    async credentials(caller, connection, { user, url, method }) {
      const live = await parts.fresh.ensure(await parts.live.get(caller, connection, user))
      const { applied } = live
      const base = live.bound.document.baseUrl
      const target = url === undefined ? new URL(base ?? 'https://host.invalid/') : live.targets.resolve(url)
      // A form body lets schemes that travel in a form show what they add.
      const formLike = applied.bodyUse === 'form'
      const request = {
        method: method?.toUpperCase() ?? (formLike ? 'POST' : 'GET'),
        url: new URL(target),
        headers:
          formLike && !['GET', 'HEAD'].includes(method?.toUpperCase() ?? 'POST') ? ['content-type', formType] : [],
        body: formLike ? Buffer.alloc(0) : null,
      }
      applied.inject(request, now())
      const given = new Set(target.searchParams.keys())
      const { expiresAt } = live.authorization
      const told: CredentialParts = {
        headers: Object.fromEntries(
          pairs(request.headers).filter(([name]) => !['content-type', 'content-length'].includes(name.toLowerCase())),
        ),
        parameters: Object.fromEntries(
          [...request.url.searchParams].filter(([name]) => !given.has(name) || applied.parameters.includes(name)),
        ),
        form: Object.fromEntries(new URLSearchParams(Buffer.from(request.body ?? '').toString('utf8'))),
        expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      }
      const { connection: of, service } = live.bound
      return { parts: told, connectionId: of.id, serviceId: service.id }
    },
  }
}

function meansExpired({ expiry }: Live, { status, headers, body }: EgressAnswer): boolean {
  const texts = expiry.texts(status)
  if (texts === undefined) return expiry.expired(status)
  return holds(body, headers.get('content-encoding') ?? undefined, texts)
}

function plainCall(live: Live, input: InvokeInput): PlainCall {
  const method = input.method.toUpperCase()
  const url = live.targets.resolve(input.url)
  for (const [name, value] of Object.entries(input.parameters ?? {})) {
    url.search += `${url.search === '' ? '' : '&'}${percentEncode(name)}=${percentEncode(String(value))}`
  }
  // The length is that of the body below, whatever the caller counted.
  const headers = without(Object.entries(input.headers ?? {}).flat(), ['content-length'])
  const body = bodyOf(input)
  if (body !== null) {
    if (method === 'GET' || method === 'HEAD')
      throw invalid([
        { path: 'body', code: 'not_allowed', message: `A ${method} carries no body; use another method or remove it.` },
      ])
    if (!Object.keys(input.headers ?? {}).some((name) => name.toLowerCase() === 'content-type'))
      headers.push('content-type', body.type)
  }
  return { method, url, headers, body: body?.bytes ?? null, until: Date.now() + (input.timeoutMs ?? defaultTimeout) }
}

function bodyOf({ body, bodyFormat }: InvokeInput): { bytes: Uint8Array; type: string } | null {
  if (body === undefined || (body === null && bodyFormat === undefined)) return null
  const format = bodyFormat ?? (typeof body === 'string' ? 'text' : 'json')
  const wrong = (message: string): MooringError => invalid([{ path: 'body', code: 'invalid_type', message }])
  switch (format) {
    case 'json':
      return { bytes: Buffer.from(JSON.stringify(body)), type: 'application/json' }
    case 'text':
      if (typeof body !== 'string') throw wrong('With bodyFormat text the body is a string.')
      return { bytes: Buffer.from(body), type: 'text/plain; charset=utf-8' }
    case 'base64':
      if (typeof body !== 'string' || !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(body))
        throw wrong('With bodyFormat base64 the body is a base64 string.')
      return { bytes: Buffer.from(body, 'base64'), type: 'application/octet-stream' }
    case 'form': {
      if (typeof body === 'string') return { bytes: Buffer.from(body), type: formType }
      if (typeof body !== 'object' || body === null || Array.isArray(body))
        throw wrong('With bodyFormat form the body is an object of strings, or an encoded string.')
      const form = new URLSearchParams()
      for (const [name, value] of Object.entries(body)) {
        for (const item of Array.isArray(value) ? value : [value]) form.append(name, String(item))
      }
      return { bytes: Buffer.from(form.toString()), type: formType }
    }
  }
}

/** The answer's body as JSON where it says so and is, as text where it is text, else base64. */
function readBody(answer: EgressAnswer): { body: unknown; bodyFormat: 'json' | 'text' | 'base64' } {
  const bytes = unpacked(answer)
  const type = answer.headers.get('content-type')?.toLowerCase() ?? ''
  if (bytes === undefined) return { body: Buffer.from(answer.body).toString('base64'), bodyFormat: 'base64' }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { body: Buffer.from(bytes).toString('base64'), bodyFormat: 'base64' }
  }
  if (/[/+]json\b/.test(type)) {
    try {
      return { body: JSON.parse(text), bodyFormat: 'json' }
    } catch {
      return { body: text, bodyFormat: 'text' }
    }
  }
  return { body: text, bodyFormat: 'text' }
}

/** Undoes a content coding we did not ask for, within the limit (S-36); undefined where it cannot be undone. */
function unpacked({ headers, body }: EgressAnswer): Uint8Array | undefined {
  const coding = headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity'
  const bound = { maxOutputLength: answerLimit }
  try {
    if (coding === 'identity' || body.length === 0) return body
    if (coding === 'gzip' || coding === 'x-gzip') return gunzipSync(body, bound)
    if (coding === 'br') return brotliDecompressSync(body, bound)
    // RFC 9110 section 8.4.1.2: some leave out the zlib wrapper, whose first byte ends in 8.
    if (coding === 'deflate')
      return ((body[0] ?? 0) & 15) === 8 ? inflateSync(body, bound) : inflateRawSync(body, bound)
  } catch {
    return undefined
  }
  return undefined
}

function pairs(headers: readonly string[]): [string, string][] {
  const list: [string, string][] = []
  for (let index = 0; index + 1 < headers.length; index += 2)
    list.push([headers[index] ?? '', headers[index + 1] ?? ''])
  return list
}

function without(headers: readonly string[], names: readonly string[]): string[] {
  return pairs(headers)
    .filter(([name]) => !names.includes(name.toLowerCase()))
    .flat()
}

/** A redirect may carry the query along, and the credential in it. */
function withoutParameters(live: Live, url: URL): URL {
  if (!live.applied.parameters.some((name) => url.searchParams.has(name))) return url
  const stripped = new URL(url)
  for (const name of live.applied.parameters) stripped.searchParams.delete(name)
  return stripped
}

/** A URL as it may be shown: without what the credential put into it. */
function masked(url: URL, live: Live): URL {
  const shown = new URL(url)
  for (const name of live.applied.parameters) {
    if (shown.searchParams.has(name)) shown.searchParams.set(name, '***')
  }
  return shown
}
