/** Servers in processes of their own, as people start them, and an API for them to call. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('../../cli/bin/mooring.js', import.meta.url))

export const bootstrapKey = 'mk_bootstrap_key_for_tests_0123456789'

/** A folder that goes with the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-process-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

export interface LogLine {
  msg: string
  pid: number
  level: string
  url?: string
  [fact: string]: unknown
}

export interface Process {
  child: ChildProcess
  pid: number
  stdout: () => string
  stderr: () => string
  /** What was logged, line by line. */
  log: () => LogLine[]
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** Where node keeps what it makes of the TypeScript, so that each process need not. */
export const compileCache = fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url))

/** `mooring start` with these settings and no others. It is killed when the test ends. */
export function startProcess(environment: Record<string, string>, options: { group?: boolean } = {}): Process {
  const child = spawn(process.execPath, [program, 'start'], {
    env: { MOORING_PORT: '0', MOORING_SANDBOX: 'off', MOORING_CONSOLE: 'off', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.group === true,
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  )
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    log: () =>
      stdout
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line): LogLine => JSON.parse(line)),
    ended,
  }
}

/** Tries until it is there. Fails after half a minute: a busy machine starts processes slowly. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`${what} did not happen in time`)
    await wait(25)
  }
}

/** The URL that a process serves, once it does. */
export async function serving(started: Process, message = 'serving'): Promise<string> {
  return until(() => {
    if (started.child.exitCode !== null) throw new Error(`it ended: ${started.stderr()}${started.stdout()}`)
    return started.log().find((line) => line.msg === message)?.url
  }, message).then((url) => url.replace('localhost', '127.0.0.1'))
}

export interface PlainAnswer {
  status: number
  headers: IncomingMessage['headers']
  text: string
  body: Record<string, unknown>
}

/** A call over a connection of its own, so that workers take turns. */
export async function call(
  url: string,
  method: string,
  path: string,
  { body, key = bootstrapKey, headers = {} }: { body?: unknown; key?: string; headers?: Record<string, string> } = {},
): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, {
      method,
      agent: new Agent({ keepAlive: false }),
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    })
    sent.on('error', reject)
    sent.on('response', (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, body: readObject(text) }),
      )
    })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

export interface Upstream {
  url: string
  port: number
  /** Requests that wait for an answer. */
  waiting: ServerResponse[]
}

/** An API on this machine. `/slow` is answered by hand, everything else at once. */
export async function startUpstream(): Promise<Upstream> {
  const waiting: ServerResponse[] = []
  const server = createServer((incoming, answer) => {
    if (incoming.url?.startsWith('/slow')) waiting.push(answer)
    else answer.end('{"ok":true}')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A TCP server's address is never a path.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, waiting }
}

/** An active connection named `through` to the upstream. */
export async function connectTo(url: string, upstream: Upstream): Promise<void> {
  const made = await call(url, 'POST', '/v1/connections', {
    body: {
      name: 'Through',
      service: { name: 'Upstream', auth: { type: 'bearer' }, baseUrl: upstream.url },
      credentials: { token: 'a-token' },
    },
  })
  if (made.body['status'] !== 'active') throw new Error(made.text)
}

/** Whether a process of this id is there. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // A zombie has ended; only its parent has not asked yet.
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

/** Ids of the processes that this one started. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}
