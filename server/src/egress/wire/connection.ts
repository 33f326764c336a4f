/** One connection to an origin: one exchange after the other, none before the last has ended (RFC 9112 section 9). */
import type { OnReadOpts, Socket } from 'node:net'
import { type Kept, ReadBuffer } from './buffers.ts'
import { Chunked } from './chunked.ts'
import { badAnswer, WireError } from './error.ts'
import type { Carrier, Exchange } from './exchange.ts'
import { framingOf } from './framing.ts'
import { parseHead } from './head.ts'
import { upload, type Uploading } from './upload.ts'

/** What a connection tells its pool. */
export interface Home {
  /** It can serve again: it is given the next exchange, or waits. */
  free: (connection: Connection) => void
  /** To be sent once more, over a connection that has not served yet. Told before `gone`. */
  again: (exchange: Exchange) => void
  gone: (connection: Connection) => void
}

export interface ConnectionLimits {
  /** Bytes of an answer's head, informational ones before it included. */
  longestHead: number
  /** Milliseconds an idle connection is kept when the other side does not say. */
  keepAlive: number
}

/** How long the other side says that it keeps an idle connection counts with this to spare, and up to this. Milliseconds. */
const keepAliveSpare = 2000
const keepAliveMost = 600_000
/** A body up to this many bytes leaves in one write with its head. */
const writtenAtOnce = 16_384
/** What `setTimeout` can hold. */
const longestTimer = 2_147_483_647

const headBegin = 'HTTP/1.'
const headEnd = '\r\n\r\n'

export class Connection implements Carrier {
  readonly #home: Home
  readonly #limits: ConnectionLimits
  readonly #buffer = new ReadBuffer()
  #socket: Socket | undefined
  #exchange: Exchange | undefined
  #upload: Uploading | undefined
  /** Whether all of the request is sent. */
  #sent = true
  /** Whether it has answered before. */
  #served = false
  /** Whether no byte of an answer has come since the request. */
  #silent = false
  #gone = false
  #paused = false

  /** The head so far, where it came in parts. */
  #partial = ''
  /** Bytes of informational heads of this exchange. */
  #informational = 0
  /** What is to come of the body: so many bytes, a coding that says it, or all until the end of the connection. */
  #body: number | Chunked | 'close' | undefined
  #persistent = false
  /** Milliseconds. */
  #keepAlive: number

  /** When what is waited for is late, by `performance.now()`. A timer that ends before is left: it looks again then. */
  #deadline = Infinity
  #timer: NodeJS.Timeout | undefined
  #timerEnds = Infinity

  constructor(home: Home, limits: ConnectionLimits) {
    this.#home = home
    this.#limits = limits
    this.#keepAlive = limits.keepAlive
  }

  /** The socket is to be opened with this. */
  onread(): OnReadOpts {
    return {
      buffer: () => this.#buffer.next(this.#body !== undefined),
      callback: (size, bytes) => this.#read(bytes.subarray(0, size) as Buffer),
    }
  }

  /** Takes its socket, once it is open. */
  attach(socket: Socket): void {
    this.#socket = socket
    socket.on('drain', () => this.#upload?.resume())
    socket.on('error', (error) => this.#lost(error))
    socket.on('close', () => this.#lost(closedEarly()))
    socket.on('end', () => {
      // Whole only where no error ended the connection (RFC 9112 section 8): that would have come as one.
      if (this.#body === 'close' && this.#exchange !== undefined) this.#answered(this.#exchange, false)
      else this.#lost(closedEarly())
    })
    socket.resume()
  }

  get usable(): boolean {
    return !this.#gone && this.#socket?.writable === true && !this.#socket.readableEnded
  }

  start(exchange: Exchange): void {
    const socket = this.#socket
    if (socket === undefined || this.#gone) {
      exchange.fail(closedEarly())
      return
    }
    this.#exchange = exchange
    exchange.carrier = this
    this.#silent = true
    this.#informational = 0
    const { head, request } = exchange
    const { body } = request
    this.#wait(request.headTimeout)
    if (body === null) socket.write(head.text, 'latin1')
    else if (body instanceof Uint8Array) this.#write(socket, head.text, body)
    else {
      this.#sent = false
      // The head leaves with what is here of the body.
      socket.cork()
      socket.write(head.text, 'latin1')
      this.#upload = upload(body, socket, head.streamed ?? 'chunked', {
        progress: () => this.#wait(this.#body === undefined ? request.headTimeout : request.bodyTimeout),
        done: () => {
          this.#sent = true
        },
        failed: (error) => this.#end(error),
      })
      process.nextTick(() => socket.uncork())
    }
  }

  #write(socket: Socket, head: string, body: Uint8Array): void {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    if (bytes.length <= writtenAtOnce) {
      // Latin-1 gives each byte as it is.
      socket.write(head + bytes.toString('latin1'), 'latin1')
      return
    }
    socket.cork()
    socket.write(head, 'latin1')
    socket.write(bytes)
    socket.uncork()
  }

  /** Waits for the next exchange, for as long as both sides keep it. */
  rest(): void {
    this.#wait(this.#keepAlive)
  }

  abort(reason: Error): void {
    this.#end(reason)
  }

  pause(): void {
    this.#paused = true
    this.#socket?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#exchange !== undefined) this.#wait(this.#exchange.request.bodyTimeout)
    this.#socket?.resume()
  }

  keep(bytes: Buffer): Kept {
    return this.#buffer.keep(bytes)
  }

  /** Whether to read on. */
  #read(bytes: Buffer): boolean {
    const exchange = this.#exchange
    if (exchange === undefined) {
      // Nothing was asked: whatever this is, it must not become the answer to the next request.
      this.#end(badAnswer('bytes that were not asked for'))
      return false
    }
    this.#silent = false
    try {
      this.#take(exchange, bytes)
    } catch (error) {
      this.#end(error instanceof Error ? error : badAnswer('it could not be taken'))
    }
    return !this.#paused && !this.#gone
  }

  #take(exchange: Exchange, bytes: Buffer): void {
    const { answering, request } = exchange
    let at = 0
    while (this.#body === undefined) {
      at = this.#takeHead(exchange, bytes, at)
      if (at === -1 || exchange.over) return
    }
    const body = this.#body
    if (body === 'close') {
      if (at < bytes.length) answering.onData(at === 0 ? bytes : bytes.subarray(at))
    } else if (typeof body === 'number') {
      const end = Math.min(bytes.length, at + body)
      this.#body = body - (end - at)
      if (end > at) answering.onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
      if (exchange.over) return
      if (this.#body === 0) {
        this.#answered(exchange, end < bytes.length)
        return
      }
    } else {
      at += body.read(at === 0 ? bytes : bytes.subarray(at), (part) => {
        answering.onData(part)
        return !exchange.over
      })
      if (exchange.over) return
      if (body.done) {
        this.#answered(exchange, at < bytes.length)
        return
      }
    }
    if (!exchange.over && !this.#paused) this.#wait(request.bodyTimeout)
  }

  /** Reads a head from `at` on: where it ends, or -1 where more is to come. */
  #takeHead(exchange: Exchange, bytes: Buffer, at: number): number {
    const before = this.#partial.length
    let text: string
    let end = -1
    if (before === 0) {
      const found = bytes.indexOf(headEnd, at, 'latin1')
      text = bytes.toString('latin1', at, found === -1 ? bytes.length : found)
      if (found !== -1) end = found + headEnd.length
    } else {
      text = this.#partial + bytes.toString('latin1', at)
      const found = text.indexOf(headEnd, Math.max(0, before - headEnd.length))
      if (found !== -1) {
        text = text.slice(0, found)
        end = at + found + headEnd.length - before
      }
    }
    if (!text.startsWith(headBegin) && !headBegin.startsWith(text)) throw badAnswer('the status line')
    if (this.#informational + text.length > this.#limits.longestHead)
      throw new WireError('HEAD_TOO_LONG', 'the head of the answer is too long')
    this.#partial = end === -1 ? text : ''
    if (end === -1) return -1
    const head = parseHead(text)
    const { body, persistent, keepAlive } = framingOf(exchange.request.method, head)
    if (head.status < 200) {
      if (head.status === 101) throw badAnswer('a protocol that was not asked for')
      if (head.minor === 0) throw badAnswer('an informational answer in HTTP/1.0')
      this.#informational += text.length
      return end
    }
    this.#body = body === 'chunked' ? new Chunked() : body
    this.#persistent = persistent
    if (keepAlive !== undefined) this.#keepAlive = Math.min(keepAlive * 1000 - keepAliveSpare, keepAliveMost)
    exchange.answering.onHead(head.status, head.reason, head.headers)
    return end
  }

  /** The answer is whole. `surplus`: something came behind it. */
  #answered(exchange: Exchange, surplus: boolean): void {
    const reusable = this.#persistent && this.#sent && !surplus && this.#keepAlive > 0
    this.#exchange = undefined
    this.#body = undefined
    this.#upload?.stop()
    this.#upload = undefined
    if (this.#paused) this.resume()
    this.#served = true
    exchange.end()
    if (reusable && !this.#gone) this.#home.free(this)
    else this.#end(closedEarly())
  }

  /**
   * The connection ended by itself. Servers end idle ones at any time, also while a request is on its way: what can be
   * repeated is then sent once more (RFC 9112 section 9.3.1, RFC 9110 section 9.2.2).
   */
  #lost(error: Error): void {
    const exchange = this.#exchange
    if (exchange !== undefined && this.#served && this.#silent && isClosed(error) && isRepeatable(exchange)) {
      this.#exchange = undefined
      exchange.carrier = undefined
      exchange.repeated = true
      this.#home.again(exchange)
    }
    this.#end(error)
  }

  /** Nothing goes over it any more. What was under way fails. */
  #end(error: Error): void {
    if (this.#gone) return
    this.#gone = true
    clearTimeout(this.#timer)
    const exchange = this.#exchange
    this.#exchange = undefined
    // Node asks for memory for the next read also where there will be none: not for one of its own.
    this.#body = undefined
    this.#upload?.stop()
    this.#socket?.destroy()
    this.#buffer.leave()
    this.#home.gone(this)
    exchange?.fail(error)
  }

  /** `milliseconds`: 0 for no limit. */
  #wait(milliseconds: number): void {
    this.#deadline = milliseconds > 0 ? performance.now() + milliseconds : Infinity
    if (this.#deadline < this.#timerEnds) this.#setTimer(milliseconds)
  }

  #setTimer(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timerEnds = performance.now() + milliseconds
    this.#timer = setTimeout(() => this.#look(), Math.min(milliseconds, longestTimer))
    // A connection that waits keeps no process alive.
    this.#timer.unref()
  }

  #look(): void {
    this.#timerEnds = Infinity
    const left = this.#deadline - performance.now()
    if (left > 0) {
      if (left < Infinity) this.#setTimer(Math.ceil(left))
      return
    }
    // Whoever does not read is not waited for here.
    if (this.#paused) return
    if (this.#body === undefined) this.#end(new WireError('HEAD_TIMEOUT', 'the answer did not begin in time'))
    else this.#end(new WireError('BODY_TIMEOUT', 'the answer stopped for too long'))
  }
}

function isRepeatable({ repeated, head }: Exchange): boolean {
  return !repeated && head.idempotent && head.streamed === undefined
}

/** Not what TLS or the time says: after those it is not certain that nothing was said. */
function isClosed(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined
  return code === 'CLOSED_EARLY' || code === 'ECONNRESET' || code === 'EPIPE'
}

function closedEarly(): WireError {
  return new WireError('CLOSED_EARLY', 'the other side closed the connection')
}
