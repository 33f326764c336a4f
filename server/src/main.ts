/** Wiring and signals. */
import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Config, ConfigError, readConfig } from './config.ts'
import { createLog, type Log } from './log.ts'
import { type Installation, ensureOwnerKey, openInstallation, serve, systemCaller } from './start.ts'
import { type RunningSandbox, startSandboxProcess } from './sandbox.ts'
import type { Mooring } from './mooring.ts'
import { KeyringError } from './vault/keyring.ts'

/** Requests under way at a stop get this long, in milliseconds. */
const drainTime = 30_000

/** Runs the server until a signal ends it, and sets the exit code: 0 after a graceful stop, 1 where it cannot start. */
export async function main(): Promise<void> {
  const version = readVersion()
  let config: Config
  try {
    config = readConfig(process.env)
  } catch (error) {
    complain(error)
    return
  }
  const log = createLog(config.logLevel)
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was left unhandled'))
  try {
    if (config.workers > 1 && cluster.isPrimary) await supervise(config, log)
    else await serveHere(config, log, version)
  } catch (error) {
    complain(error)
  }
}

/** One line for whoever starts the server (S-38 does not apply: this is their own terminal). */
function complain(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const known = error instanceof ConfigError || error instanceof KeyringError
  process.stderr.write(`mooring: ${known ? message : explained(error, message)}\n`)
  process.exitCode = 1
}

function explained(error: unknown, message: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return `The address is in use by another program (${message.replace(/^listen EADDRINUSE: address already in use /, '')}). Set MOORING_PORT to another port.`
  if (code === 'EADDRNOTAVAIL') return 'MOORING_HOST is not an address of this machine.'
  if (code === 'EACCES' || code === 'EROFS')
    return `No permission: ${message}. Set MOORING_DATA_DIR to a folder that can be written, MOORING_PORT to a port above 1023.`
  return message.split('\n', 1)[0] ?? message
}

async function serveHere(config: Config, log: Log, version: string): Promise<void> {
  const installation = await openInstallation(config)
  let mooring: Mooring
  try {
    mooring = await serve(config, installation, log, version)
  } catch (error) {
    await installation.store.close()
    throw error
  }
  const ownerKey = await ensureOwnerKey(config, installation, mooring.keys)
  const sandbox = cluster.isPrimary ? await companion(config, installation, mooring, log) : undefined
  onStop(log, async () => {
    sandbox?.stop()
    await mooring.stop(drainTime)
    await installation.store.close()
  })
  log.info({ url: mooring.publicUrl, version, storage: installation.store.engine }, 'serving')
  if (cluster.isPrimary) greet(mooring.publicUrl, ownerKey, sandbox)
}

async function companion(
  config: Config,
  { store, workspaceId }: Installation,
  mooring: Mooring,
  log: Log,
): Promise<RunningSandbox | undefined> {
  if (config.sandboxPort === null) return undefined
  return startSandboxProcess({
    port: config.sandboxPort,
    dataDir: config.dataDir,
    log,
    services: mooring.services,
    store,
    caller: systemCaller(workspaceId),
  })
}

/** Several processes on one port and one database. A worker that dies is replaced. */
async function supervise(config: Config, log: Log): Promise<void> {
  cluster.setupPrimary({ exec: fileURLToPath(import.meta.url) })
  // The first one opens the installation, so that its errors come once and as one line.
  const installation = await openInstallation(config)
  await installation.store.close()
  let stopping = false
  let restarts = 0
  cluster.on('exit', (worker, code, signal) => {
    if (stopping) return
    log.error({ worker: worker.process.pid, code, signal }, 'a worker ended and is replaced')
    setTimeout(() => !stopping && cluster.fork(), Math.min(5000, 100 * 2 ** restarts++))
  })
  setInterval(() => (restarts = 0), 60_000).unref()
  for (let count = 0; count < config.workers; count++) cluster.fork()
  await new Promise<void>((resolve, reject) => {
    cluster.once('listening', () => resolve())
    cluster.once('exit', (_worker, code) => {
      if (code === 1) reject(new Error('the workers could not start'))
    })
  })
  onStop(log, async () => {
    stopping = true
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
    const ended = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))
    for (const worker of workers) worker.process.kill('SIGTERM')
    await Promise.all(ended)
  })
  log.info({ workers: config.workers }, 'supervising')
}

function onStop(log: Log, stop: () => Promise<void>): void {
  let stopping = false
  const end = (signal: string): void => {
    if (stopping) process.exit(1)
    stopping = true
    log.info({ signal }, 'stopping')
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => end('SIGTERM'))
  process.on('SIGINT', () => end('SIGINT'))
}

/** For a person who tries it out: where things are and the first call. */
function greet(url: string, ownerKey: string | null, sandbox: RunningSandbox | undefined): void {
  if (!process.stdout.isTTY && sandbox === undefined) return
  const key = ownerKey === null ? '$MOORING_API_KEY' : `$(cat ${relative(process.cwd(), ownerKey)})`
  process.stdout.write(
    [
      '',
      `  Mooring is at ${url}`,
      ...(ownerKey === null ? [] : [`  The owner's API key is in ${relative(process.cwd(), ownerKey)}`]),
      ...(sandbox === undefined
        ? []
        : [
            `  A sandbox provider to try it with is at ${sandbox.url}`,
            '',
            '  Connect and call it:',
            `    curl -H "Authorization: Bearer ${key}" ${url}/v1/connections -H 'Content-Type: application/json' -d '{"name": "First", "service": "sandbox_machine"}'`,
            `    curl -H "Authorization: Bearer ${key}" ${url}/v1/proxy/first/hello`,
          ]),
      '',
      '',
    ].join('\n'),
  )
}

function readVersion(): string {
  const text: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : 'unknown'
}

if (import.meta.main) await main()
