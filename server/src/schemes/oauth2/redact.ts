/** Taking secrets out of what a provider said, before any of it reaches an error, a log or a person. */
import { dots } from '../description.ts'
import { percentEncode } from '../request.ts'

export type Redact = (text: string) => string

/** Anything this long without a break is a token, a code, an identifier … */
const opaque = /[A-Za-z0-9_+/=~-]{24,}/g
/** … and so is something shorter with letters and digits mixed … */
const mixed = /(?=[A-Za-z_+=~-]{0,23}\d)(?=[\d_+=~-]{0,23}[A-Za-z])[A-Za-z0-9_+=~-]{12,}/g
/** … unless it is words (`unsupported_response_type`, a URL's path) or a numbered code (AADSTS7000215). */
const words = /^(?:[A-Z]?[a-z]{1,15}(?:[_/=~+-]+[A-Z]?[a-z]{1,15})*|[A-Z]{2,10}\d{1,8})$/
const mask = (run: string): string => (words.test(run) ? run : dots)
/** `"refresh_token": "…"` and `client_secret=…`; the quantifiers are bounded so that a hostile text costs no time. */
const name = '[\\w.-]{0,40}(?:token|secret|password|assertion|api_?key|session)[\\w.-]{0,40}|code'
const jsonValue = new RegExp(`("(?:${name})"\\s{0,5}:\\s{0,5}")[^"]{0,8192}`, 'gi')
const formValue = new RegExp(`((?:^|[?&;\\s"'(])(?:${name})=)[^&\\s"'<]{1,8192}`, 'gi')

/** At most this many characters of a provider's words are kept. */
const kept = 300

/**
 * A function that masks these secrets in every way they may be echoed, masks what looks like a secret, folds white
 * space and cuts at 300 characters. Secrets under 4 characters are not searched for: they would hit ordinary words.
 */
export function redactor(secrets: readonly (string | null | undefined)[]): Redact {
  const known = new Set(secrets.flatMap((secret) => (secret && secret.length >= 4 ? spellings(secret) : [])))
  const longestFirst = [...known].sort((a, b) => b.length - a.length)
  return (text) => {
    const masked = longestFirst.reduce((rest, secret) => rest.replaceAll(secret, dots), text)
    const short = masked
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim()
      .replace(opaque, mask)
      .replace(mixed, mask)
      .replace(jsonValue, `$1${dots}`)
      .replace(formValue, `$1${dots}`)
    return Array.from(short).slice(0, kept).join('')
  }
}

function spellings(secret: string): string[] {
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
  return [
    secret,
    encodeURIComponent(secret),
    percentEncode(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    html,
    html.replaceAll("'", '&#39;'),
    Buffer.from(secret, 'utf8').toString('base64'),
    Buffer.from(secret, 'utf8').toString('base64url'),
  ]
}
