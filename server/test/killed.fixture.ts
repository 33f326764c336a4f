/**
 * A server that ends itself with SIGKILL at a chosen step of a renewal. Run as a process of its own:
 * `node killed.fixture.ts <step>`, settings in the environment; prints its port.
 */
import { readConfig } from '../src/config.ts'
import { createLog } from '../src/log.ts'
import { openInstallation, serve } from '../src/start.ts'
import type { Store } from '../src/store.ts'

export const steps = ['before the lease', 'after the lease', 'after the answer', 'after the write'] as const
export type Step = (typeof steps)[number]

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => undefined)
}

/** The store of one step's process: everything real, but for the moment it dies at. */
function deadly(store: Store, step: string, armed: () => boolean): Store {
  const at = async (name: Step): Promise<void> => {
    if (armed() && step === name) await die()
  }
  const authorizations: Store['authorizations'] = {
    ...store.authorizations,
    async lease(id, take) {
      await at('before the lease')
      const taken = await store.authorizations.lease(id, take)
      await at('after the lease')
      return taken
    },
    async settle(id, fence, outcome, now) {
      await at('after the answer')
      return store.authorizations.settle(id, fence, outcome, now)
    },
  }
  return {
    ...store,
    authorizations,
    async transaction(work) {
      let settled = false
      const result = await store.transaction((inside) => {
        const wrapped = deadly(inside, step, armed)
        return work({
          ...wrapped,
          authorizations: {
            ...wrapped.authorizations,
            async settle(...given) {
              settled = true
              return wrapped.authorizations.settle(...given)
            },
          },
        })
      })
      if (settled) await at('after the write')
      return result
    },
  }
}

if (import.meta.main) {
  let armed = false
  const config = readConfig(process.env)
  const installation = await openInstallation(config)
  const store = deadly(installation.store, process.argv[2] ?? '', () => armed)
  const mooring = await serve(config, { ...installation, store }, createLog('silent'), { version: 'test' })
  process.on('message', () => {
    armed = true
    process.send?.({ armed })
  })
  process.send?.({ port: mooring.port })
}
