/**
 * Leases that stand too long (S-20). What is written of a lease's end is by its holder's clock, and a clock can be wrong,
 * or set while a renewal runs. So a lease is over when this process has itself seen it stand for as long as any lasts.
 */
import type { AuthorizationRecord } from '../store.ts'
import { leaseTime } from './lease.ts'

export type HeldLease = Pick<AuthorizationRecord, 'id' | 'leaseOwner' | 'fence'>

export interface Standing {
  /** Whether this very lease was seen first more than `leaseTime` ago; the first look at it begins the time. */
  tooLong(lease: HeldLease): boolean
}

/** What nobody has asked about for so long is not remembered: looked at again, it begins anew. */
const forgottenAfter = 20 * leaseTime

/** `elapsed`: as `RenewalParts.elapsed`. */
export function createStanding(elapsed: () => number): Standing {
  // In the order of the first look.
  const seen = new Map<string, { owner: string | null; fence: number; since: number }>()

  const prune = (at: number): void => {
    for (const [id, { since }] of seen) {
      if (at - since < forgottenAfter) return
      seen.delete(id)
    }
  }

  return {
    tooLong({ id, leaseOwner: owner, fence }) {
      const at = elapsed()
      const known = seen.get(id)
      // Each lease has a number of its own: the same one now and then has stood in between.
      if (known !== undefined && known.owner === owner && known.fence === fence) return at - known.since > leaseTime
      prune(at)
      seen.delete(id)
      seen.set(id, { owner, fence, since: at })
      return false
    },
  }
}
