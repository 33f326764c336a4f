/**
 * Loaded into a server's process ahead of it (`node --import`): its clocks go by what a file says, in milliseconds beside
 * the machine's: first the wall clock, then the time that passes. The server itself knows nothing of it.
 */
import { readFileSync } from 'node:fs'

const file = process.env['FAULTS_CLOCK']

if (file !== undefined) {
  const real = Date.now.bind(Date)
  const passing = performance.now.bind(performance)
  let beside = 0
  let passed = 0
  const read = (): void => {
    const [wall, elapsed] = readFileSync(file, 'utf8').split(' ').map(Number)
    // While it is being written there is nothing in it.
    if (wall === undefined || elapsed === undefined) return
    beside = wall
    passed = elapsed
  }
  read()
  process.on('SIGUSR2', read)
  const now = (): number => real() + beside
  performance.now = () => passing() + passed
  globalThis.Date = new Proxy(Date, {
    construct: (target, given: [], newTarget: never) =>
      given.length === 0 ? new target(now()) : (Reflect.construct(target, given, newTarget) as object),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  })
}
