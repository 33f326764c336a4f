/** Asking providers whether people have agreed on other devices: a loop in every process, one of which asks for each attempt. */
import type { AttemptRecord } from '../store.ts'

/** Attempts asked about at once in one process. */
const atOnce = 16
/** How often the loop looks, in milliseconds. */
const sleep = 1000

export interface DevicePolling {
  /** Stops looking; resolves when what is under way has ended: a code is good for one token. */
  stop(): Promise<void>
}

export function startDevicePolling(parts: {
  due: (limit: number) => Promise<AttemptRecord[]>
  ask: (attempt: AttemptRecord) => Promise<void>
  /** An attempt was asked about, and may have ended. */
  done: () => void
  random: () => number
  log: { warn: (facts: object, message: string) => void }
}): DevicePolling {
  const { log } = parts
  const running = new Map<string, Promise<void>>()
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const askOne = async (attempt: AttemptRecord): Promise<void> => {
    try {
      await parts.ask(attempt)
    } catch (error) {
      log.warn({ err: error, attempt: attempt.id }, 'asking about a device code failed; it is asked again')
    } finally {
      running.delete(attempt.id)
      parts.done()
    }
  }

  const turn = async (): Promise<void> => {
    try {
      const free = atOnce - running.size
      const due = free > 0 ? await parts.due(free) : []
      for (const attempt of due) if (!running.has(attempt.id)) running.set(attempt.id, askOne(attempt))
    } catch (error) {
      log.warn({ err: error }, 'looking for device codes that are due failed; the next turn looks again')
    }
    if (stopped) return
    timer = setTimeout(() => void turn(), sleep * (0.75 + parts.random() * 0.5))
    timer.unref()
  }

  void turn()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await Promise.allSettled(running.values())
    },
  }
}
