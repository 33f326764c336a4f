/** Processes of a run: started on a core, watched, ended with the run. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { root } from './machine.ts'

export interface Started {
  child: ChildProcess
  pid: number
  /** Ends it, by force after five seconds, and resolves when it is gone. */
  stop: () => Promise<void>
}

const running = new Set<ChildProcess>()

/** For an end that comes from outside. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** `node` with these arguments, on this core (null: any). Our own programs have a channel and end when it closes. */
export function startNode(
  args: string[],
  { core, env, channel }: { core: number | null; env?: Record<string, string>; channel: boolean },
): Started {
  const command = [process.execPath, ...args]
  const [program = '', ...rest] = core === null ? command : ['taskset', '-c', String(core), ...command]
  const child = spawn(program, rest, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: channel ? ['ignore', 'ignore', 'inherit', 'ipc'] : ['ignore', 'ignore', 'inherit'],
  })
  running.add(child)
  child.on('error', () => running.delete(child))
  child.on('exit', () => running.delete(child))
  return {
    child,
    pid: child.pid ?? 0,
    async stop() {
      if (!running.has(child)) return
      const gone = once(child, 'exit')
      if (channel) child.disconnect()
      else child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), 5000)
      await gone
      clearTimeout(force)
    },
  }
}

/** The next message of one of our own programs, which is what its source says it sends. Rejects when it ends or is late. */
export async function nextMessage<Message>({ child }: Started, withinMs: number): Promise<Message> {
  const waiting = new AbortController()
  const { signal } = waiting
  const timer = setTimeout(() => waiting.abort(new Error(`no answer within ${withinMs} ms`)), withinMs)
  const ended = (): void => waiting.abort(new Error('a process of the benchmark ended early'))
  child.once('exit', ended)
  try {
    const [message] = (await once(child, 'message', { signal })) as [Message]
    return message
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    clearTimeout(timer)
    child.off('exit', ended)
  }
}

/** Processor time used so far by all threads, in milliseconds; null where the system does not tell this way. */
export function processorTime(pid: number): number | null {
  try {
    // The first figure of a thread's schedstat: nanoseconds on a processor.
    return readdirSync(`/proc/${pid}/task`).reduce((sum, id) => {
      const [nanoseconds] = readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')
      return sum + Number(nanoseconds) / 1e6
    }, 0)
  } catch {
    return null
  }
}

/** Resident memory in megabytes; null where the system does not tell this way. */
export function residentMegabytes(pid: number): number | null {
  try {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found === null ? null : (Number(found[1]) * 1024) / 1e6
  } catch {
    return null
  }
}
