/** Reading JSON bodies: bounded in size, in depth and in the number of values. */
import type { Route } from '@mooring/contract'
import type { FastifyInstance } from 'fastify'
import { MooringError } from '../errors.ts'

/** Deeper nesting than this has no use here and costs stack. */
const deepest = 64

export interface BodyLimits {
  bytes: number
  /**
   * Numbers, strings, objects and so on. A megabyte holds half a million, and each is parsed, checked and may be told as
   * wrong: minutes of work for everybody else to wait for.
   */
  values: number
}

/** Where nobody is known yet: a name, an address, a password. */
const ofStrangers: BodyLimits = { bytes: 65_536, values: 1000 }
/** Definitions and settings. */
const ofDefinitions: BodyLimits = { bytes: 1_048_576, values: 20_000 }
/** Data for an API, most of it one long string. */
const ofData: BodyLimits = { bytes: 12_582_912, values: 100_000 }

export function bodyLimits(route: Pick<Route, 'open' | 'bodyLarge'>): BodyLimits {
  if (route.open === true) return ofStrangers
  return route.bodyLarge === true ? ofData : ofDefinitions
}

/** What JSON is read by, on every route that takes it. A route of ours says its limits in `config.limits`. */
export function takeJson(app: FastifyInstance): void {
  app.addContentTypeParser(
    /^application\/(?:[a-z0-9.+-]+\+)?json(?:;|$)/i,
    { parseAs: 'string' },
    (request, body, done) => {
      try {
        const { values } = request.routeOptions.config.limits ?? ofStrangers
        done(null, readJson(String(body), values))
      } catch (error) {
        done(error instanceof Error ? error : new Error('body'))
      }
    },
  )
}

declare module 'fastify' {
  interface FastifyContextConfig {
    limits?: BodyLimits
  }
}

/** An empty body is undefined. Throws malformed_request. */
export function readJson(text: string, mostValues: number): unknown {
  if (text.trim() === '') return undefined
  const { depth, values } = measure(text)
  if (depth > deepest)
    throw new MooringError('malformed_request', { detail: `The JSON body is nested deeper than ${deepest} levels.` })
  if (values > mostValues)
    throw new MooringError('malformed_request', {
      detail: `The JSON body holds more than ${mostValues} values.`,
      hint: 'Send less at once, or as one string: a document to import as its text, data through invoke with bodyFormat text or base64. The proxy has no limit.',
    })
  try {
    // A key named __proto__ would be data here, but never wanted. Asking of every key costs most of the time.
    if (!/__proto__|\\u005f/i.test(text)) return JSON.parse(text)
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
  } catch (cause) {
    throw new MooringError('malformed_request', {
      detail: 'The body is not valid JSON.',
      hint: 'Check quotes, commas and brackets.',
      cause,
    })
  }
}

/** Of JSON: how deep it is, and at least how many values it holds. */
function measure(text: string): { depth: number; values: number } {
  let depth = 0
  let most = 0
  let values = 1
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (quoted) {
      if (code === 92) index++
      else if (code === 34) quoted = false
    } else if (code === 34) quoted = true
    else if (code === 44) values++
    else if (code === 91 || code === 123) {
      most = Math.max(most, ++depth)
      values++
    } else if (code === 93 || code === 125) depth--
  }
  return { depth: most, values }
}
