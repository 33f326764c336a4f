import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that systems give to whoever asks for any: nobody gets it between the look and the start of a process. */
const range = { first: 15_000, beyond: 30_000 }

/** A port that nobody listens on, for a process that has to be told. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(range.first, range.beyond)
    const probe = createServer().listen(port)
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    await new Promise((resolve) => probe.close(resolve))
    return port
  }
}
