/** Memory that a start takes and serving does not need. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** After the start, in milliseconds: what comes at once has been answered by then. */
const settled = 2000

/**
 * Loading modules drives V8's young generation to its largest size, where it stays until memory is short: a third of an
 * idle server's memory. One collection of the thorough kind gives it back; it grows again with the load.
 */
export function giveBackMemory(): void {
  setTimeout(() => {
    setFlagsFromString('--expose-gc')
    const collect: unknown = runInNewContext('gc')
    setFlagsFromString('--no-expose-gc')
    if (typeof collect === 'function')
      Reflect.apply(collect, undefined, [{ type: 'major', execution: 'sync', flavor: 'last-resort' }])
  }, settled).unref()
}
