/**
 * What sockets read into. Bytes that node would allocate for every read, and collect again, make most of the cost of a
 * long answer; so they are read into memory that is used again.
 *
 * All connections begin with one common buffer: reading is synchronous, and who wants to keep what is in it makes a copy.
 * A connection whose answer goes on gets one of its own, whose bytes can be lent until they are written.
 */
const size = 65_536
/**
 * A shorter part is copied: what a slow reader makes wait would otherwise hold this many times its own size, a byte a
 * whole buffer.
 */
const worthLending = size / 8
/** Buffers that wait for the next long answer; what is over is left to the collector. */
const kept = 32

const common = Buffer.allocUnsafeSlow(size)
const free: Own[] = []

/** Bytes that stay as they are until `release` is called; undefined: for good. */
export interface Kept {
  bytes: Buffer
  release: (() => void) | undefined
}

class Own {
  readonly buffer = Buffer.allocUnsafeSlow(size)
  /** Parts that are lent. */
  lent = 0
  /** Whether a connection reads into it. */
  used = true

  giveBack(): void {
    if (!this.used && this.lent === 0 && free.length < kept) free.push(this)
  }
}

/** What one connection reads into. */
export class ReadBuffer {
  #own: Own | undefined

  /** For the next read. `more`: the answer goes on. */
  next(more: boolean): Buffer {
    if (!more) {
      this.leave()
      return common
    }
    if (this.#own !== undefined && this.#own.lent > 0) this.leave()
    if (this.#own === undefined) {
      this.#own = free.pop() ?? new Own()
      this.#own.used = true
    }
    return this.#own.buffer
  }

  /** Of bytes that have just been read. */
  keep(bytes: Buffer): Kept {
    const own = this.#own
    if (own === undefined || bytes.length < worthLending || bytes.buffer !== own.buffer.buffer)
      return { bytes: Buffer.from(bytes), release: undefined }
    own.lent++
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      own.lent--
      own.giveBack()
    }
    return { bytes, release }
  }

  leave(): void {
    const own = this.#own
    if (own === undefined) return
    this.#own = undefined
    own.used = false
    own.giveBack()
  }
}
