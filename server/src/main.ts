/** Wiring and signals. */
import cluster from 'node:cluster'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Config, ConfigError, readConfig, settings } from './config.ts'
import { findConsole } from './console.ts'
import { setupLink } from './access/one_time.ts'
import { createLog, type Log } from './log.ts'
import { giveBackMemory } from './memory.ts'
import type { Mooring } from './mooring.ts'
import { type RunningSandbox, startSandboxProcess } from './sandbox.ts'
import { createServices } from './service/service.ts'
import { ensureOwnerKey, type Installation, openInstallation, serve, systemCaller } from './start.ts'
import { KeyringError } from './vault/keyring.ts'
import { version } from './version.ts'
import { supervise, tellSupervisor, whenTold } from './workers.ts'

/** Requests under way at a stop get this long, in milliseconds. */
const drainTime = 30_000

/** Runs the server until a signal ends it, and sets the exit code: 0 after a graceful stop, 1 where it cannot start. */
export async function main(): Promise<void> {
  let config: Config
  try {
    config = readConfig(process.env)
  } catch (error) {
    complain(oneLine(error))
    return
  }
  const log = createLog(config.logLevel)
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was left unhandled'))
  try {
    if (cluster.isWorker) await serveAsWorker(config, log)
    else if (config.workers > 1) await serveWithWorkers(config, log)
    else await serveAlone(config, log)
  } catch (error) {
    const line = oneLine(error, config)
    if (cluster.isWorker) tellSupervisor(line)
    else complain(line)
  }
}

/** One line for whoever starts the server (S-38 does not apply: this is their own terminal). */
function complain(line: string): void {
  process.stderr.write(`mooring: ${line}\n`)
  process.exitCode = 1
}

function oneLine(error: unknown, config?: Config): string {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof ConfigError || error instanceof KeyringError || config === undefined) return message
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined
  const { MOORING_HOST, MOORING_PORT } = settings
  if (code === 'EADDRINUSE')
    return `MOORING_PORT is ${config.port}, and another program listens there; it takes ${MOORING_PORT.takes} that is free.`
  if (code === 'EACCES' && syscall === 'listen')
    return `MOORING_PORT is ${config.port}, where this user may not listen; it takes ${MOORING_PORT.takes}, above 1023.`
  if (code === 'EADDRNOTAVAIL' || syscall === 'getaddrinfo')
    return `MOORING_HOST is ${JSON.stringify(config.host)}, which is not this machine; it takes ${MOORING_HOST.takes}.`
  return message.split('\n', 1)[0] ?? message
}

async function serveAlone(config: Config, log: Log): Promise<void> {
  const installation = await openInstallation(config)
  tellRetired(installation, log)
  let mooring: Mooring
  let ownerKey: string | null
  try {
    ownerKey = await ensureOwnerKey(config, installation)
    const consoleFolder = await findConsole(config.console, log)
    mooring = await serve(config, installation, log, { version: version(), consoleFolder })
  } catch (error) {
    await installation.store.close()
    throw error
  }
  const sandbox = besides(config, installation, () => mooring.publicUrl, log)
  const stop = once(async () => {
    sandbox.stop()
    await mooring.stop(drainTime)
    await installation.store.close()
  })
  onSignal((signal, again) => {
    if (again) process.exit(1)
    end(log, signal, stop)
  })
  log.info({ url: mooring.publicUrl, version: version(), storage: installation.store.engine }, 'serving')
  giveBackMemory()
  await greet(installation, mooring.publicUrl, ownerKey, await sandbox.ready)
}

/** One of several. It reads no commands but those of the process that started it, and ends with it. */
async function serveAsWorker(config: Config, log: Log): Promise<void> {
  const installation = await openInstallation(config)
  let mooring: Mooring
  try {
    const consoleFolder = await findConsole(config.console, log)
    mooring = await serve(config, installation, log, {
      version: version(),
      consoleFolder,
      worker: cluster.worker?.id,
    })
  } catch (error) {
    await installation.store.close()
    throw error
  }
  const stop = once(async () => {
    await mooring.stop(drainTime)
    await installation.store.close()
  })
  whenTold(() => end(log, 'told to', stop))
  // A terminal and a service manager signal the whole group, so the same stop may be asked for more than once.
  onSignal((signal) => end(log, signal, stop))
  log.info({ url: mooring.publicUrl, version: version(), storage: installation.store.engine }, 'serving')
  giveBackMemory()
}

/** Several processes on one port and one database. This one opens the installation, so that its errors come once. */
async function serveWithWorkers(config: Config, log: Log): Promise<void> {
  const installation = await openInstallation(config)
  tellRetired(installation, log)
  try {
    const ownerKey = await ensureOwnerKey(config, installation)
    // Once, before several processes would do it at the same time.
    await findConsole(config.console, log)
    const workers = await supervise({ count: config.workers, entry: fileURLToPath(import.meta.url), log })
    const url = config.publicUrl ?? `http://localhost:${workers.port}`
    const sandbox = besides(config, installation, () => url, log)
    const stop = once(async () => {
      sandbox.stop()
      await workers.stop()
      await installation.store.close()
    })
    onSignal((signal, again) => {
      if (again) {
        workers.kill()
        process.exit(1)
      }
      end(log, signal, stop)
    })
    log.info({ url, workers: config.workers }, 'supervising')
    await greet(installation, url, ownerKey, await sandbox.ready)
  } catch (error) {
    await installation.store.close()
    throw error
  }
}

/** A root key that was first before this start seals nothing any more. */
function tellRetired({ retired }: Installation, log: Log): void {
  if (retired.length > 0) log.info({ rootKeys: retired }, 'these root keys can be taken out of MOORING_KEYS')
}

/** The sandbox beside a server that is being tried out. Serving does not wait for it, and goes on without it. */
function besides(
  config: Config,
  { store, vault, workspaceId }: Installation,
  publicUrl: () => string,
  log: Log,
): { ready: Promise<RunningSandbox | undefined>; stop: () => void } {
  const { sandboxPort: port, dataDir } = config
  if (port === null) return { ready: Promise.resolve(undefined), stop: () => undefined }
  const services = createServices({ store, vault, now: Date.now, publicUrl })
  let stopped = false
  const ready = startSandboxProcess({ port, dataDir, log, services, store, caller: systemCaller(workspaceId) }).catch(
    (error: unknown) => {
      if (!stopped) log.warn({ err: error }, 'the sandbox did not start')
      return undefined
    },
  )
  return {
    ready,
    stop() {
      stopped = true
      void ready.then((sandbox) => sandbox?.stop())
    },
  }
}

function onSignal(handle: (signal: string, again: boolean) => void): void {
  let seen = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      handle(signal, seen)
      seen = true
    })
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}

function end(log: Log, signal: string, stop: () => Promise<void>): void {
  log.info({ signal }, 'stopping')
  stop().then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'stopping failed')
      process.exit(1)
    },
  )
}

/** For a person: the way in while nobody has an account; for one who tries it out, where things are and the first call. */
async function greet(
  { store, workspaceId }: Installation,
  url: string,
  ownerKey: string | null,
  sandbox: RunningSandbox | undefined,
): Promise<void> {
  const setup = await setupLink(store, workspaceId, Date.now(), url)
  const firstOwner =
    setup === null ? [] : ['', '  Nobody has an account yet. Make the owner, within 30 minutes, at', `    ${setup}`]
  if (!process.stdout.isTTY && sandbox === undefined) {
    if (setup !== null) process.stdout.write([...firstOwner, '', ''].join('\n'))
    return
  }
  const fromHere = ownerKey === null ? '' : relative(process.cwd(), ownerKey)
  const keyFile = fromHere.startsWith('..') ? ownerKey : fromHere
  const key = ownerKey === null ? '$MOORING_API_KEY' : `$(cat ${keyFile})`
  process.stdout.write(
    [
      '',
      `  Mooring is at ${url}`,
      ...(ownerKey === null ? [] : [`  The owner's API key is in ${keyFile}`]),
      ...(sandbox === undefined
        ? []
        : [
            `  A sandbox provider to try it with is at ${sandbox.url}`,
            '',
            '  Connect and call it:',
            `    curl -H "Authorization: Bearer ${key}" ${url}/v1/connections -H 'Content-Type: application/json' -d '{"name": "First", "service": "sandbox_machine"}'`,
            `    curl -H "Authorization: Bearer ${key}" ${url}/v1/proxy/first/hello`,
          ]),
      ...firstOwner,
      '',
      '',
    ].join('\n'),
  )
}

if (import.meta.main) await main()
