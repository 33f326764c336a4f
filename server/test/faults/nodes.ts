/** Servers in processes of their own, as people start them, that can be killed, stood still, and given another time. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../free_port.ts'

const program = fileURLToPath(new URL('../../../cli/bin/mooring.js', import.meta.url))
const preload = new URL('clock_preload.ts', import.meta.url).href

export interface Answer {
  /** 0 where there was none: the node has died, or cut the connection. */
  status: number
  headers: Record<string, unknown>
  body: Record<string, unknown>
  text: string
}

export interface Node {
  name: string
  url: string
  pid: () => number
  alive: () => boolean
  /** Everything it wrote, in all its lives. */
  said: () => string
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Starts it where it does not run; resolves when it serves. */
  start(): Promise<void>
  /** kill -9. Resolves when it has ended. */
  kill(): Promise<void>
  /** SIGSTOP and SIGCONT. */
  freeze(): void
  thaw(): void
  /** Its wall clock beside the machine's, in milliseconds; resolves when it goes by it. */
  setClock(beside: number): Promise<void>
  /** So many milliseconds pass, by its wall clock too. */
  pass(milliseconds: number): Promise<void>
  /** SIGTERM; its exit code. */
  stop(): Promise<number | null>
  /** Kills it where it still runs, and removes what it left. */
  remove(): Promise<void>
}

/** On the same port in all its lives, so that a browser finds it again. */
export async function createNode(name: string, ownerKey: string, environment: Record<string, string>): Promise<Node> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'mooring-node-'))
  const clock = join(folder, 'clock')
  let beside = 0
  /** Never less than before, as time is. */
  let passed = 0
  const setClocks = async (): Promise<void> => {
    writeFileSync(clock, `${beside + passed} ${passed}`)
    if (!alive()) return
    child?.kill('SIGUSR2')
    // A standing process reads it when it goes on.
    if (!frozen) await delay(30)
  }
  let child: ChildProcess | undefined
  const url = `http://127.0.0.1:${port}`
  let said = ''
  let frozen = false

  const alive = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child === undefined || !alive()) return null
    const ended = once(child, 'close')
    child.kill(signal)
    if (frozen) child.kill('SIGCONT')
    frozen = false
    const [code]: unknown[] = await ended
    return typeof code === 'number' ? code : null
  }

  await setClocks()

  return {
    name,
    url,
    pid: () => child?.pid ?? 0,
    alive,
    said: () => said,
    call: (method, path, body, headers = {}) =>
      send(url + path, method, body, { authorization: `Bearer ${ownerKey}`, ...headers }),
    async start() {
      if (alive()) return
      const begun = spawn(process.execPath, [program, 'start'], {
        env: {
          MOORING_PORT: String(port),
          MOORING_SANDBOX: 'off',
          MOORING_CONSOLE: 'off',
          MOORING_LOG_LEVEL: 'debug',
          MOORING_BOOTSTRAP_API_KEY: ownerKey,
          MOORING_EGRESS_ALLOW: '127.0.0.0/8,::1/128',
          NODE_OPTIONS: `--import=${preload}`,
          FAULTS_CLOCK: clock,
          ...environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = begun
      let life = ''
      const served = new Promise<void>((resolve, reject) => {
        begun.stdout.on('data', (chunk: Buffer) => {
          if (life.length < 100_000) life += chunk.toString('utf8')
          said += chunk.toString('utf8')
          if (life.includes(environment['MOORING_WORKERS'] === undefined ? '"msg":"serving"' : '"msg":"supervising"'))
            resolve()
        })
        begun.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
        begun.once('close', () => reject(new Error(`${name} ended before it served: ${said.slice(-2000)}`)))
      })
      // Whoever waits no more hears of no end either.
      served.catch(() => undefined)
      await served
    },
    kill: async () => void (await end('SIGKILL')),
    freeze() {
      frozen = true
      child?.kill('SIGSTOP')
    },
    thaw() {
      frozen = false
      child?.kill('SIGCONT')
    },
    setClock(to) {
      beside = to - passed
      return setClocks()
    },
    pass(milliseconds) {
      passed += milliseconds
      return setClocks()
    },
    stop: () => end('SIGTERM'),
    async remove() {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Over a connection of its own, so that nothing of an earlier call is in the way. */
export function send(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const sent = request(url, {
      method,
      agent: new Agent({ keepAlive: false }),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    })
    const none = (): void => resolve({ status: 0, headers: {}, body: {}, text: '' })
    sent.on('error', none)
    sent.on('response', (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
      answer.on('error', none)
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: objectIn(text), text }),
      )
    })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
