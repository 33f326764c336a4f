/** One keep-alive connection that sends the same request again and again, on a raw socket: little beside what it measures. */
import { connect } from 'node:net'

export interface Target {
  port: number
  path: string
  headers: Record<string, string>
}

export interface Wire {
  /** Sends the request. Not before the answer to the last one has ended. */
  send: () => void
  close: () => void
}

const headEnd = '\r\n\r\n'

/**
 * `done` is called at the end of every answer with the bytes of its body. Anything but a 200 with a Content-Length, and a
 * connection that ends, is a failure.
 */
export async function openWire(
  { port, path, headers }: Target,
  done: (bytes: number) => void,
  failed: (error: Error) => void,
): Promise<Wire> {
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}`)
  const request = Buffer.from([`GET ${path} HTTP/1.1`, ...lines, '\r\n'].join('\r\n'))
  let partial = ''
  /** Bytes of the body; -1 within a head. */
  let length = -1
  let left = 0
  let closed = false
  const fail = (message: string): void => {
    if (closed) return
    closed = true
    socket.destroy()
    failed(new Error(`GET ${path} on port ${port}: ${message}`))
  }
  const read = (count: number, buffer: Uint8Array): boolean => {
    let at = 0
    if (length === -1) {
      const before = partial.length
      partial += Buffer.from(buffer.buffer, buffer.byteOffset, count).toString('latin1')
      const end = partial.indexOf(headEnd)
      if (end === -1) return true
      length = contentLength(partial, end)
      if (length === -1) {
        fail(`answered ${partial.slice(0, 600)}`)
        return false
      }
      left = length
      at = end + headEnd.length - before
      partial = ''
    }
    left -= count - at
    if (left > 0) return true
    const bytes = length
    length = -1
    if (left < 0) fail('more bytes came than the answer holds')
    else done(bytes)
    return true
  }
  const socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: { buffer: Buffer.alloc(65_536), callback: read },
  })
  socket.on('error', (error) => fail(error.message))
  socket.on('close', () => fail('the connection was closed'))
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', resolve))
  return {
    send: () => void socket.write(request),
    close: () => {
      closed = true
      socket.destroy()
    },
  }
}

function contentLength(text: string, end: number): number {
  if (!text.startsWith('HTTP/1.1 200')) return -1
  const found = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))
  return found === null ? -1 : Number(found[1])
}
