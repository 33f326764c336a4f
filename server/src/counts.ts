/** What is counted, in plain numbers: a library's counters cost a call more than authenticating it does. */
import { constants, PerformanceObserver } from 'node:perf_hooks'

/** How long things of one kind took. */
export interface Times {
  /** By the longest that each bucket takes, in seconds; the last is for what took longer than all of them. */
  byBucket: Float64Array
  seconds: number
}

export interface Counts {
  /** Calls through connections, by class of status from 1xx on. */
  callsByClass: Float64Array
  calls: Times
  renewals: Record<'renewed' | 'failed', number>
  /** Garbage collections, by kind. */
  collections: ReadonlyMap<string, Times>
}

/** What is only looked at when it is asked for. */
export interface Readings {
  live: () => number
  droppedActivity: () => number
  renewalsRunning: () => number
  callsRunning: () => number
  /** Which of several processes this is; null where there is one. */
  worker: number | null
}

/** In seconds. */
export const callBuckets = [0.005, 0.02, 0.1, 0.5, 2, 10, 60] as const
export const collectionBuckets = [0.001, 0.01, 0.1, 1, 2, 5] as const

const kinds = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

export interface Counting {
  counts: Counts
  called: (status: number, milliseconds: number) => void
  renewed: (outcome: 'renewed' | 'failed') => void
}

/** Begins to count. */
export function createCounts(): Counting {
  const callsByClass = new Float64Array(5)
  const calls = times(callBuckets)
  const renewals = { renewed: 0, failed: 0 }
  const collections = new Map<string, Times>()
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = kindOf(entry)
      if (kind === undefined) continue
      let of = collections.get(kind)
      if (of === undefined) collections.set(kind, (of = times(collectionBuckets)))
      add(of, collectionBuckets, entry.duration / 1000)
    }
  }).observe({ entryTypes: ['gc'] })
  return {
    counts: { callsByClass, calls, renewals, collections },
    called(status, milliseconds) {
      const index = Math.floor(status / 100) - 1
      if (index >= 0 && index < callsByClass.length) callsByClass[index] = (callsByClass[index] ?? 0) + 1
      add(calls, callBuckets, milliseconds / 1000)
    },
    renewed: (outcome) => void renewals[outcome]++,
  }
}

function times(buckets: readonly number[]): Times {
  return { byBucket: new Float64Array(buckets.length + 1), seconds: 0 }
}

function add(to: Times, buckets: readonly number[], seconds: number): void {
  to.seconds += seconds
  let bucket = 0
  while (bucket < buckets.length && seconds > (buckets[bucket] ?? 0)) bucket++
  to.byBucket[bucket] = (to.byBucket[bucket] ?? 0) + 1
}

function kindOf(entry: object): string | undefined {
  const detail = 'detail' in entry ? entry.detail : undefined
  if (typeof detail !== 'object' || detail === null || !('kind' in detail)) return undefined
  return typeof detail.kind === 'number' ? kinds.get(detail.kind) : undefined
}
