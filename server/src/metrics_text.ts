/** What is counted, as Prometheus reads it. Labels never hold link names or hosts: their number is not ours to bound. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import { callBuckets, collectionBuckets, type Counts, type Readings, type Times } from './counts.ts'

const prefix = 'mooring_'

export function metricsText(counts: Counts, readings: Readings): () => Promise<{ type: string; text: string }> {
  const registry = new Registry()
  const registers = [registry]
  // Each answers for itself, and whoever scrapes meets now one, now another: their counts must not look like one's.
  if (readings.worker !== null) registry.setDefaultLabels({ worker: String(readings.worker) })
  processMetrics(registry)

  const gauge = (name: string, help: string, read: () => number): void => {
    const made = new Gauge({
      name: prefix + name,
      help,
      registers,
      collect() {
        made.set(read())
      },
    })
  }
  gauge('live_connections', 'Connections held ready in memory', readings.live)
  gauge('calls_running', 'Calls through connections under way', readings.callsRunning)
  gauge('renewals_running', 'Token renewals under way', readings.renewalsRunning)

  const counter = (name: string, help: string, labelName: string | null, read: () => [string, number][]): void => {
    const made = new Counter({
      name: prefix + name,
      help,
      labelNames: labelName === null ? [] : [labelName],
      registers,
      collect() {
        made.reset()
        for (const [label, value] of read()) made.inc(labelName === null ? {} : { [labelName]: label }, value)
      },
    })
  }
  counter('activity_dropped_total', 'Activity entries that were not kept', null, () => [
    ['', readings.droppedActivity()],
  ])
  counter('calls_total', 'Calls through connections, by class of status', 'status', () =>
    [...counts.callsByClass].map((count, index) => [`${index + 1}xx`, count]),
  )
  counter('renewals_total', 'Ended token renewals', 'outcome', () => Object.entries(counts.renewals))

  histogram(registry, 'call_seconds', 'Time of calls through connections', callBuckets, () => [[{}, counts.calls]])
  const collected = 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.'
  histogram(registry, 'nodejs_gc_duration_seconds', collected, collectionBuckets, () =>
    [...counts.collections].map(([kind, times]) => [{ kind }, times]),
  )
  return async () => ({ type: registry.contentType, text: await registry.metrics() })
}

/** Of node and the process, counted since its start and not since the first scrape. */
function processMetrics(registry: Registry): void {
  const { user, system } = process.cpuUsage()
  collectDefaultMetrics({ register: registry, prefix })
  registry.removeSingleMetric(`${prefix}nodejs_gc_duration_seconds`)
  for (const [kind, microseconds] of [
    ['user_', user],
    ['system_', system],
    ['', user + system],
  ] as const) {
    const counter = registry.getSingleMetric(`${prefix}process_cpu_${kind}seconds_total`)
    if (counter instanceof Counter) counter.inc(microseconds / 1e6)
  }
}

/** The library's own would count for itself. */
function histogram(
  registry: Registry,
  suffix: string,
  help: string,
  buckets: readonly number[],
  read: () => [labels: Record<string, string>, times: Times][],
): void {
  const name = prefix + suffix
  registry.registerMetric({
    name,
    async get() {
      const values = read().flatMap(([labels, { byBucket, seconds }]) => {
        let below = 0
        const each = [...buckets, '+Inf'].map((le, index) => {
          below += byBucket[index] ?? 0
          return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below }
        })
        return [
          ...each,
          { metricName: `${name}_sum`, labels, value: seconds },
          { metricName: `${name}_count`, labels, value: below },
        ]
      })
      return { name, help, type: 'histogram', aggregator: 'sum', values }
    },
  } as unknown as Counter)
}
