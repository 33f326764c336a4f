/** Three ways to load a server: as fast as it answers, at a fixed rate, and with one long answer. */
import { openWire, type Target, type Wire } from './wire.ts'

export interface ClosedLoop {
  kind: 'closed'
  target: Target
  clients: number
  ms: number
}
export interface OpenLoop {
  kind: 'open'
  target: Target
  /** Connections; a request that finds none free waits, and its wait counts. */
  clients: number
  perSecond: number
  ms: number
}
export interface Drain {
  kind: 'drain'
  target: Target
}

/** Every client sends its next request when the answer to the last one has come. */
export async function closedLoop({ target, clients, ms }: Omit<ClosedLoop, 'kind'>): Promise<Record<string, number>> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let answers = 0
  let running = clients
  let endsAt = Infinity
  const wires: Wire[] = []
  try {
    for (let index = 0; index < clients; index++) {
      const wire = await openWire(
        target,
        () => {
          answers++
          if (performance.now() < endsAt) wire.send()
          else if (--running === 0) resolve()
        },
        reject,
      )
      wires.push(wire)
    }
    const startedAt = performance.now()
    endsAt = startedAt + ms
    for (const wire of wires) wire.send()
    await promise
    return { answers, perSecond: (answers / (performance.now() - startedAt)) * 1000 }
  } finally {
    for (const wire of wires) wire.close()
  }
}

/**
 * Requests start at fixed times whatever the server does, and latency counts from the time a request was due, not from
 * when a connection was free for it: a server that stalls is charged for everything that had to wait.
 */
export async function openLoop({
  target,
  clients,
  perSecond,
  ms,
}: Omit<OpenLoop, 'kind'>): Promise<Record<string, number>> {
  const total = Math.floor((perSecond * ms) / 1000)
  const interval = 1000 / perSecond
  const latencies = new Float64Array(total)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const idle: number[] = []
  const wires: Wire[] = []
  const dueOf = new Float64Array(clients)
  let failed = false
  let sent = 0
  let answers = 0
  try {
    for (let index = 0; index < clients; index++) {
      const done = (): void => {
        latencies[answers++] = performance.now() - (dueOf[index] ?? 0)
        idle.push(index)
        if (answers === total) resolve()
      }
      wires.push(
        await openWire(target, done, (error) => {
          failed = true
          reject(error)
        }),
      )
      idle.push(index)
    }
    const startedAt = performance.now()
    // Timers are a millisecond coarse, so the loop turns without pause.
    const turn = (): void => {
      const now = performance.now()
      while (sent < total && startedAt + sent * interval <= now) {
        const index = idle.pop()
        if (index === undefined) break
        dueOf[index] = startedAt + sent++ * interval
        wires[index]?.send()
      }
      if (answers < total && !failed) setImmediate(turn)
    }
    turn()
    await promise
  } finally {
    for (const wire of wires) wire.close()
  }
  latencies.sort()
  const at = (share: number): number => latencies[Math.min(total - 1, Math.floor(total * share))] ?? 0
  return { answers, p50: at(0.5), p99: at(0.99), max: at(1) }
}

/** One answer to its end. */
export async function drain({ target }: Omit<Drain, 'kind'>): Promise<Record<string, number>> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const wire = await openWire(target, resolve, reject)
  try {
    const startedAt = performance.now()
    wire.send()
    const bytes = await promise
    return { bytes, megabytesPerSecond: bytes / 1000 / (performance.now() - startedAt) }
  } finally {
    wire.close()
  }
}
