/** What is counted, as Prometheus reads it. Labels never hold link names or hosts: their number is not ours to bound. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'

export interface Metrics {
  registry: Registry
  /** A call through a connection has ended. */
  called: (status: number, milliseconds: number) => void
  /** A renewal has ended. */
  renewed: (outcome: 'renewed' | 'failed') => void
}

/** In seconds. */
const buckets = [0.005, 0.02, 0.1, 0.5, 2, 10, 60]

export function createMetrics(read: {
  live: () => number
  droppedActivity: () => number
  renewalsRunning: () => number
  callsRunning: () => number
  /** Which of several processes this is; null where there is one. */
  worker: number | null
}): Metrics {
  const registry = new Registry()
  // Each answers for itself, and whoever scrapes meets now one, now another: their counts must not look like one's.
  if (read.worker !== null) registry.setDefaultLabels({ worker: String(read.worker) })
  collectDefaultMetrics({ register: registry, prefix: 'mooring_' })
  const gauge = (name: string, help: string, collect: () => number): void => {
    const made = new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        made.set(collect())
      },
    })
  }
  gauge('mooring_live_connections', 'Connections held ready in memory', read.live)
  gauge('mooring_calls_running', 'Calls through connections under way', read.callsRunning)
  gauge('mooring_renewals_running', 'Token renewals under way', read.renewalsRunning)
  const dropped = new Counter({
    name: 'mooring_activity_dropped_total',
    help: 'Activity entries that were not kept',
    registers: [registry],
    collect() {
      dropped.reset()
      dropped.inc(read.droppedActivity())
    },
  })
  const calls = callMetrics(registry)
  const renewals = new Counter({
    name: 'mooring_renewals_total',
    help: 'Ended token renewals',
    labelNames: ['outcome'],
    registers: [registry],
  })
  // Made once: finding a counter by its labels each time would cost more than counting.
  const byOutcome = { renewed: renewals.labels('renewed'), failed: renewals.labels('failed') }
  return {
    registry,
    called: calls.called,
    renewed: (outcome) => byOutcome[outcome].inc(),
  }
}

/** Counted by hand, since the library's counters cost a call more than authenticating it does. */
function callMetrics(registry: Registry): Pick<Metrics, 'called'> {
  const byClass = new Float64Array(5)
  // The last is for what took longer than all of them.
  const byTime = new Float64Array(buckets.length + 1)
  let seconds = 0
  const counter = new Counter({
    name: 'mooring_calls_total',
    help: 'Calls through connections, by class of status',
    labelNames: ['status'],
    registers: [registry],
    collect() {
      counter.reset()
      for (const [index, count] of byClass.entries()) counter.inc({ status: `${index + 1}xx` }, count)
    },
  })
  const name = 'mooring_call_seconds'
  registry.registerMetric({
    name,
    async get() {
      let below = 0
      const values = [...buckets, '+Inf'].map((le, index) => {
        below += byTime[index] ?? 0
        return { metricName: `${name}_bucket`, labels: { le }, value: below }
      })
      return {
        name,
        help: 'Time of calls through connections',
        type: 'histogram',
        aggregator: 'sum',
        values: [
          ...values,
          { metricName: `${name}_sum`, labels: {}, value: seconds },
          { metricName: `${name}_count`, labels: {}, value: below },
        ],
      }
    },
  } as unknown as Counter)
  return {
    called(status, milliseconds) {
      const index = Math.floor(status / 100) - 1
      if (index >= 0 && index < byClass.length) byClass[index] = (byClass[index] ?? 0) + 1
      const time = milliseconds / 1000
      seconds += time
      let bucket = 0
      while (bucket < buckets.length && time > (buckets[bucket] ?? 0)) bucket++
      byTime[bucket] = (byTime[bucket] ?? 0) + 1
    },
  }
}
