/** What is counted, as Prometheus reads it. Labels never hold link names or hosts: their number is not ours to bound. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

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
  const calls = new Counter({
    name: 'mooring_calls_total',
    help: 'Calls through connections, by class of status',
    labelNames: ['status'],
    registers: [registry],
  })
  const callSeconds = new Histogram({
    name: 'mooring_call_seconds',
    help: 'Time of calls through connections',
    buckets,
    registers: [registry],
  })
  const renewals = new Counter({
    name: 'mooring_renewals_total',
    help: 'Ended token renewals',
    labelNames: ['outcome'],
    registers: [registry],
  })
  // Made once: finding a counter by its labels at every call would cost more than counting.
  const byClass = ['1xx', '2xx', '3xx', '4xx', '5xx'].map((status) => calls.labels(status))
  const byOutcome = { renewed: renewals.labels('renewed'), failed: renewals.labels('failed') }
  return {
    registry,
    called(status, milliseconds) {
      byClass[Math.floor(status / 100) - 1]?.inc()
      callSeconds.observe(milliseconds / 1000)
    },
    renewed: (outcome) => byOutcome[outcome].inc(),
  }
}
