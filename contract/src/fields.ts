/**
 * The rules for single values. Every rule answers with a code and a sentence that says what to do, and carries its
 * limits as metadata, so that the OpenAPI document, forms and the command line can show them.
 */
import { z } from 'zod'

/** A broken rule: `code` is stable, `message` is for a person. */
export interface RuleBreak {
  code: string
  message: string
}

interface TextRule {
  title?: string
  min?: number
  /** Counted in Unicode code points. */
  max: number
  /** What the first character may be, and the sentence for when it is not. */
  first?: [pattern: RegExp, says: string]
  /** What every character may be, and the sentence for when one is not. */
  all?: [pattern: RegExp, says: string]
  /** Further checks over the whole value; undefined where it holds. */
  check?: (value: string) => RuleBreak | undefined
  pattern?: RegExp
}

/** A string with limits, told one sentence for each limit it breaks. */
export function text(rule: TextRule): z.ZodString {
  const min = rule.min ?? 1
  return z
    .string()
    .superRefine((value, context) => {
      const fail = (code: string, message: string): void => {
        context.addIssue({ code: 'custom', message, params: { code } })
      }
      const length = Array.from(value).length
      if (length < min) {
        fail(
          length === 0 ? 'required' : 'too_short',
          length === 0 ? 'Fill this in.' : `Use at least ${min} characters.`,
        )
        return
      }
      if (length > rule.max) fail('too_long', `Use at most ${rule.max} characters; this has ${length}.`)
      if (rule.first && !rule.first[0].test(value)) fail('invalid_format', rule.first[1])
      else if (rule.all && !rule.all[0].test(value)) fail('invalid_format', rule.all[1])
      const broken = rule.check?.(value)
      if (broken) fail(broken.code, broken.message)
    })
    .meta({
      minLength: min,
      maxLength: rule.max,
      ...(rule.pattern ? { pattern: rule.pattern.source } : {}),
    })
}

// Letters and digits of any language (\p{M}: the vowel signs and accents that some scripts write as marks).
const nameCharacters = /^[\p{L}\p{M}\p{N} *_\-@/!:|&~\\+]*$/u
const nameSays = 'Use letters, digits, spaces and * _ - @ / ! : | & ~ \\ + only.'

/** R-060 … R-064: the display name of a service or a connection. */
export const displayName = text({
  max: 50,
  first: [/^[\p{L}\p{N}_]/u, 'Start with a letter, a number or _.'],
  all: [nameCharacters, nameSays],
})

/** */
export const description = text({
  min: 0,
  max: 255,
  all: [
    /^[\p{L}\p{M}\p{N}\s,.()\-_*@/\\!:|~&]*$/u,
    'Use letters, digits, spaces and , . ( ) - _ * @ / \\ ! : | ~ & only.',
  ],
})

/** R-070 … R-072. */
export const linkName = text({
  max: 50,
  first: [/^[A-Za-z]/, 'Start with a letter (A to Z).'],
  all: [/^[A-Za-z0-9_]*$/, 'Use the letters A to Z, digits and _ only.'],
  pattern: /^[A-Za-z][A-Za-z0-9_]{0,49}$/,
})

/** the label a person sees when asked for a value. */
export const parameterName = text({
  max: 50,
  first: [/^[\p{L}\p{N}]/u, 'Start with a letter or a number.'],
  all: [nameCharacters, nameSays],
})

/** */
export const scopeName = text({
  max: 100,
  first: [/^[\p{L}\p{N}]/u, 'Start with a letter or a number.'],
  all: [nameCharacters, nameSays],
})

/** RFC 6749 section 3.3, scope-token. */
export const scopeValue = text({
  max: 500,
  all: [/^[\x21\x23-\x5b\x5d-\x7e]*$/, 'Use printable ASCII characters without spaces, quotes and backslashes.'],
})

/** RFC 9110 section 5.6.2, token: what may name a header or a cookie. */
export const httpToken = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/

/** The key a value travels under in a query or a form. Headers and cookies narrow it to `httpToken`. */
export const parameterKey = text({
  max: 100,
  all: [/^[\x21-\x7e]*$/, 'Use printable ASCII characters without spaces.'],
  // Values are kept by these keys; an object of JavaScript cannot hold one under this name.
  check: (value) =>
    value === '__proto__' ? { code: 'invalid_format', message: 'Use another key than __proto__.' } : undefined,
})

/** Client ids, secrets, consumer keys, API keys (R-112 … ). */
export const credential = text({
  max: 8192,
  all: [/^[\x20-\x7e]*$/, 'Use printable ASCII characters only.'],
  check: (value) =>
    /^ | $| {2}/.test(value)
      ? { code: 'invalid_format', message: 'Remove the spaces at the ends and the doubled spaces.' }
      : undefined,
})

/** Basic user names and passwords (RFC 7617 allows all of Unicode but control characters) and bearer tokens. */
export const unicodeCredential = text({
  max: 8192,
  all: [/^[^\p{Cc}\p{Cs}]*$/u, 'Remove the control characters (line breaks and tabs count as such).'],
})

/** R-152 … R-154. */
export const bearerName = text({
  max: 50,
  all: [/^[A-Za-z0-9]*$/, 'Use letters and digits only.'],
  pattern: /^[A-Za-z0-9]+$/,
})

/** may hold a hyphen (Zoho-oauthtoken); empty means none. */
export const tokenPrefix = text({
  min: 0,
  max: 50,
  all: [/^[\x20-\x7e]*$/, 'Use printable ASCII characters only.'],
})

/** A whole number of something, with its limits in the sentence. */
export function wholeNumber(min: number, max: number, unit: string): z.ZodNumber {
  const says = `Use a whole number of ${unit} from ${min} to ${max}.`
  return (
    z
      // Without a sentence of its own a missing number is told as missing.
      .number({ error: (issue) => (issue.input === undefined ? undefined : says) })
      .superRefine((value, context) => {
        if (Number.isInteger(value) && value >= min && value <= max) return
        const code = value < min ? 'too_small' : value > max ? 'too_large' : 'invalid_format'
        context.addIssue({ code: 'custom', message: says, params: { code } })
      })
      .meta({ minimum: min, maximum: max })
  )
}

/** R-155 … R-157. */
export const expiryTime = wholeNumber(900, 86_400, 'seconds')

/** AWS's own names. */
export const awsService = text({
  max: 64,
  all: [/^[a-z0-9-]*$/, 'Use the exact AWS name: small letters, digits and hyphens, such as s3 or execute-api.'],
  pattern: /^[a-z0-9-]{1,64}$/,
})
export const awsRegion = text({
  max: 64,
  all: [/^([a-z]{2}(-[a-z]+)+-\d+|aws-global)$/, 'Use a region as AWS writes it, such as us-east-1, or aws-global.'],
  pattern: /^([a-z]{2}(-[a-z]+)+-\d+|aws-global)$/,
})

/** A placeholder inside a URL, a host pattern or a constant: `{domain}`. */
export const placeholderPattern = /\{([A-Za-z][A-Za-z0-9_]{0,49})\}/g

/** What stands in for placeholders while a URL that holds them is checked. */
function withoutPlaceholders(value: string): string {
  return value
    .replace(/^\{[A-Za-z][A-Za-z0-9_]*\}(?=\/|$)/, 'https://placeholder.example')
    .replace(placeholderPattern, 'x')
}

/**
 * What is wrong with a URL, by "Decisions", URL format notes: http or https, a host, no user-info, no fragment, and for
 * endpoints a path beyond the root. A query is kept as it is. Undefined where nothing is.
 */
export function urlBreak(value: string, kind: 'endpoint' | 'base'): RuleBreak | undefined {
  const invalid = (message: string): RuleBreak => ({ code: 'invalid_url', message })
  if (/[\s\\]|\p{Cc}/u.test(value)) return invalid('Remove the spaces, control characters and backslashes.')
  const url = URL.parse(withoutPlaceholders(value))
  // `https:///x` would parse too, with x as its host.
  if (url === null || !/^(\{|https?:\/\/[^/?#])/i.test(value)) {
    return invalid('Write a whole URL, such as https://www.example.com/oauth/token.')
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return invalid('Start with https:// or http://.')
  if (/^https?:\/\/[^/?#]*@/i.test(value)) return invalid('Remove the user name and password before the @.')
  if (value.includes('#')) return invalid('Remove the # and what follows it.')
  if (kind === 'endpoint' && url.pathname === '/') return invalid('Add the path after the host, such as /oauth/token.')
  if (kind === 'base' && value.includes('?')) return invalid('Remove the query (? and what follows it).')
  return undefined
}

/** An endpoint of a provider: has a path, keeps its query. */
export const endpointUrl = text({ max: 2048, check: (value) => urlBreak(value, 'endpoint') })

/** Where relative paths of a call go. */
export const baseUrl = text({ max: 2048, check: (value) => urlBreak(value, 'base') })

/** The value of a header the service adds to every call: no control characters (RFC 9110 section 5.5). */
export const headerValue = text({
  min: 0,
  max: 4096,
  all: [/^[\t\x20-\x7e\x80-\xff]*$/, 'Remove line breaks and other control characters.'],
})

/** The name of a header. */
export const headerName = text({
  max: 100,
  all: [httpToken, 'Use letters, digits and hyphens, such as X-Api-Version.'],
})

/** The user of a per-user connection, in the caller's own terms. */
export const userId = text({ max: 200, all: [/^[^\p{Cc}\p{Cs}]*$/u, 'Remove the control characters.'] })

/** An RFC 3339 instant, in UTC on the way out. */
export const instant = z.iso.datetime({
  offset: true,
  error: 'Write a time as RFC 3339 does, such as 2026-01-31T12:00:00Z.',
})

/**
 * A link name made from a display name ("Decisions", Link names): lower case, disallowed characters become `_`, leading
 * non-letters are dropped (prefix `c_` when nothing is left), cut at 50. `taken` decides about `_1`, `_2` ….
 */
export function linkNameFrom(name: string, taken: (candidate: string) => boolean = () => false): string {
  const base = name
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .replace(/^[^a-z]+/, '')
  const start = (/[a-z]/.test(base) ? base : `c_${name.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`).slice(0, 50)
  if (!taken(start)) return start
  for (let n = 1; ; n++) {
    const suffix = `_${n}`
    const candidate = start.slice(0, 50 - suffix.length) + suffix
    if (!taken(candidate)) return candidate
  }
}

/** A scope's display name made from its value: characters a name may not hold become `_`. */
export function scopeNameFrom(value: string): string {
  const characters = Array.from(value, (character) => (nameCharacters.test(character) ? character : '_'))
  if (!/^[\p{L}\p{N}]/u.test(characters[0] ?? '')) characters.unshift('s')
  return characters.slice(0, 100).join('')
}
