/** A real server in a process of its own, for what only a real one can tell. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Client, createClient } from '@mooring/sdk'
import { apiKey } from './stand_in.ts'

export interface RealServer extends AsyncDisposable {
  url: string
  /** As its owner. */
  client: Client
}

const program = join(import.meta.dirname, '../bin/mooring.js')

export async function realServer(): Promise<RealServer> {
  const child = spawn(process.execPath, [program, 'start'], {
    env: {
      PATH: process.env['PATH'],
      MOORING_PORT: '0',
      MOORING_DATA_DIR: mkdtempSync(join(tmpdir(), 'mooring-cli-server-')),
      MOORING_SANDBOX: 'off',
      MOORING_CONSOLE: 'off',
      MOORING_BOOTSTRAP_API_KEY: apiKey,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const lines = createInterface({ input: child.stdout })
  let url: string | undefined
  for await (const line of lines) {
    url = /"url":"([^"]+)".*serving/.exec(line)?.[1]
    if (url !== undefined) break
  }
  child.stdout.resume()
  if (url === undefined) throw new Error('the server did not start')
  return {
    url,
    client: createClient({ url, apiKey }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
