/** The API at the far end: raw sockets and ready-made bytes, so that its cost disappears beside the servers measured. */
import { createServer, type AddressInfo, type Socket } from 'node:net'

/** 1 KB of JSON, as an API would send it. */
const body = JSON.stringify({ items: [], padding: '' }).replace('""', `"${'x'.repeat(1024 - 26)}"`)
const small = Buffer.from(head(Buffer.byteLength(body), 'application/json') + body)
const block = Buffer.alloc(65_536, 'mooring ')

/** `GET /small`: 1 KB of JSON. `GET /stream/<bytes>`: that many bytes. Requests have no bodies and are not pipelined. */
export async function listenUpstream(): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    let partial = ''
    socket.on('data', (chunk) => {
      partial += chunk.toString('latin1')
      if (!partial.endsWith('\r\n\r\n')) return
      const streamed = /^GET \/stream\/(\d+)/.exec(partial)
      partial = ''
      if (streamed === null) socket.write(small)
      else stream(socket, Number(streamed[1]))
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  return address.port
}

function head(length: number, type: string): string {
  return [
    'HTTP/1.1 200 OK',
    'Date: Thu, 01 Jan 2026 00:00:00 GMT',
    `Content-Type: ${type}`,
    `Content-Length: ${length}`,
    'Cache-Control: private, no-cache',
    'ETag: "33a64df551425fcc55e4d42a148795d9"',
    'Vary: Accept',
    '\r\n',
  ].join('\r\n')
}

function stream(socket: Socket, bytes: number): void {
  let left = bytes
  socket.write(head(bytes, 'application/octet-stream'))
  const fill = (): void => {
    while (left > 0) {
      const part = left < block.length ? block.subarray(0, left) : block
      left -= part.length
      if (!socket.write(part) && left > 0) {
        socket.once('drain', fill)
        return
      }
    }
  }
  fill()
}
