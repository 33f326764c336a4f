/** A way between a node and its database that can be slow, cut, or swallow everything: what a network does to it. */
import { createServer, connect, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

export interface Way {
  port: number
  /** `slow`: each message takes this many milliseconds longer. */
  be(state: 'open' | 'cut' | 'silent' | { slow: number }): void
  close(): Promise<void>
}

export async function openWay(to: number): Promise<Way> {
  let state: Parameters<Way['be']>[0] = 'open'
  const pairs = new Set<Socket>()
  const pass = (from: Socket, into: Socket): void => {
    // What was sent first arrives first, however long it takes.
    let before: Promise<void> = Promise.resolve()
    from.on('data', (chunk: Buffer) => {
      // Swallowed for good: whoever sent it never hears of it, even when the way is open again.
      if (state === 'silent') {
        deaf.add(from).add(into)
        return
      }
      if (deaf.has(from)) return
      const late = typeof state === 'object' ? state.slow : 0
      const wait = new Promise<void>((resolve) => void (late === 0 ? resolve() : setTimeout(resolve, late)))
      before = Promise.all([before, wait]).then(() => void into.write(chunk))
    })
    from.on('error', () => into.destroy())
    from.on('close', () => {
      pairs.delete(from)
      into.destroy()
    })
  }
  /** Connections of which something was swallowed: they carry nothing any more. */
  const deaf = new WeakSet<Socket>()
  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy()
      return
    }
    const far = connect(to, '127.0.0.1')
    pairs.add(near).add(far)
    pass(near, far)
    pass(far, near)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  // A TCP server's address is never a path.
  const { port } = server.address() as AddressInfo
  const cut = (): void => {
    for (const socket of pairs) socket.destroy()
  }
  return {
    port,
    be(next) {
      state = next
      if (next === 'cut') cut()
    },
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
