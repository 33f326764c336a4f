/** Renewing ahead of time what is in use (S-25): a loop that looks for what is due and renews a bounded number at once. */
import type { AuthorizationRecord } from '../store.ts'
import type { Renewals } from './renewal.ts'

/** Renewals under way at once in one process. */
const atOnce = 32
/** How often the loop looks when nothing is due, in milliseconds. */
const longestSleep = 1000
/** How often it looks for leases that nobody works under any more, in milliseconds. */
const lookAtLeases = 2000

export interface Schedule {
  /** Stops looking. Renewals under way go on. */
  stop(): void
}

export function startSchedule(parts: {
  renewals: Renewals
  random: () => number
  /** A renewal has ended, well or not. */
  done: (authorization: AuthorizationRecord) => void
  log: { warn: (facts: object, message: string) => void }
}): Schedule {
  const { renewals } = parts
  let running = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let lookedAtLeases = performance.now() - lookAtLeases

  const look = async (): Promise<void> => {
    if (performance.now() - lookedAtLeases >= lookAtLeases) {
      await renewals.breakStanding()
      lookedAtLeases = performance.now()
    }
    if (running >= atOnce) return
    for (const { authorization, ended } of await renewals.beginDue(atOnce - running)) {
      running++
      void ended
        // Why it failed is stored with the authorization by the renewal itself.
        .catch(() => undefined)
        .finally(() => {
          running--
          // While the store is out of reach nothing is there to be read in place of what is in memory (S-23).
          if (renewals.unwritten(authorization.id) === undefined) parts.done(authorization)
        })
    }
  }

  const turn = async (): Promise<void> => {
    try {
      await look()
    } catch (error) {
      parts.log.warn({ err: error }, 'looking for due renewals failed; the next turn looks again')
    }
    if (stopped) return
    // Processes on one file would all wake together without the jitter.
    timer = setTimeout(
      () => void turn(),
      (running > 0 ? longestSleep / 10 : longestSleep) * (0.75 + parts.random() * 0.5),
    )
    timer.unref()
  }

  void turn()
  return {
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
