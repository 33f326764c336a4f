/** What is counted, as Prometheus reads it. Labels never hold link names or hosts: their number is not ours to bound. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  registry: Registry
  calls: Counter<'status'>
  callSeconds: Histogram
  renewals: Counter<'outcome'>
}

export function createMetrics(read: {
  live: () => number
  droppedActivity: () => number
  renewalsRunning: () => number
}): Metrics {
  const registry = new Registry()
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
  gauge('mooring_activity_dropped_total', 'Activity entries that were not kept', read.droppedActivity)
  gauge('mooring_renewals_running', 'Token renewals under way', read.renewalsRunning)
  return {
    registry,
    calls: new Counter({
      name: 'mooring_calls_total',
      help: 'Calls through connections, by class of status',
      labelNames: ['status'],
      registers: [registry],
    }),
    callSeconds: new Histogram({
      name: 'mooring_call_seconds',
      help: 'Time of calls through connections',
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers: [registry],
    }),
    renewals: new Counter({
      name: 'mooring_renewals_total',
      help: 'Ended token renewals',
      labelNames: ['outcome'],
      registers: [registry],
    }),
  }
}
