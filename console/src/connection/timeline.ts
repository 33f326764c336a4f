/** A connection's activity as a story: what went well in a row becomes one line, what failed stays loud. */
import type { Activity, Attempt } from '@mooring/sdk'
import { activityWords, nameOf } from '../words/activity.ts'

export interface TimelineEntry {
  id: string
  /** The newest of what it stands for, whose icon and tone it has. */
  item: Activity
  words: string
  /** How many it stands for. */
  count: number
  /** When the first and the last of them happened. */
  from: string
  to: string
  /** Of a sign-in: how it went, step by step. */
  attempt?: Attempt
}

const isCall = ({ type }: Activity): boolean => type === 'connection.invoked'
const isFailedRefresh = ({ type }: Activity): boolean => type === 'connection.refresh_failed'

/** `items` and `attempts` newest first. */
export function timelineOf(items: readonly Activity[], attempts: readonly Attempt[] = []): TimelineEntry[] {
  const told = items.filter((item) => !isFailedRefresh(item) || !items.some((other) => isSameFailure(other, item)))
  const entries: TimelineEntry[] = []
  /** Groups since the last line that stands alone, by what makes them equal. */
  let open = new Map<string, Activity[]>()
  const close = (): void => {
    const groups = [...open.values()].map((group) => entryOf(group))
    entries.push(...groups.toSorted((a, b) => (a.to < b.to ? 1 : a.to > b.to ? -1 : 0)))
    open = new Map()
  }
  for (const [index, item] of told.entries()) {
    const tries = item.type === 'connection.refreshed' ? failedBefore(item, told.slice(index + 1)) : []
    const key = tries.length > 0 ? undefined : sameness(item)
    if (key !== undefined) {
      open.set(key, [...(open.get(key) ?? []), item])
      continue
    }
    close()
    entries.push(tries.length > 0 ? recovery(item, tries) : alone(item, attempts))
  }
  close()
  return entries
}

/** What folds with what; undefined for what stands alone. */
function sameness(item: Activity): string | undefined {
  const { type, ok, actor, user, status, detail } = item
  switch (type) {
    case 'connection.refreshed':
      return `${type} ${user}`
    case 'connection.refresh_failed':
      return `${type} ${user} ${detail}`
    case 'connection.invoked':
      return `${type} ${actor} ${user} ${ok ? 'ok' : status}`
    case 'connection.tested':
      return ok ? `${type} ${actor} ${user}` : undefined
    default:
      return undefined
  }
}

/** A refusal for good is told by two events of one moment; one line is enough. */
function isSameFailure(other: Activity, failure: Activity): boolean {
  return (
    other.type === 'connection.reauthorization_required' && other.at === failure.at && other.detail === failure.detail
  )
}

/** The failed refreshes that a good one made up for. `older`: what happened before it, newest first. */
function failedBefore(refreshed: Activity, older: readonly Activity[]): Activity[] {
  const its = older.filter((item) => !isCall(item) && item.type !== 'connection.tested' && item.user === refreshed.user)
  const end = its.findIndex((item) => !isFailedRefresh(item))
  return its.slice(0, end === -1 ? undefined : end)
}

function recovery(item: Activity, tries: Activity[]): TimelineEntry {
  const times = tries.length === 1 ? '1 failed try' : `${tries.length} failed tries`
  return { id: item.id, item, words: `Token refreshed after ${times}`, count: 1, from: item.at, to: item.at }
}

function alone(item: Activity, attempts: readonly Attempt[]): TimelineEntry {
  const attempt = attempts.find(({ steps }) => steps.at(-1)?.at === item.at)
  return {
    id: item.id,
    item,
    words: activityWords(item).title,
    count: 1,
    from: item.at,
    to: item.at,
    ...(attempt === undefined ? {} : { attempt }),
  }
}

function entryOf(group: Activity[]): TimelineEntry {
  const [item, ...rest] = group
  if (item === undefined) throw new Error('A group has at least one.')
  const count = group.reduce((sum, { count = 1 }) => sum + count, 0)
  // The id of the oldest stays when newer ones join: an open line stays open.
  const oldest = rest.at(-1) ?? item
  return { id: oldest.id, item, words: groupWords(item, count), count, from: oldest.at, to: item.at }
}

function groupWords(item: Activity, count: number): string {
  const { title } = activityWords(item)
  switch (item.type) {
    case 'connection.refreshed':
      return count === 1 ? title : `${count} refreshes, all fine`
    case 'connection.refresh_failed':
      return count === 1 ? title : `Refresh failed ${count} times`
    case 'connection.invoked': {
      const calls = `${count} ${item.ok ? '' : 'failed '}${count === 1 ? 'call' : 'calls'}`
      return `${calls} by ${nameOf(item.actor)}`
    }
    default:
      return count === 1 ? title : `${title} ${count} times`
  }
}
