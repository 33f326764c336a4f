/** Who holds a lease, told precisely enough to know whether the holder still lives. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { randomToken } from '../ids.ts'

export interface LeaseHolder {
  /** What is written into a lease. */
  name: string
  /**
   * Whether the holder of this name has certainly ended. False where it lives, and where that cannot be known (another
   * machine): then only time frees its lease.
   */
  hasEnded(name: string): boolean
}

/** Process ids mean something only within one boot of one machine and one PID namespace. */
function spaceName(): string {
  const read = (work: () => string): string => {
    try {
      return work().trim()
    } catch {
      return '-'
    }
  }
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'))
  return `${hostname()}/${boot}/${namespace}`
}

const space = spaceName()

/** The holders of this process: one for each server that runs in it. */
const here = new Set<string>()

/** A holder of its own in this process. */
export function leaseHolder(): LeaseHolder {
  const name = `${space}|${process.pid}|${randomToken(9)}`
  here.add(name)
  return { name, hasEnded }
}

function hasEnded(name: string): boolean {
  if (here.has(name)) return false
  const [where, pid] = name.split('|')
  if (where !== space || pid === undefined || !/^\d+$/.test(pid)) return false
  // Our own process id with another word behind it: an earlier process had it.
  if (Number(pid) === process.pid) return true
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
