/** What the figures were taken on, and which core each process gets. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

/** A core for the server under test and one for everything else; null: left to the scheduler. */
export interface Cores {
  server: number | null
  client: number | null
}

export function chooseCores(): Cores {
  const allowed = allowedCores()
  const [server, client] = allowed
  return server === undefined || client === undefined ? { server: null, client: null } : { server, client }
}

/** The cores that `taskset` may pin to; empty where there is no `taskset`. */
function allowedCores(): number[] {
  try {
    const answer = execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8', stdio: 'pipe' })
    return (answer.split(': ')[1] ?? '').split(',').flatMap((range) => {
      const [from = NaN, to = from] = range.split('-').map(Number)
      return Number.isNaN(from) ? [] : Array.from({ length: to - from + 1 }, (_, index) => from + index)
    })
  } catch {
    return []
  }
}

export interface Machine {
  at: string
  commit: string
  node: string
  undici: string
  mooring: string
  platform: string
  processor: string
  cores: number
  memoryGiB: number
  pinned: string
}

export function describeMachine({ server, client }: Cores): Machine {
  return {
    at: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    undici: versionIn('node_modules/undici/package.json'),
    mooring: versionIn('server/package.json'),
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    pinned: server === null ? 'no' : `server on core ${server}, load and upstream on core ${client}`,
  }
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'safe.directory=*', ...args], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with changes')
  } catch {
    return 'unknown'
  }
}

function versionIn(path: string): string {
  const text: unknown = JSON.parse(readFileSync(join(root, path), 'utf8'))
  return typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : 'unknown'
}
