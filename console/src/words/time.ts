/** Times as people say them. Instants come as RFC 3339 strings. */

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

const steps: [limitSeconds: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [60, 'second', 1],
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [30 * 86_400, 'day', 86_400],
]

/** "in 12 min", "4 days ago"; beyond a month the date. `now` in milliseconds. */
export function ago(instant: string, now: number): string {
  const seconds = Math.round((Date.parse(instant) - now) / 1000)
  if (Math.abs(seconds) < 10) return 'just now'
  for (const [limit, unit, size] of steps) {
    if (Math.abs(seconds) < limit) return relative.format(Math.trunc(seconds / size), unit)
  }
  return day.format(new Date(instant))
}

/** "12 min", "4 h": a length of time, rounded down. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}

/** With the day, the seconds and the zone. */
export function exactly(instant: string): string {
  return full.format(new Date(instant))
}

/** Day and time of day, for tables in which the moment itself matters. */
export function moment(instant: string): string {
  return short.format(new Date(instant))
}

/** The day alone. */
export function dayOf(instant: string): string {
  return day.format(new Date(instant))
}

const clockFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** The time of day, with seconds. */
export function clock(instant: string): string {
  return clockFormat.format(new Date(instant))
}

/** "212 ms", "1.4 s": how long something took. */
export function took(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}

const hourAndMinute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** "since 14:05", "since yesterday", beyond that with the date: when a row of equal things began. */
export function since(instant: string, now: number): string {
  const at = new Date(instant)
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  if (at.getTime() >= midnight) return `since ${hourAndMinute.format(at)}`
  return at.getTime() >= midnight - 86_400_000 ? 'since yesterday' : `since ${day.format(at)}`
}
