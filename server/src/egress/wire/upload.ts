/** A body that is sent as it comes. */
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { WireError } from './error.ts'

export interface Uploading {
  /** The socket takes more. */
  resume: () => void
  /** Nothing more of it is wanted. */
  stop: () => void
}

/** `length`: the bytes it must have. `progress`: something was sent; `done`: all was. */
export function upload(
  body: Readable,
  socket: Socket,
  length: number | 'chunked',
  { progress, done, failed }: { progress: () => void; done: () => void; failed: (error: Error) => void },
): Uploading {
  let sent = 0
  let over = false
  const leave = (): void => {
    over = true
    body.off('data', onData).off('end', onEnd).off('close', onClose)
  }
  const fail = (error: Error): void => {
    if (over) return
    leave()
    failed(error)
  }
  const onData = (chunk: unknown): void => {
    if (!(chunk instanceof Uint8Array)) {
      // The length of a text is not that of its bytes.
      fail(new WireError('BAD_REQUEST', 'a streamed body has to be of bytes'))
      return
    }
    if (chunk.length === 0) return
    sent += chunk.length
    if (length !== 'chunked' && sent > length) {
      fail(new WireError('BAD_LENGTH', 'the body is longer than its Content-Length'))
      return
    }
    progress()
    let room: boolean
    if (length === 'chunked') {
      socket.cork()
      socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
      socket.write(chunk)
      room = socket.write('\r\n', 'latin1')
      socket.uncork()
    } else room = socket.write(chunk)
    if (!room) body.pause()
  }
  const onEnd = (): void => {
    if (length !== 'chunked' && sent < length) {
      fail(new WireError('BAD_LENGTH', 'the body is shorter than its Content-Length'))
      return
    }
    leave()
    if (length === 'chunked') socket.write('0\r\n\r\n', 'latin1')
    done()
  }
  const onClose = (): void => fail(new WireError('BAD_LENGTH', 'the body ended early'))
  // Stays: a stream that fails after it was left must not end the process.
  body.on('error', fail)
  if (body.destroyed || body.readableEnded) {
    process.nextTick(() => fail(body.errored ?? new WireError('BAD_LENGTH', 'the body ended early')))
  } else body.on('data', onData).on('end', onEnd).on('close', onClose)
  return {
    resume() {
      if (!over && body.isPaused()) body.resume()
    },
    stop() {
      if (over) return
      leave()
      body.destroy()
    },
  }
}
