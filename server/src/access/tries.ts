/**
 * Slowing down whoever guesses passwords (S-46): by account and by address, each try makes the next wait longer. Counted
 * in the store, so that several processes count together, and before the password is looked at, so that many at once are
 * no way around it.
 */
import { MooringError } from '../errors.ts'
import { tokenHash } from '../ids.ts'
import type { Store } from '../store.ts'
import { networkOf } from './network.ts'

interface Pace {
  /** Tries that cost nothing. */
  free: number
  /** The wait after them doubles from a second up to this, in milliseconds. */
  longest: number
}

/** Short enough that nobody is kept out of their own account for long by somebody else's guesses. */
const ofAccount: Pace = { free: 5, longest: 300_000 }
/** A whole office may share an address. */
const ofAddress: Pace = { free: 30, longest: 900_000 }
/** Tries this old count no longer. */
export const triesForgottenAfter = 86_400_000

export interface Tries {
  /** Notes a try for this account from this address. Throws rate_limited while either has to wait. */
  count(account: string, address: string): Promise<void>
  /** It was the right password. */
  right(account: string, address: string): Promise<void>
}

export function createTries({ store, now }: { store: Store; now: () => number }): Tries {
  /** Changes what is counted, whoever else does at the same time. Throws rate_limited where a try comes too soon. */
  const change = async (id: string, step: 1 | -1, pace: Pace | null): Promise<void> => {
    for (;;) {
      const at = now()
      const known = await store.signInTries.find(id)
      const counted = known === undefined || known.at < at - triesForgottenAfter ? 0 : known.failures
      if (pace !== null && known !== undefined) demandPatience(known.at + delayAfter(counted, pace) - at)
      const failures = Math.max(0, counted + step)
      if (await store.signInTries.put({ id, failures, at }, known?.failures ?? null)) return
    }
  }
  const ids = (account: string, address: string): [account: string, address: string] => [
    tokenHash(`account ${account.normalize('NFC').toLowerCase()}`),
    tokenHash(`address ${networkOf(address)}`),
  ]

  return {
    async count(account, address) {
      const [byAccount, byAddress] = ids(account, address)
      // The address first: one that has to wait makes no account wait.
      await change(byAddress, 1, ofAddress)
      await change(byAccount, 1, ofAccount)
    },
    async right(account, address) {
      const [byAccount, byAddress] = ids(account, address)
      await store.signInTries.delete(byAccount)
      // Its own try is taken back; what others did from the same address stays.
      await change(byAddress, -1, null)
    },
  }
}

/** `wait`: in milliseconds. Throws rate_limited. */
function demandPatience(wait: number): void {
  if (wait <= 0) return
  throw new MooringError('rate_limited', {
    detail: 'There were too many attempts to sign in.',
    hint: `Try again in ${waitInWords(wait)}.`,
    retryAfterSeconds: Math.ceil(wait / 1000),
  })
}

function delayAfter(failures: number, { free, longest }: Pace): number {
  return failures < free ? 0 : Math.min(longest, 1000 * 2 ** Math.min(failures - free, 30))
}

function waitInWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 90) return seconds === 1 ? 'a second' : `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}
