/** `{placeholders}`: filling them in, and what a value may be that takes the place of one. */
import { types } from 'node:util'
import { runInNewContext } from 'node:vm'
import { fields } from '@mooring/contract'

/** The names used in a text. */
export function placeholdersIn(text: string): string[] {
  return Array.from(text.matchAll(fields.placeholderPattern), (match) => match[1] ?? '')
}

/** Fills every string inside a value. A name without a value stays as it is. */
export function fill<T>(value: T, parameters: Record<string, string>): T
export function fill(value: unknown, parameters: Record<string, string>): unknown {
  if (typeof value === 'string') {
    return value.includes('{')
      ? value.replace(fields.placeholderPattern, (whole, name: string) =>
          Object.hasOwn(parameters, name) ? (parameters[name] ?? whole) : whole,
        )
      : value
  }
  if (Array.isArray(value)) return value.map((item: unknown) => fill(item, parameters))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]: [string, unknown]) => [key, fill(item, parameters)]),
    )
  }
  return value
}

/**
 * A pattern is somebody's own; one that backtracks without end must not stop the server. In milliseconds of the clock, so
 * a busy machine may stand still for as long during any match: what runs out of time is tried again.
 */
const patternPatience = 50
const patternTries = 3

/** Whether a value matches a pattern as a whole. Of a URL the slash at the end may be there or not. */
export function matches(pattern: string, value: string): boolean {
  return test(pattern, value) || (isUrl(value) && test(pattern, value.endsWith('/') ? value.slice(0, -1) : `${value}/`))
}

function test(pattern: string, value: string): boolean {
  for (let turn = 0; turn < patternTries; turn++) {
    const found = tryTest(pattern, value)
    if (found !== undefined) return found
  }
  return false
}

/** Undefined where the time ran out. */
function tryTest(pattern: string, value: string): boolean | undefined {
  try {
    const found: unknown = runInNewContext(
      'new RegExp(pattern, "u").test(value)',
      { pattern: `^(?:${pattern})$`, value },
      { timeout: patternPatience },
    )
    return found === true
  } catch (error) {
    // It comes from the other realm, where Error is another class.
    if (types.isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined
    throw error
  }
}

export function isUrl(value: string): boolean {
  return /^https?:\/\//i.test(value)
}

/** A host that nobody owns: where a pattern lets it in, it lets anybody in. */
const foreign = 'foreign-host.invalid'

/** A URL, or a host pattern, cut after its authority: `https://api.{region}.example.com`. */
function authorityOf(text: string): string {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*/i.exec(text)?.[0] ?? ''
}

/** Whether this name decides about the host of a URL or of a host pattern. */
export function placesHost(text: string, name: string): boolean {
  return placeholdersIn(authorityOf(text)).includes(name)
}

/**
 * Whether this value in the place of a name leaves a URL's host what the text and the pattern make it: the value must not
 * end the authority early (`evil.example/.example.com`), bring user-info, a query or a fragment, or, where it is a whole
 * URL, have its host anywhere else than where the pattern looks.
 */
export function keepsHost(text: string, name: string, value: string, pattern: string | undefined): boolean {
  if (!placesHost(text, name)) return true
  if (isUrl(value)) {
    const url = URL.parse(value)
    if (url === null || !text.startsWith(`{${name}}`) || !/^https?:\/\/[\w.:[\]-]+(?:\/[\w.~-]+)*\/?$/i.test(value))
      return false
    if (/\/\.{1,2}(?:\/|$)/.test(value)) return false
    const elsewhere = value.replace(/^(https?:\/\/)[^/]*/i, `$1${foreign}`)
    // A pattern that lets any host in means it.
    return pattern === undefined || !matches(pattern, elsewhere) || letsAnyHostIn(text, name, pattern)
  }
  return (
    /^[^\s/\\?#@%]+$/.test(value) && URL.canParse(withScheme(authorityOf(text.replaceAll(`{${name}}`, () => value))))
  )
}

/** Whether a pattern lets this text lead to a host of anybody's choice. */
export function letsAnyHostIn(text: string, name: string, pattern: string): boolean {
  if (!placesHost(text, name)) return false
  const offers = [foreign, `${foreign}:443`, ...['', '/', '/api'].map((path) => `https://${foreign}${path}`)]
  return offers.some((offer) => {
    if (!matches(pattern, offer)) return false
    const url = URL.parse(withScheme(authorityOf(text.replaceAll(`{${name}}`, () => offer))))
    return url !== null && (url.hostname === foreign || url.hostname.endsWith(`.${foreign}`))
  })
}

/** An authority as a URL, with something in the place of its other placeholders and of a leading wildcard. */
function withScheme(authority: string): string {
  const whole = authority.replace(fields.placeholderPattern, 'x').replace(/^\*\./, '')
  return whole.includes('://') ? whole : `https://${whole}`
}
