/** Memory that a start takes and serving does not need. */
import { executionAsyncResource } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** After the start, in milliseconds: what comes at once has been answered by then. */
const settled = 2000
/** The part of that time that a server without load is busy at most; with load the memory is in use. */
const idle = 0.1

/**
 * What node makes for each `process.nextTick`. A thorough collection, ours as well as V8's own in idle minutes, forgets the
 * shape of objects of which there is none at that moment; those that code makes anew by a literal with computed keys are
 * then slow for good. A call makes seven of these, and took a sixth longer. While one is held the shape stays.
 */
const shapes: unknown[] = []

/**
 * Loading modules drives V8's young generation to its largest size, where it stays until memory is short: a third of an
 * idle server's memory. One collection of the thorough kind gives it back; it grows again with the load.
 */
export function giveBackMemory(): void {
  process.nextTick(() => shapes.push(executionAsyncResource()))
  const before = performance.eventLoopUtilization()
  setTimeout(() => {
    if (performance.eventLoopUtilization(before).utilization > idle) return
    setFlagsFromString('--expose-gc')
    const collect: unknown = runInNewContext('gc')
    setFlagsFromString('--no-expose-gc')
    if (typeof collect === 'function')
      Reflect.apply(collect, undefined, [{ type: 'major', execution: 'sync', flavor: 'last-resort' }])
  }, settled).unref()
}
