/** Runs the mooring command, away from this machine's settings. */
import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { vi } from 'vitest'
import { run } from '../src/run.ts'
import { apiKey } from './stand_in.ts'

// A process for every command, several tests at a time: on a busy machine each takes its while.
vi.setConfig({ testTimeout: 60_000 })

/** Shared by all runs, so that each starts fast. */
const cache = join(tmpdir(), 'mooring-cli-cache')

const program = join(import.meta.dirname, '../bin/mooring.js')

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** The server; also brings a key unless `env` says otherwise. */
  url?: string
  env?: Record<string, string>
  /** Default: an empty folder. */
  cwd?: string
  stdin?: string | Uint8Array
  /** Called as soon as the process runs. */
  started?: (child: ReturnType<typeof spawn>) => void
}

/** As a process of its own. */
export async function mooring(args: string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd ?? mkdtempSync(join(tmpdir(), 'mooring-cli-')),
    env: {
      PATH: process.env['PATH'],
      XDG_CACHE_HOME: cache,
      ...envOf(options),
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  options.started?.(child)
  // A command that reads no stdin may be gone before it is written.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.stdin ?? '')
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ])
  return { code, stdout, stderr }
}

/** In this process: many times faster, and all but `main.ts` is the same. Finds no data directory. */
export async function mooringHere(
  args: string[],
  options: Pick<RunOptions, 'url' | 'env' | 'stdin'> = {},
): Promise<Ran> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const shown = Promise.all([text(stdout), text(stderr)])
  const code = await run(args, {
    env: { MOORING_DATA_DIR: '/nowhere', ...envOf(options) },
    platform: 'linux',
    stdin: Readable.from([options.stdin ?? '']),
    stdout,
    stderr,
    now: () => new Date(),
    signal: new AbortController().signal,
  })
  stdout.end()
  stderr.end()
  const [out, err] = await shown
  return { code: code ?? null, stdout: out, stderr: err }
}

function envOf({ url, env }: RunOptions): Record<string, string> {
  return { CI: '1', ...(url === undefined ? {} : { MOORING_URL: url, MOORING_API_KEY: apiKey }), ...env }
}
