/** Several processes that serve one port: starting them, replacing those that end, stopping them all. */
import cluster, { type Worker } from 'node:cluster'
import { z } from 'zod'
import type { Log } from './log.ts'

const Failed = z.object({ failed: z.string() })
const Stop = z.object({ stop: z.literal(true) })

/** The longest pause before a worker that ended is replaced, in milliseconds. */
const longestPause = 5000

export interface Workers {
  /** The port that all of them listen on. */
  port: number
  /** Lets each finish its requests; resolves when all have ended. */
  stop(): Promise<void>
  /** Ends them there and then. */
  kill(): void
}

/** `entry` is what each worker runs. Throws an Error with one line where the first ones cannot start. */
export async function supervise({ count, entry, log }: { count: number; entry: string; log: Log }): Promise<Workers> {
  cluster.setupPrimary({ exec: entry })
  let stopping = false
  let restarts = 0
  const all = (): Worker[] => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
  const kill = (): void => {
    stopping = true
    for (const worker of all()) worker.process.kill('SIGKILL')
  }

  for (let started = 0; started < count; started++) cluster.fork()
  const port = await firstPort(count).catch((error: unknown) => {
    kill()
    throw error
  })

  const replace = (): void => {
    setTimeout(
      () => {
        if (!stopping) cluster.fork()
      },
      Math.min(longestPause, 100 * 2 ** restarts++),
    )
  }
  cluster.on('exit', (worker, code, signal) => {
    if (stopping) return
    log.error({ worker: worker.process.pid, code, signal }, 'a worker ended and is replaced')
    replace()
  })
  cluster.on('message', (_worker, message: unknown) => {
    const failed = Failed.safeParse(message)
    if (failed.success) log.error({ reason: failed.data.failed }, 'a worker could not start')
  })
  setInterval(() => {
    restarts = 0
  }, 60_000).unref()

  return {
    port,
    kill,
    async stop() {
      stopping = true
      const workers = all()
      const ended = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))
      const tell = (): void => {
        for (const worker of workers) if (worker.isConnected()) worker.send({ stop: true })
      }
      tell()
      // One that is still starting does not listen yet.
      const telling = setInterval(tell, 500)
      await Promise.all(ended)
      clearInterval(telling)
    },
  }
}

/** Resolves when all listen; the first that cannot start ends the waiting with its reason. */
async function firstPort(count: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let listening = 0
    const settle = (work: () => void): void => {
      cluster.off('listening', onListening).off('message', onMessage).off('exit', onExit)
      work()
    }
    const onListening = (_worker: Worker, { port }: { port: number }): void => {
      if (++listening === count) settle(() => resolve(port))
    }
    const onMessage = (_worker: Worker, message: unknown): void => {
      const failed = Failed.safeParse(message)
      if (failed.success) settle(() => reject(new Error(failed.data.failed)))
    }
    const onExit = (_worker: Worker, code: number | null, signal: string | null): void =>
      settle(() => reject(new Error(`A worker ended with ${signal ?? code} before it could serve.`)))
    cluster.on('listening', onListening).on('message', onMessage).on('exit', onExit)
  })
}

/** In a worker that cannot start: hands the line about it to the process that started it, and ends. */
export function tellSupervisor(line: string): void {
  process.send?.({ failed: line }, undefined, undefined, () => process.exit(1))
}

/** In a worker: runs `stop` when the process that started it says so. */
export function whenTold(stop: () => void): void {
  process.on('message', (message: unknown) => {
    if (Stop.safeParse(message).success) stop()
  })
}
