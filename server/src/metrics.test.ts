import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

const metrics = createMetrics({
  live: () => 7,
  droppedActivity: () => 2,
  renewalsRunning: () => 0,
  callsRunning: () => 1,
  worker: 3,
})

async function read(): Promise<Map<string, number>> {
  const { text } = await metrics.text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [
        line
          .slice(0, at)
          .replace(/,?worker="3"/, '')
          .replace('{}', ''),
        Number(line.slice(at + 1)),
      ]
    }),
  )
}

test('what was counted before the first scrape is in it, and nothing is counted twice', async () => {
  for (const [status, ms] of [
    [200, 3],
    [204, 21],
    [404, 70_000],
  ] as const)
    metrics.called(status, ms)
  metrics.renewed('renewed')
  metrics.renewed('renewed')
  metrics.renewed('failed')
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') Reflect.apply(collect, undefined, [])
  const { user, system } = process.cpuUsage()

  let first = new Map<string, number>()
  const collected = 'mooring_nodejs_gc_duration_seconds_count{kind="major"}'
  // Node tells of a collection a little later.
  await expect.poll(async () => (first = await read()).get(collected)).toBeGreaterThanOrEqual(1)
  const below = 'mooring_nodejs_gc_duration_seconds_bucket{kind="major",le="+Inf"}'
  expect(first.get(below)).toBe(first.get(collected))
  // Since the process began, and not since somebody asked.
  expect(first.get('mooring_process_cpu_seconds_total')).toBeGreaterThanOrEqual((user + system) / 1e6)

  const expected = {
    'mooring_calls_total{status="2xx"}': 2,
    'mooring_calls_total{status="4xx"}': 1,
    'mooring_calls_total{status="5xx"}': 0,
    'mooring_call_seconds_bucket{le="0.005"}': 1,
    'mooring_call_seconds_bucket{le="0.02"}': 1,
    'mooring_call_seconds_bucket{le="0.1"}': 2,
    'mooring_call_seconds_bucket{le="60"}': 2,
    'mooring_call_seconds_bucket{le="+Inf"}': 3,
    mooring_call_seconds_count: 3,
    'mooring_renewals_total{outcome="renewed"}': 2,
    'mooring_renewals_total{outcome="failed"}': 1,
    mooring_activity_dropped_total: 2,
    mooring_live_connections: 7,
    mooring_calls_running: 1,
    mooring_renewals_running: 0,
  }
  for (const values of [first, await read()])
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, values.get(name)]))).toEqual(expected)
})
