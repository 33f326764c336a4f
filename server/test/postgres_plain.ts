/**
 * In front of a PostgreSQL server: the same without what databases that only speak its protocol leave out. Statements that
 * ask for it are answered as those databases do, with "not supported".
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** LISTEN and NOTIFY, advisory locks, ids of transactions and rows. */
const missing =
  /\b(?:listen|unlisten|notify|pg_notify|pg_(?:try_)?advisory\w*|txid\w*|pg_current_\w*xact\w*|xid8|ctid|xmin)\b/i

const refusal = `do $$begin raise feature_not_supported using message = 'not supported'; end$$`

export interface PlainServer {
  /** The URL of a database behind it. */
  url(behind: string): string
  /** Statements that were refused. */
  refused: string[]
  close(): Promise<void>
}

export async function startPlainServer(behind: { host: string; port: number }): Promise<PlainServer> {
  const refused: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(behind.port, behind.host)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    upstream.pipe(client)
    const frames = framesOf((frame, type) => upstream.write(type === 'Q' || type === 'P' ? judged(frame, type) : frame))
    client.on('data', frames)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  /** A query (Q) or what is to be prepared (P), or in its place one that is refused. */
  function judged(frame: Buffer, type: 'Q' | 'P'): Buffer {
    const start = type === 'Q' ? 5 : frame.indexOf(0, 5) + 1
    const end = frame.indexOf(0, start)
    const text = frame.toString('utf8', start, end)
    if (!missing.test(text)) return frame
    refused.push(text)
    const other = Buffer.concat([frame.subarray(0, start), Buffer.from(refusal), frame.subarray(end)])
    other.writeInt32BE(other.length - 1, 1)
    return other
  }

  return {
    refused,
    url(database) {
      const url = new URL(database)
      url.host = `127.0.0.1:${port}`
      return url.href
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Messages of the frontend, whole; the first one has no type. */
function framesOf(take: (frame: Buffer, type: string | undefined) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  let started = false
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const lengthAt = started ? 1 : 0
      if (rest.length < lengthAt + 4) return
      const length = lengthAt + rest.readInt32BE(lengthAt)
      if (rest.length < length) return
      take(rest.subarray(0, length), started ? String.fromCharCode(rest[0] ?? 0) : undefined)
      started = true
      rest = rest.subarray(length)
    }
  }
}
