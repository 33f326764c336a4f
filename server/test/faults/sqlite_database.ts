/** A SQLite file for several processes, on a small disk of its own where the machine lets us make one. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { databasePath } from '../../src/start.ts'
import { type DatabaseFault, type FaultyDatabase, keyring } from './database.ts'

export function sqliteDatabase(): FaultyDatabase {
  const dir = mkdtempSync(join(tmpdir(), 'mooring-faults-'))
  const isDisk = mountDisk(dir)
  const path = databasePath({ dataDir: dir })
  const faults: DatabaseFault[] = ['locked', 'contended', ...(isDisk ? ['full' as const] : []), ...unwritable]

  /** The write lock, as another process has it. */
  const lock = (): (() => Promise<void>) => {
    const other = new Database(path, { timeout: 20_000 })
    other.exec('begin immediate')
    return async () => {
      other.exec('rollback')
      other.close()
    }
  }

  /** The next write needs room: what the log had taken already is given back first. */
  const fill = async (): Promise<() => Promise<void>> => {
    const other = new Database(path, { timeout: 20_000 })
    other.pragma('wal_checkpoint(truncate)')
    other.close()
    const filler = join(dir, 'filler')
    const { bavail, bsize } = statfsSync(dir)
    try {
      // More than there is: what was written of it stays.
      writeFileSync(filler, Buffer.alloc(bavail * bsize + 1_048_576))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    }
    return async () => rmSync(filler)
  }

  const contend = (): (() => Promise<void>) => {
    const over = new AbortController()
    const running = (async () => {
      while (!over.signal.aborted) {
        const free = lock()
        await delay(60)
        await free()
        await delay(15)
      }
    })()
    return async () => {
      over.abort()
      await running
    }
  }

  return {
    engine: 'sqlite',
    faults,
    ofOneNode: unwritable,
    environment: async () => ({ MOORING_DATA_DIR: dir, MOORING_KEYS: keyring }),
    async begin(fault, nodes) {
      switch (fault) {
        case 'locked':
          return lock()
        case 'contended':
          return contend()
        case 'full':
          return fill()
        case 'unwritable': {
          const limited = nodes()
          limitFiles(limited, '0')
          return async () => limitFiles(limited, 'unlimited')
        }
        case 'stopped':
        case 'slow':
        case 'cut':
        case 'silent':
          throw new Error(`${fault} does not happen to a file`)
      }
    },
    async bytes() {
      const names = readdirSync(dir).filter((name) => name.startsWith('mooring.sqlite'))
      return Buffer.concat(names.map((name) => readFileSync(join(dir, name))))
    },
    async damage() {
      const file = new Database(path, { readonly: true })
      const told = file.pragma('integrity_check', { simple: true })
      const loose = file.pragma('foreign_key_check')
      file.close()
      const broken = Array.isArray(loose) && loose.length > 0
      return [...(told === 'ok' ? [] : [String(told)]), ...(broken ? [JSON.stringify(loose)] : [])]
    },
    async close() {
      if (isDisk) execFileSync('umount', ['-l', dir])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A limit on the size of files is what another can set on a running process: its writes fail as those to a bad disk. */
const unwritable: DatabaseFault[] = ['/usr/bin/prlimit', '/bin/prlimit'].some((path) => existsSync(path))
  ? ['unwritable']
  : []

function limitFiles(pids: readonly number[], size: string): void {
  // The soft limit alone: it can be raised again.
  for (const pid of pids) execFileSync('prlimit', ['--pid', String(pid), `--fsize=${size}:`])
}

/** 24 MB in memory. False where this user may not. */
function mountDisk(dir: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=700', 'tmpfs', dir], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
