/**
 * The contract of `store.ts` as tests. Every engine runs them: `storeSuite` on its own, `sharedStoreSuite` with a second
 * connection to the same data beside it.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { accessSuite } from './suite/access.ts'
import { accountSuite } from './suite/accounts.ts'
import { attemptSuite } from './suite/attempts.ts'
import { auditSuite } from './suite/audit.ts'
import { authorizationSuite } from './suite/authorizations.ts'
import { callCountSuite } from './suite/call_counts.ts'
import { connectionSuite } from './suite/connections.ts'
import { connectSessionSuite } from './suite/connect_sessions.ts'
import { eventSuite } from './suite/events.ts'
import { jobSuite } from './suite/jobs.ts'
import { providerGateSuite } from './suite/provider_gates.ts'
import { renewalSuite } from './suite/renewals.ts'
import { sealedSuite } from './suite/sealed.ts'
import { serviceSuite } from './suite/services.ts'
import { sharedSuite, type SharedStore } from './suite/shared.ts'
import { wholeSuite } from './suite/whole.ts'

/** `open` gives a new, empty store for each test; the suite closes it. */
export function storeSuite(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    const use = perTest(open, (store) => store.close())

    test('says which engine it is', () => {
      expect(['sqlite', 'postgres']).toContain(use().engine)
    })
    wholeSuite(use)
    serviceSuite(use)
    connectionSuite(use)
    authorizationSuite(use)
    renewalSuite(use)
    attemptSuite(use)
    connectSessionSuite(use)
    eventSuite(use)
    accessSuite(use)
    accountSuite(use)
    auditSuite(use)
    callCountSuite(use)
    sealedSuite(use)
    jobSuite(use)
    providerGateSuite(use)
  })
}

/** `open` gives new, empty data for each test, and stores on it as often as asked; the suite closes them. */
export function sharedStoreSuite(name: string, open: () => Promise<SharedStore>): void {
  describe(name, () => {
    const use = perTest(
      async () => {
        const opened: Store[] = []
        const { connect } = await open()
        const connectAndNote = async () => {
          const store = await connect()
          opened.push(store)
          return store
        }
        return { opened, connect: connectAndNote }
      },
      async ({ opened }) => {
        for (const store of opened) await store.close()
      },
    )
    sharedSuite(use)
  })
}

/** What `open` gave for the test that runs. */
function perTest<T>(open: () => Promise<T>, close: (opened: T) => Promise<void>): () => T {
  let opened: { value: T } | undefined
  const use = (): T => {
    if (!opened) throw new Error('used outside a test')
    return opened.value
  }
  beforeEach(async () => {
    opened = { value: await open() }
  })
  afterEach(async () => {
    await close(use())
    opened = undefined
  })
  return use
}
