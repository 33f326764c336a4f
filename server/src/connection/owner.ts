/** Who holds a lease, told precisely enough to know whether the holder still lives. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { randomToken } from '../ids.ts'

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
const self = `${space}|${process.pid}|${randomToken(9)}`

/** This process. */
export function leaseOwner(): string {
  return self
}

/**
 * Whether the process that wrote this owner has certainly ended. False where it lives, and where that cannot be known
 * (another machine): then only time frees its lease.
 */
export function ownerHasEnded(owner: string): boolean {
  if (owner === self) return false
  const [where, pid] = owner.split('|')
  if (where !== space || pid === undefined) return false
  // Our own process id with another word behind it: an earlier process had it.
  if (Number(pid) === process.pid) return true
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
