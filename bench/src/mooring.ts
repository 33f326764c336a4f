/** A Mooring of its own for a row: the real command, an empty data folder, one service and one connection. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../server/test/free_port.ts'
import type { Target } from './client/wire.ts'
import { copyConnection } from './stored.ts'
import { startNode, type Started } from './process.ts'

const apiKey = 'mk_benchmark0benchmark0benchmark0benchmark0'

/** What a row connects to: `auth` as in the API, with the upstream's origin where it has URLs. */
export interface Authentication {
  auth: (origin: string) => Record<string, unknown>
  credentials: Record<string, unknown>
}

export interface RunningMooring {
  started: Started
  target: (path: string) => Target
  stop: () => Promise<void>
  /** A request with the owner's key. */
  ask: (method: string, path: string, body?: object) => Promise<{ status: number; text: string }>
  /** Ends the process; its data stays. */
  end: () => Promise<void>
  /** Starts the process again; resolves when it is ready. */
  start: () => Promise<void>
  /** Starts it anew on the same data. Milliseconds from the command to the first call that is served. */
  restart: (path: string) => Promise<number>
}

export interface MooringOptions {
  core: number | null
  upstreamPort: number
  nodeArgs: string[]
  /** Connections besides the one that is called. */
  stored?: number
  /** Settings beside those of the bench: where its data is. */
  environment?: Record<string, string>
}

export async function startMooring(
  { auth, credentials }: Authentication,
  { core, upstreamPort, nodeArgs, stored = 0, environment = {} }: MooringOptions,
): Promise<RunningMooring> {
  const dataDir = mkdtempSync(join(tmpdir(), 'mooring-bench-'))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const target = (path: string): Target => ({
    port,
    path: `/v1/proxy/bench${path}`,
    headers: { Authorization: `Bearer ${apiKey}`, Accept: 'application/json', 'User-Agent': 'mooring-bench' },
  })
  const launch = (): Started =>
    startNode([...nodeArgs, 'cli/bin/mooring.js', 'start'], {
      core,
      channel: false,
      env: {
        NODE_ENV: 'production',
        MOORING_HOST: '127.0.0.1',
        MOORING_PORT: String(port),
        MOORING_DATA_DIR: dataDir,
        MOORING_BOOTSTRAP_API_KEY: apiKey,
        MOORING_SANDBOX: 'off',
        MOORING_EGRESS_ALLOW: `127.0.0.1:${upstreamPort}`,
        MOORING_LOG_LEVEL: 'warn',
        ...environment,
      },
    })
  let started = launch()
  const stop = async (): Promise<void> => {
    await started.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const upstream = `http://127.0.0.1:${upstreamPort}`
    await ready(origin, started)
    const service = { name: 'Upstream', linkName: 'upstream', stage: 'ready', baseUrl: upstream, auth: auth(upstream) }
    await post(`${origin}/v1/services`, service)
    await post(`${origin}/v1/connections`, { name: 'Bench', linkName: 'bench', service: 'upstream', credentials })
    if (stored > 0) {
      await started.stop()
      copyConnection(join(dataDir, 'mooring.sqlite'), stored)
      started = launch()
      await ready(origin, started)
    }
    return {
      get started() {
        return started
      },
      stop,
      target,
      ask: (method, path, body) => ask(origin + path, method, body),
      end: () => started.stop(),
      async start() {
        started = launch()
        await ready(origin, started)
      },
      async restart(path) {
        await started.stop()
        const from = performance.now()
        started = launch()
        const { path: address, headers } = target(path)
        for (;;) {
          if (started.child.exitCode !== null) throw new Error('Mooring could not start')
          const status = await fetch(origin + address, { headers }).then(
            async (reply) => (await reply.arrayBuffer(), reply.status),
            () => 0,
          )
          if (status === 200) return performance.now() - from
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function ready(origin: string, { child }: Started): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error('Mooring could not start')
    const ok = await fetch(`${origin}/readyz`).then(
      (reply) => reply.ok,
      () => false,
    )
    if (ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('Mooring was not ready within 30 s')
}

async function post(url: string, body: object): Promise<void> {
  const { status, text } = await ask(url, 'POST', body)
  // A second server on the same database finds it there.
  if (status >= 300 && status !== 409) throw new Error(`POST ${url}: ${status} ${text}`)
}

async function ask(url: string, method: string, body?: object): Promise<{ status: number; text: string }> {
  const reply = await fetch(url, {
    method,
    headers: {
      Authorization: `Bearer ${apiKey}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: reply.status, text: await reply.text() }
}
