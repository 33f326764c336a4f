import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Chunked } from './chunked.ts'
import { WireError } from './error.ts'

interface Read {
  body: Buffer
  /** Bytes that belong to the body, as `read` returned them. */
  taken: number
  done: boolean
}

/** As a connection does: part for part, with what is behind the body in it. */
function readAll(parts: readonly Buffer[]): Read {
  const coding = new Chunked()
  const data: Buffer[] = []
  let taken = 0
  for (const part of parts) {
    if (coding.done) break
    taken += coding.read(part, (bytes) => {
      data.push(Buffer.from(bytes))
      return true
    })
  }
  return { body: Buffer.concat(data), taken, done: coding.done }
}

function split(bytes: Buffer, at: readonly number[]): Buffer[] {
  const cuts = [0, ...at.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end))
}

const extension = fc.constantFrom('', ';a', ';a=b', ' ; a="b;c" ;d', ';', ';\xe9')
const trailers = fc.constantFrom('', 'X-Sum: 1\r\n', 'A:\r\nB: c d\r\n', "!#$%&'*+-.^_`|~: \xe9\r\n")
const encoded = fc
  .record({
    chunks: fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), extension, fc.nat(4), fc.boolean()), {
      maxLength: 6,
    }),
    last: fc.constantFrom('0', '000', '0;last'),
    trailers,
  })
  .map(({ chunks, last, trailers: end }) => ({
    body: Buffer.concat(chunks.map(([data]) => data)),
    coded: Buffer.concat([
      ...chunks.map(([data, more, zeros, upper]) => {
        const hex = data.length.toString(16)
        const size = '0'.repeat(zeros) + (upper ? hex.toUpperCase() : hex)
        return Buffer.concat([Buffer.from(`${size}${more}\r\n`, 'latin1'), data, Buffer.from('\r\n')])
      }),
      Buffer.from(`${last}\r\n${end}\r\n`, 'latin1'),
    ]),
  }))

test('any body in any chunks and any parts comes out as it was, and what is behind it is left', () => {
  fc.assert(
    fc.property(
      encoded,
      fc.uint8Array({ maxLength: 20 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (given, behind, at) => {
        const parts = split(Buffer.concat([given.coded, behind]), at)
        expect(readAll(parts)).toEqual({ body: given.body, taken: given.coded.length, done: true })
      },
    ),
    { numRuns: 500 },
  )
})

test('given byte for byte it is the same, and it is never done before its last', () => {
  fc.assert(
    fc.property(encoded, ({ body, coded }) => {
      const bytes = Array.from(coded, (_, index) => coded.subarray(index, index + 1))
      expect(readAll(bytes)).toEqual({ body, taken: coded.length, done: true })
      expect(readAll(bytes.slice(0, -1)).done).toBe(false)
    }),
  )
})

test('reading can be stopped after each part and goes on where it stopped', () => {
  const coded = Buffer.from('3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\nrest')
  const coding = new Chunked()
  const got: string[] = []
  let at = 0
  while (!coding.done) {
    at += coding.read(coded.subarray(at), (bytes) => {
      got.push(bytes.toString())
      return false
    })
  }
  expect({ got, at }).toEqual({ got: ['abc', 'de'], at: coded.length - 'rest'.length })
})

describe('refused (RFC 9112 section 7.1)', () => {
  const size = 'the size of a chunk'
  const line = 'a line end of the chunked coding'
  const behind = 'what follows a chunk'
  test.each([
    ['a signed size', '+5\r\nhello\r\n', size],
    ['a negative size', '-1\r\n', size],
    ['0x', '0x5\r\nhello\r\n', size],
    ['an h', '5h\r\nhello\r\n', size],
    ['a space before the size', ' 5\r\nhello\r\n', size],
    ['a space behind the size', '5 \r\nhello\r\n', size],
    ['a tab behind the size', '5\t\r\nhello\r\n', size],
    ['a space in the size', '1 0\r\n', size],
    ['an underscore', '1_0\r\n', size],
    ['no size', '\r\nhello\r\n', size],
    ['an extension without a size', ';a=b\r\n', size],
    ['more than 2 to the power of 48', '1000000000000\r\n', size],
    ['so many digits that the number overflows', `${'f'.repeat(17)}\r\n`, size],
    ['leading zeros without end', `${'0'.repeat(13)}5\r\n`, size],
    ['NUL in an extension', '5;a\0\r\nhello\r\n', size],
    ['a bare CR in an extension', '5;a\rb\r\nhello\r\n', size],
    ['a bare LF behind the size (section 2.2)', '5\nhello\r\n', line],
    ['a bare LF in an extension', '5;a\nb\r\nhello\r\n', line],
    ['a bare LF behind a chunk', '5\r\nhello\n0\r\n\r\n', line],
    ['LF CR', '5\n\rhello\r\n', line],
    ['CR CR LF', '5\r\r\nhello\r\n', size],
    ['a chunk longer than said', '5\r\nhello!\r\n0\r\n\r\n', behind],
    ['a chunk shorter than said', '6\r\nhello\r\n0\r\n\r\n', line],
    ['no line end behind a chunk', '5\r\nhello0\r\n\r\n', behind],
    ['two line ends behind a chunk', '5\r\nhello\r\n\r\n0\r\n\r\n', size],
    ['a trailer without a colon', '0\r\nX\r\n\r\n', 'a trailer'],
    ['a trailer with a space before its colon', '0\r\nX : y\r\n\r\n', 'a trailer'],
    ['a trailer that says a length', '0\r\ncontent-LENGTH: 3\r\n\r\n', 'a trailer'],
    ['a trailer that says a coding', '0\r\nTransfer-Encoding: chunked\r\n\r\n', 'a trailer'],
    ['a trailer that goes on', '0\r\nX: y\r\n z\r\n\r\n', 'a trailer'],
    ['a trailer with a control character', '0\r\nX: \x01\r\n\r\n', 'a trailer'],
    ['a trailer that ends with a bare LF', '0\r\nX: y\n\r\n', line],
    ['an end with a bare LF', '0\r\n\n', line],
    ['a long line', `5;${'a'.repeat(9000)}\r\n`, 'a line of the chunked coding is too long'],
    ['a long line without an end', `5;${'a'.repeat(9000)}`, 'a line of the chunked coding is too long'],
    ['long trailers', `0\r\n${`X: ${'y'.repeat(8000)}\r\n`.repeat(5)}`, 'the trailers are too long'],
  ])('%s', (_, coded, rule) => {
    const whole = Buffer.from(coded, 'latin1')
    const bytewise = Array.from(whole, (__, index) => whole.subarray(index, index + 1))
    for (const parts of [[whole], bytewise]) {
      expect(() => readAll(parts)).toThrow(new WireError('BAD_ANSWER', `not HTTP/1.1: ${rule}`))
    }
  })

  test('nothing that is not said to be data is given as data', () => {
    const noise = fc.string({ unit: fc.constantFrom('\r\n', '\r', '\n', '0', '1', 'a', ';', ' ', 'x'), maxLength: 15 })
    fc.assert(
      fc.property(noise, (coded) => {
        try {
          const { body, done } = readAll([Buffer.from(coded)])
          // Read as section 7.1 writes it, by another way than the code.
          if (done) expect(coded).toMatch(/^(?:[0-9a-f]+(?:[ \t]*;[^\r\n]*)?\r\n(?:[^]*\r\n)?)+\r\n/)
          expect(body.length).toBeLessThanOrEqual(coded.length)
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_ANSWER' })
        }
      }),
      { numRuns: 2000 },
    )
  })
})
