/** Fetching what an import is made of: through the egress layer alone, bounded, redirects judged one by one (S-30, S-35). */
import { longestDocument } from '@mooring/contract'
import type { Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/errors.ts'
import { invalid, MooringError } from '../errors.ts'
import { tooLarge } from './document.ts'

export interface Fetched {
  status: number
  headers: Headers
  text: string
  /** Where it was in the end. */
  url: URL
}

export interface Sent {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
  /** Followed where it is not said otherwise; a GET alone is. */
  redirects?: 'follow' | 'refuse'
}

export interface Reader {
  /**
   * Throws egress_blocked, upstream_unreachable, provider_timeout, too_large, provider_error. Any status is an answer.
   */
  fetch(url: URL, sent?: Sent): Promise<Fetched>
}

const mostRedirects = 3
/** For one exchange, in milliseconds. */
const patience = 15_000
/** In one import: its document, metadata in the places where it may be, a registration. */
const mostRequests = 20

export function createReader(egress: Pick<Egress, 'request'>): Reader {
  let left = mostRequests
  const once = async (url: URL, { method = 'GET', headers = {}, body }: Sent): Promise<Fetched> => {
    if (left-- <= 0) throw new MooringError('provider_error', { detail: 'It takes too many requests to find out.' })
    try {
      const answer = await egress.request({
        url,
        method,
        headers: { 'user-agent': 'Mooring', ...headers },
        body: body ?? null,
        timeoutMs: patience,
        maxBytes: longestDocument,
      })
      return { status: answer.status, headers: answer.headers, text: Buffer.from(answer.body).toString('utf8'), url }
    } catch (error) {
      throw fault(error)
    }
  }
  return {
    async fetch(url, sent = {}) {
      let at = url
      for (let hops = 0; ; hops++) {
        const answer = await once(at, sent)
        const location = answer.headers.get('location')
        if (answer.status < 300 || answer.status > 399 || location === null || sent.method === 'POST') return answer
        if (sent.redirects === 'refuse') return answer
        const next = URL.parse(location, at.href)
        if (next === null || hops >= mostRedirects || (at.protocol === 'https:' && next.protocol !== 'https:')) {
          throw new MooringError('provider_error', {
            detail: `${url.host} redirects ${hops >= mostRedirects ? 'too often' : 'to where this is not followed'}.`,
            hint: 'Give the URL where the document itself is.',
          })
        }
        at = next
      }
    },
  }
}

/** The URL in a field of the request. Throws validation_failed. */
export function addressIn(text: string, path: string): URL {
  const url = URL.parse(text.trim())
  const message =
    url === null || !/^https?:\/\/[^/]/i.test(text.trim())
      ? 'Write a whole URL, such as https://api.example.com/openapi.json.'
      : url.username !== '' || url.password !== ''
        ? 'Remove the user name and password before the @.'
        : undefined
  if (url === null || message !== undefined)
    throw invalid([{ path, code: 'invalid_url', message: message ?? 'Write a whole URL.' }])
  url.hash = ''
  return url
}

function fault(error: unknown): unknown {
  if (!(error instanceof EgressError)) return error
  const { host, code, message } = error
  switch (code) {
    case 'egress_blocked':
      return new MooringError('egress_blocked', {
        detail: `${message}.`,
        hint: `If ${host} is meant to be reached, add it to MOORING_EGRESS_ALLOW.`,
        cause: error,
      })
    case 'upstream_timeout':
      return new MooringError('provider_timeout', { detail: `${message}.`, hint: 'Try again later.', cause: error })
    case 'provider_answer_too_large':
      return tooLarge(`What ${host} answered`)
    case 'upstream_unreachable':
      return new MooringError('upstream_unreachable', {
        detail: `${message}.`,
        hint: `Is ${host} right, and is it up?`,
        cause: error,
      })
    case 'request_invalid':
    case 'request_aborted':
      return new MooringError('provider_error', { detail: `${message}.`, cause: error })
  }
}
