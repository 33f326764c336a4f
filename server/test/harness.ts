/** A whole server in this process, on a free port, with its data in a place of its own. What the journeys stand on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, readConfig } from '../src/config.ts'
import type { Egress } from '../src/egress/egress.ts'
import type { Patience } from '../src/http/slow_clients.ts'
import { createLog, type Log } from '../src/log.ts'
import type { Mooring } from '../src/mooring.ts'
import type { Pace } from '../src/rotation/runner.ts'
import { type Installation, openInstallation, serve } from '../src/start.ts'
import { engineSettings, forget } from './engine.ts'

export const ownerKey = `mk_${'test-owner-key-'.repeat(3)}`

export interface Answer {
  status: number
  headers: Headers
  /** The body, parsed where it is JSON. */
  body: Record<string, unknown>
  text: string
}

export interface TestServer {
  url: string
  dir: string
  config: Config
  installation: Installation
  mooring: Mooring
  /** Every line that was logged. */
  logged: () => string
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
  stop: () => Promise<void>
}

export interface TestOptions {
  environment?: Record<string, string>
  /** Kept after the stop, so that another server can go on with it. */
  dir?: string
  /** Of rotating keys. */
  pace?: Pace
  /** With callers that take their time. */
  patience?: Patience
  /** Milliseconds since the epoch; the clock of the machine where it is not given. */
  now?: () => number
  /** The way out, where the world outside is a stand-in. */
  egress?: Egress
  /** The built console, to be served too. */
  consoleFolder?: string
}

export async function startServer(options: TestOptions = {}): Promise<TestServer> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'mooring-test-'))
  const engine = await engineSettings(dir)
  const config = readConfig({
    ...engine,
    MOORING_PORT: '0',
    MOORING_DATA_DIR: dir,
    MOORING_SANDBOX: 'off',
    MOORING_BOOTSTRAP_API_KEY: ownerKey,
    MOORING_EGRESS_ALLOW: '127.0.0.0/8,::1/128',
    MOORING_LOG_LEVEL: 'debug',
    ...options.environment,
  })
  let logged = ''
  const log: Log = createLog(config.logLevel, { write: (line: string) => void (logged += line) })
  const installation = await openInstallation(config)
  const mooring = await serve(config, installation, log, {
    version: 'test',
    pace: options.pace,
    patience: options.patience,
    ...(options.now === undefined ? {} : { now: options.now }),
    consoleFolder: options.consoleFolder,
    egress: options.egress,
  })
  const url = `http://127.0.0.1:${mooring.port}`
  return {
    url,
    dir,
    config,
    installation,
    mooring,
    logged: () => logged,
    async call(method, path, body, headers = {}) {
      const response = await fetch(url + path, {
        method,
        redirect: 'manual',
        headers: {
          authorization: `Bearer ${ownerKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: parse(text), text }
    },
    async stop() {
      await mooring.stop(1000)
      await installation.store.close()
      if (options.dir !== undefined) return
      rmSync(dir, { recursive: true, force: true })
      await forget(engine)
    },
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
