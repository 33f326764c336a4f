/** The sandbox provider beside a server that is being tried out: a process of its own, and services ready to connect. */
import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ServiceInput } from '@mooring/contract'
import { z } from 'zod'
import type { Caller } from './access/caller.ts'
import { MooringError } from './errors.ts'
import type { Log } from './log.ts'
import { readyMade } from './service/prepare.ts'
import type { Services } from './service/service.ts'
import type { Store } from './store.ts'

const Ready = z.object({
  type: z.literal('ready'),
  url: z.string(),
  services: z.array(z.object({ linkName: z.string(), service: z.unknown() })),
})

/** It answers within a second or two; a process that hangs is not waited for. In milliseconds. */
const patience = 30_000

export interface SandboxParts {
  port: number
  dataDir: string
  log: Log
  services: Pick<Services, 'create'>
  store: Pick<Store, 'facts'>
  caller: Caller
}

export interface RunningSandbox {
  url: string
  stop(): void
}

/** Starts it and registers its services once. Undefined where it cannot run, which is logged and no reason not to serve. */
export async function startSandboxProcess(parts: SandboxParts): Promise<RunningSandbox | undefined> {
  const { log, port } = parts
  let entry: string
  try {
    entry = fileURLToPath(import.meta.resolve('@mooring/sandbox/main'))
  } catch {
    log.info('the sandbox is not installed')
    return undefined
  }
  const stateFile = join(parts.dataDir, 'sandbox.sqlite')
  // SQLite gives the files beside it the same mode.
  closeSync(openSync(stateFile, 'a', 0o600))
  const child = fork(entry, ['--port', String(port), '--state-file', stateFile], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // It plays somebody else's server: the secrets in our environment are none of its business.
    env: {},
  })
  const ready = await firstMessage(child)
  if (typeof ready === 'string') {
    log.warn({ port }, `the sandbox did not start: ${ready}`)
    child.kill()
    return undefined
  }
  child.on('exit', (code) => log.warn({ code }, 'the sandbox ended'))
  await register(parts, ready.services)
  return {
    url: ready.url,
    stop() {
      child.removeAllListeners('exit')
      child.kill()
    },
  }
}

async function firstMessage(child: ChildProcess): Promise<z.infer<typeof Ready> | string> {
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    if (complaint.length < 1000) complaint += chunk.toString('utf8')
  })
  return new Promise((resolve) => {
    child.once('message', (message) => {
      const parsed = Ready.safeParse(message)
      resolve(parsed.success ? parsed.data : 'it sent something unexpected')
    })
    child.once('exit', (code) => resolve(complaint.trim().split('\n', 1)[0] || `it ended with ${code}`))
    child.once('error', (error) => resolve(error.message))
    setTimeout(() => resolve('it did not answer'), patience).unref()
  })
}

/** Each service once, as one of the default services, which need nothing but connecting: one that somebody deleted does not come back. */
async function register(
  { services, store, caller, log }: SandboxParts,
  offered: { linkName: string; service: unknown }[],
): Promise<void> {
  for (const { linkName, service } of offered) {
    const input = ServiceInput.safeParse(service)
    if (!input.success) {
      log.warn({ service: linkName, err: input.error }, 'a service of the sandbox could not be read')
      continue
    }
    const fact = `sandbox/${linkName}`
    if ((await store.facts.get(fact)) !== undefined) continue
    try {
      await services.create(caller, input.data, readyMade)
      await store.facts.setOnce(fact, 'registered')
    } catch (error) {
      if (!(error instanceof MooringError && error.code === 'link_name_taken'))
        log.warn({ err: error, service: linkName }, 'a service of the sandbox could not be registered')
    }
  }
}
