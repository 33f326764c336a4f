/** The chunked transfer coding, read as it comes (RFC 9112 section 7.1). */
import { badAnswer } from './error.ts'

/** Bytes of one line: a chunk's size with its extensions, or a trailer; and of all trailers. */
const longestLine = 8192
const longestTrailers = 32_768
/** Bad whitespace is allowed before an extension only. Extensions mean nothing to us (section 7.1.1). */
const sizeLine = /^([0-9A-Fa-f]{1,12})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/
const trailer = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/
/** What must not be said so late (RFC 9110 section 6.5.1), and would be heard by some. */
const framing = /^(?:content-length|transfer-encoding):/i
const lf = 0x0a
const cr = 0x0d

type Step = 'size' | 'data' | 'data end' | 'trailer' | 'done'

export class Chunked {
  #step: Step = 'size'
  /** Bytes of the chunk that are still to come. */
  #left = 0
  /** The line so far, where it came in parts. */
  #line = ''
  #trailers = 0

  get done(): boolean {
    return this.#step === 'done'
  }

  /**
   * Gives the bytes of the body to `data`, in the parts they came in. Returns how many bytes belong to this body: fewer
   * than all where it ends among them. Throws WireError (BAD_ANSWER). `data` may stop the reading by returning false;
   * what is left is then to be given again.
   */
  read(bytes: Buffer, data: (part: Buffer) => boolean): number {
    let at = 0
    while (at < bytes.length && this.#step !== 'done') {
      if (this.#step === 'data') {
        const part = bytes.subarray(at, at + this.#left)
        at += part.length
        this.#left -= part.length
        if (this.#left === 0) this.#step = 'data end'
        if (!data(part)) return at
        continue
      }
      const end = bytes.indexOf(lf, at)
      this.#line += bytes.toString('latin1', at, end === -1 ? bytes.length : end + 1)
      if (this.#line.length > longestLine) throw badAnswer('a line of the chunked coding is too long')
      if (end === -1) return bytes.length
      at = end + 1
      if (this.#line.charCodeAt(this.#line.length - 2) !== cr) throw badAnswer('a line end of the chunked coding')
      const line = this.#line.slice(0, -2)
      this.#line = ''
      this.#take(line)
    }
    return at
  }

  #take(line: string): void {
    switch (this.#step) {
      case 'size': {
        const [, size] = sizeLine.exec(line) ?? []
        if (size === undefined) throw badAnswer('the size of a chunk')
        this.#left = Number.parseInt(size, 16)
        this.#step = this.#left === 0 ? 'trailer' : 'data'
        break
      }
      case 'data end':
        if (line !== '') throw badAnswer('what follows a chunk')
        this.#step = 'size'
        break
      case 'trailer':
        // Trailers are not passed on: none of them may change what was said before (RFC 9110 section 6.5.1).
        this.#trailers += line.length
        if (this.#trailers > longestTrailers) throw badAnswer('the trailers are too long')
        if (line === '') this.#step = 'done'
        else if (!trailer.test(line) || framing.test(line)) throw badAnswer('a trailer')
        break
      case 'data':
      case 'done':
        break
    }
  }
}
