/** What Prometheus is told of this process. */
import { createCounts, type Readings } from './counts.ts'

export interface Metrics {
  /** A call through a connection has ended. */
  called: (status: number, milliseconds: number) => void
  /** A renewal has ended. */
  renewed: (outcome: 'renewed' | 'failed') => void
  /** All of it as Prometheus reads it. */
  text: () => Promise<{ type: string; text: string }>
}

export function createMetrics(readings: Readings): Metrics {
  const { counts, called, renewed } = createCounts()
  let text: Promise<Metrics['text']> | undefined
  return {
    called,
    renewed,
    async text() {
      // The library is loaded when somebody scrapes: most of what it brings along an idle server never needs.
      text ??= import('./metrics_text.ts').then(({ metricsText }) => metricsText(counts, readings))
      return (await text)()
    },
  }
}
