/**
 * Loaded into a server's process ahead of it (`node --import`): its clock goes by what a file says, in milliseconds beside
 * the machine's. The server itself knows nothing of it.
 */
import { readFileSync } from 'node:fs'

const file = process.env['FAULTS_CLOCK']

if (file !== undefined) {
  const real = Date.now.bind(Date)
  let beside = 0
  const read = (): void => {
    try {
      beside = Number(readFileSync(file, 'utf8'))
    } catch {
      // While it is being written.
    }
  }
  read()
  process.on('SIGUSR2', read)
  const now = (): number => real() + beside
  globalThis.Date = new Proxy(Date, {
    construct: (target, given: [], newTarget: never) =>
      given.length === 0 ? new target(now()) : (Reflect.construct(target, given, newTarget) as object),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  })
}
