/**
 * A server that ends itself with SIGKILL at a chosen step of a rotation. Run as a process of its own:
 * `node rotation_killed.fixture.ts <step>`, settings in the environment; prints its port.
 */
import { readConfig } from '../src/config.ts'
import { createLog } from '../src/log.ts'
import { openInstallation, serve } from '../src/start.ts'
import type { Store } from '../src/store.ts'
import { fast } from './rotation_world.fixture.ts'

/** What is counted, and at which count it ends: before the first write of a batch, in the middle of the third … */
export const steps = [
  'begin 1',
  'replace 1',
  'replace 3',
  'batch 1',
  'replace 17',
  'batch 4',
  'quiet 1',
  'delete before 1',
  'delete after 1',
  'finish before 1',
  'finish after 1',
] as const

export function deadly(store: Store, step: string): Store {
  const counts = new Map<string, number>()
  const at = async (name: string): Promise<void> => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    if (`${name} ${count}` !== step) return
    process.kill(process.pid, 'SIGKILL')
    await new Promise(() => undefined)
  }
  const wrap = (inner: Store, outside: boolean): Store => ({
    ...inner,
    async transaction(work) {
      let noted: string | undefined
      const result = await inner.transaction((inside) => {
        const wrapped = wrap(inside, false)
        return work({
          ...wrapped,
          jobs: {
            ...wrapped.jobs,
            insert: (record) => {
              noted = 'begin'
              return wrapped.jobs.insert(record)
            },
            progress: (id, owner, made, when) => {
              noted = made.done === undefined ? 'quiet' : 'batch'
              return wrapped.jobs.progress(id, owner, made, when)
            },
            finish: async (id, owner, end, when) => {
              await at('finish before')
              noted = 'finish after'
              return wrapped.jobs.finish(id, owner, end, when)
            },
          },
        })
      })
      // It is on the disk by now.
      if (noted !== undefined && outside) await at(noted)
      return result
    },
    sealed: {
      ...inner.sealed,
      async replace(place, from, to) {
        const replaced = await inner.sealed.replace(place, from, to)
        await at('replace')
        return replaced
      },
    },
    dataKeys: {
      ...inner.dataKeys,
      async deleteUnused(id) {
        await at('delete before')
        const deleted = await inner.dataKeys.deleteUnused(id)
        await at('delete after')
        return deleted
      },
    },
  })
  return wrap(store, true)
}

if (import.meta.main) {
  const config = readConfig(process.env)
  const installation = await openInstallation(config)
  const store = deadly(installation.store, process.argv[2] ?? '')
  const mooring = await serve(config, { ...installation, store }, createLog('silent'), { version: 'test', pace: fast })
  process.send?.({ port: mooring.port })
}
