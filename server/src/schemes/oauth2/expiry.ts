/** When an access token ends (S-25), out of the many ways in which providers say so. Instants are in milliseconds. */

const day = 86_400
const tenYears = 3650 * day

export interface Lifetime {
  /** Null: it does not end, or nobody knows. */
  expiresAt: number | null
  notes: string[]
}

export interface LifetimeInput {
  /** A field that names the instant: seconds or milliseconds since 1970, or an ISO 8601 text. */
  absolute: unknown
  /** A field that names the seconds left. */
  relative: unknown
  now: number
  /** What 0 means here. */
  zero: 'now' | 'never'
  /** Seconds to assume where the provider says nothing; null where nothing could renew the token anyway. */
  fallbackSeconds: number | null
}

/** The absolute field, then the relative one, then the service's own expiry time. */
export function lifetime(input: LifetimeInput): Lifetime {
  const { absolute, relative, now } = input
  const at = instant(absolute)
  const seconds = numeric(relative)
  if (at !== undefined && (at > now || seconds === undefined || seconds <= 0)) return ending(at, now, [])
  if (seconds !== undefined && seconds >= 0) {
    const notes =
      at === undefined ? [] : ['The provider named an end that has passed; its expires_in was used instead.']
    return fromSeconds(seconds, input, notes)
  }
  const named = instant(relative)
  if (named !== undefined) return ending(named, now, ['The provider put an instant where seconds belong.'])
  const small = numeric(absolute)
  if (small !== undefined && small > 0) {
    return fromSeconds(small, input, ['The provider put seconds where an instant belongs.'])
  }
  const unread = [absolute, relative].some((value) => value !== undefined && value !== null && value !== '')
  return unsaid(input, unread ? ["The provider's expiry could not be read."] : [])
}

function fromSeconds(seconds: number, { now, zero }: LifetimeInput, notes: string[]): Lifetime {
  if (seconds === 0) {
    return zero === 'now'
      ? { expiresAt: now, notes }
      : { expiresAt: null, notes: [...notes, 'The provider said expires_in 0, which means never here.'] }
  }
  if (isMilliseconds(seconds)) {
    return { expiresAt: now + seconds, notes: [...notes, 'The provider gave the expiry in milliseconds.'] }
  }
  if (seconds <= tenYears) return { expiresAt: now + seconds * 1000, notes }
  // 2^31 - 1 is "as long as possible", though it is an instant (in 2038) as well.
  const at = seconds === 2 ** 31 - 1 ? undefined : instant(seconds)
  if (at !== undefined && Math.abs(at - now) < tenYears * 1000) {
    return ending(at, now, [...notes, 'The provider put an instant where seconds belong.'])
  }
  return { expiresAt: null, notes: [...notes, longer] }
}

const longer = 'The provider named an end more than ten years away; the token is taken not to end.'

function ending(at: number, now: number, notes: string[]): Lifetime {
  return at - now > tenYears * 1000 ? { expiresAt: null, notes: [...notes, longer] } : { expiresAt: at, notes }
}

function unsaid({ now, fallbackSeconds }: LifetimeInput, notes: string[]): Lifetime {
  if (fallbackSeconds === null) {
    return {
      expiresAt: null,
      notes: [...notes, 'The provider named no expiry and no refresh token; the token is taken not to end.'],
    }
  }
  return {
    expiresAt: now + fallbackSeconds * 1000,
    notes: [...notes, `The provider named no expiry; the service's expiry time (${fallbackSeconds} seconds) was used.`],
  }
}

/**
 * 3,600,000 is an hour in milliseconds, not 41 days and 16 hours; 5,184,000 is 60 days in seconds. Beyond 30 days, a
 * whole number of minutes in milliseconds is taken for that, unless it is a natural number of days in seconds. (500
 * days in seconds and 12 hours in milliseconds are the same number; the second is what providers give.)
 */
function isMilliseconds(value: number): boolean {
  const wholeDays = value % day === 0
  const natural = wholeDays && (value % (500 * day) !== 0 || value % (365 * day) === 0)
  return value > 30 * day && value % 60_000 === 0 && !natural
}

function numeric(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'string' && /^\s*-?\d{1,20}(\.\d{1,9})?\s*$/.test(value)) return Number(value)
  return undefined
}

/** Seconds up to 1e11 (the year 5138), milliseconds up to 1e14; what lies before 2001 is not an instant but a span. */
function instant(value: unknown): number | undefined {
  const number = numeric(value)
  if (number !== undefined) {
    if (number < 1e9 || number >= 1e14) return undefined
    return number < 1e11 ? number * 1000 : number
  }
  if (typeof value !== 'string') return undefined
  const read = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|[+-]\d\d:?\d\d)?$/i.exec(value.trim())
  if (read === null) return undefined
  // Without a zone it is UTC: Date.parse would take this machine's.
  const zone = (read[3] ?? 'Z').toUpperCase().replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2')
  const at = Date.parse(`${read[1]}T${read[2]}${zone}`)
  return Number.isNaN(at) ? undefined : at
}
