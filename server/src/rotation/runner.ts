/**
 * Working on jobs, wherever they were begun: one process at a time, held by a lease, in small steps with rests between
 * them. Each step notes what it did in the write that does it, so that a process which ends anywhere leaves a job that
 * another goes on with.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { leaseHolder, type LeaseHolder } from '../connection/owner.ts'
import type { JobProgress, JobRecord, Store } from '../store.ts'
import { KeyringError } from '../vault/keyring.ts'

/** Longer than any step with its rest. A holder that has ended is seen to have, and not waited for. */
const leaseTime = 30_000
/** How often a process looks for jobs, in milliseconds. */
const lookEvery = 1000
/** A step that fails this often in a row ends the job; the tries take some minutes. */
const mostTries = 30
const longestPause = 15_000

export interface Pace {
  /** Values in one step. */
  values: number
  /** Milliseconds between two steps; at least five times what the step took. */
  rest: number
  /** How long nothing may be left to do before a key is given up, in milliseconds. */
  quiet: number
}

/** Some 150 values a second, and nearly all of the time is the calls'. */
export const defaultPace: Pace = { values: 20, rest: 100, quiet: 3000 }

/** A job in hand. Everything here says false once it is not: paused, or the server is stopping. */
export interface Undertaking {
  job: JobRecord
  pace: Pace
  /** Writes what `work` does and how far the job is, both or neither. */
  note(made: JobProgress, work?: (inside: Store) => Promise<void>): Promise<boolean>
  /** Waits, so that calls have their turn. */
  rest(milliseconds: number): Promise<boolean>
  finish(
    end: JobProgress & { state: 'done' | 'failed'; detail: string },
    work?: (inside: Store) => Promise<void>,
  ): Promise<boolean>
}

export interface Runner {
  /** Looks for jobs now. */
  kick(): void
  /** Ends the step under way and gives the jobs in hand to whoever takes them. */
  stop(): Promise<void>
}

export interface RunnerParts {
  store: Store
  now: () => number
  log: { info: (facts: object, message: string) => void; warn: (facts: object, message: string) => void }
  /** How each kind is done. Returns when the job is out of hand or has ended. */
  work: Record<JobRecord['kind'], (undertaking: Undertaking) => Promise<void>>
  pace?: Pace | undefined
  holder?: LeaseHolder
}

/** Undoes a write that was made when the job was out of hand already. */
class OutOfHand extends Error {}

export function startRunner({ store, now, log, work, pace = defaultPace, ...parts }: RunnerParts): Runner {
  const holder = parts.holder ?? leaseHolder()
  const stopping = new AbortController()
  const inHand = new Map<string, Promise<void>>()
  const tries = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let looking = false

  const lease = (): { now: number; until: number } => ({ now: now(), until: now() + leaseTime })

  const writing = async (write: (inside: Store) => Promise<boolean>): Promise<boolean> => {
    if (stopping.signal.aborted) return false
    try {
      await store.transaction(async (inside) => {
        if (!(await write(inside))) throw new OutOfHand()
      })
      return true
    } catch (error) {
      if (error instanceof OutOfHand) return false
      throw error
    }
  }

  const rest = async (milliseconds: number): Promise<boolean> => {
    await sleep(milliseconds, undefined, { signal: stopping.signal }).catch(() => undefined)
    return !stopping.signal.aborted
  }

  const undertake = (job: JobRecord): Undertaking => ({
    job,
    pace,
    rest,
    async note(made, work_) {
      const written = await writing(async (inside) => {
        await work_?.(inside)
        return inside.jobs.progress(job.id, holder.name, made, lease())
      })
      if (written) tries.delete(job.id)
      return written
    },
    finish: (end, work_) =>
      writing(async (inside) => {
        await work_?.(inside)
        return inside.jobs.finish(job.id, holder.name, end, now())
      }),
  })

  /** What failed: tried again by whoever takes it next, up to a point. */
  const failed = async (job: JobRecord, error: unknown): Promise<void> => {
    const count = (tries.get(job.id) ?? 0) + 1
    tries.set(job.id, count)
    if (count === 1 || !worthRepeating(error)) log.warn({ err: error, job: job.id }, 'a job was interrupted')
    if (worthRepeating(error) && count < mostTries) {
      await rest(Math.min(longestPause, 100 * 2 ** count))
      return
    }
    tries.delete(job.id)
    await undertake(job).finish({ state: 'failed', detail: told(error) })
  }

  const run = async (job: JobRecord): Promise<void> => {
    log.info({ job: job.id, kind: job.kind, done: job.done, total: job.total }, 'working on a job')
    try {
      await work[job.kind](undertake(job)).catch((error: unknown) => failed(job, error))
      await store.jobs.breakLease(job.id, holder.name)
    } catch (error) {
      log.warn({ err: error, job: job.id }, 'a job could not be given back; its lease runs out')
    }
  }

  const take = async (job: JobRecord): Promise<JobRecord | undefined> => {
    // One of our own without work under way: giving it back had failed.
    const left = job.leaseOwner !== null && (job.leaseOwner === holder.name || holder.hasEnded(job.leaseOwner))
    if (left && job.leaseOwner !== null) await store.jobs.breakLease(job.id, job.leaseOwner)
    return store.jobs.lease(job.id, { owner: holder.name, ...lease() })
  }

  const look = async (): Promise<void> => {
    for (const job of await store.jobs.running()) {
      if (stopping.signal.aborted || inHand.has(job.id)) continue
      const taken = await take(job)
      if (taken === undefined) continue
      inHand.set(
        job.id,
        run(taken).finally(() => inHand.delete(job.id)),
      )
    }
  }

  const turn = async (): Promise<void> => {
    if (looking || stopping.signal.aborted) return
    looking = true
    clearTimeout(timer)
    try {
      await look()
    } catch (error) {
      log.warn({ err: error }, 'looking for jobs failed; the next turn looks again')
    }
    looking = false
    if (stopping.signal.aborted) return
    timer = setTimeout(() => void turn(), lookEvery)
    timer.unref()
  }

  void turn()
  return {
    kick: () => void turn(),
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await Promise.all(inHand.values())
    },
  }
}

/** A key that is missing stays missing until somebody starts the server with it. */
function worthRepeating(error: unknown): boolean {
  return !(error instanceof KeyringError)
}

function told(error: unknown): string {
  if (error instanceof KeyringError) return error.message
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
  return `It stopped after ${mostTries} tries${code}; the log says why. Resume it when that is mended.`
}
