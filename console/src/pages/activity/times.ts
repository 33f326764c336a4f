/** The time range of the filter, as it stands in the address and as the API takes it. */

export const ranges: readonly { value: string; label: string; milliseconds: number }[] = [
  { value: '1h', label: 'Last hour', milliseconds: 3_600_000 },
  { value: '24h', label: 'Last 24 hours', milliseconds: 86_400_000 },
  { value: '7d', label: 'Last 7 days', milliseconds: 7 * 86_400_000 },
]

/** An instant as it is, a range counted back from `now` (milliseconds). */
export function instantOf(text: string | undefined, now: number): string | undefined {
  const range = ranges.find(({ value }) => value === text)
  return range === undefined ? text : new Date(now - range.milliseconds).toISOString()
}

/** For an input of type `datetime-local`: the instant in the time zone of the browser; empty where it is none. */
export function localTime(instant: string | undefined): string {
  const date = new Date(instant ?? '')
  if (Number.isNaN(date.getTime())) return ''
  const pad = (part: number): string => String(part).padStart(2, '0')
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}`
}

/** The other way round; undefined where nothing, or half of a time, was typed. */
export function instantFromLocal(local: string): string | undefined {
  const date = new Date(local)
  return local === '' || Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** "Today", "Yesterday", or the date, in the time zone of the browser. */
export function dayOf(instant: string, now: number): string {
  const day = new Date(instant).toDateString()
  if (day === new Date(now).toDateString()) return 'Today'
  // Noon's day before is yesterday, whatever the clocks did at night.
  const noon = new Date(now)
  noon.setHours(12)
  if (day === new Date(noon.getTime() - 86_400_000).toDateString()) return 'Yesterday'
  return dayFormat.format(new Date(instant))
}

const dayFormat = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})
const clockFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

export function clock(instant: string): string {
  return clockFormat.format(new Date(instant))
}
