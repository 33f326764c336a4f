import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WireError } from './error.ts'
import { type Head, parseHead } from './head.ts'

const ok = 'HTTP/1.1 200 OK'

/** The rule that a head breaks. */
function refusal(text: string): string {
  try {
    parseHead(text)
  } catch (error) {
    if (error instanceof WireError && error.code === 'BAD_ANSWER') return error.message
    throw error
  }
  return 'accepted'
}

describe('status lines (RFC 9112 section 4)', () => {
  test.each<[string, string, Partial<Head>]>([
    ['a reason', 'HTTP/1.1 200 OK', { minor: 1, status: 200, reason: 'OK' }],
    ['an empty reason', 'HTTP/1.1 200 ', { status: 200, reason: '' }],
    ['no reason and no space, which section 4 wants and some leave out', 'HTTP/1.1 404', { status: 404, reason: '' }],
    ['a reason of several words', 'HTTP/1.1 404 Not  Found\there', { reason: 'Not  Found\there' }],
    ['a reason with obs-text', 'HTTP/1.1 200 Trouv\xe9', { reason: 'Trouv\xe9' }],
    ['HTTP/1.0 (RFC 9110 section 2.5)', 'HTTP/1.0 200 OK', { minor: 0, status: 200 }],
    ['the least status', 'HTTP/1.1 100 Continue', { status: 100 }],
    ['a class without a meaning (RFC 9110 section 15)', 'HTTP/1.1 999 x', { status: 999 }],
  ])('accepts %s', (_, text, head) => {
    expect(parseHead(text)).toMatchObject({ ...head, headers: [] })
  })

  test.each([
    ['another major version', 'HTTP/2.0 200 OK'],
    ['a minor version that is not known', 'HTTP/1.2 200 OK'],
    ['a version of two digits', 'HTTP/1.10 200 OK'],
    ['a version in lower case (section 2.3)', 'http/1.1 200 OK'],
    ['no version', '200 OK'],
    ['nothing', ''],
    ['a space before it', ' HTTP/1.1 200 OK'],
    ['a line end before it', '\r\nHTTP/1.1 200 OK'],
    ['two spaces before the status', 'HTTP/1.1  200 OK'],
    ['a tab before the status', 'HTTP/1.1\t200 OK'],
    ['status 099', 'HTTP/1.1 099 x'],
    ['status 1000', 'HTTP/1.1 1000 x'],
    ['a status of two digits', 'HTTP/1.1 20 x'],
    ['a signed status', 'HTTP/1.1 +20 x'],
    ['a status in other digits', 'HTTP/1.1 2\xb2\xb2 x'],
    ['no space behind the status', 'HTTP/1.1 200OK'],
    ['NUL in the reason', 'HTTP/1.1 200 O\0K'],
    ['a bare CR in the reason', 'HTTP/1.1 200 O\rK'],
    ['a bare LF, which would begin a header for some', 'HTTP/1.1 200 OK\nX: y'],
    ['a bare CR at the end', 'HTTP/1.1 200 OK\r'],
    ['DEL in the reason', 'HTTP/1.1 200 O\x7fK'],
  ])('refuses %s', (_, text) => {
    expect(refusal(text)).toBe('not HTTP/1.1: the status line')
  })
})

describe('header lines (RFC 9112 section 5, RFC 9110 section 5)', () => {
  test.each<[string, string, string[]]>([
    ['no space behind the colon', 'X:y', ['X', 'y']],
    ['whitespace around the value (RFC 9112 section 5.1)', 'X:\t  y z \t ', ['X', 'y z']],
    ['an empty value', 'X:', ['X', '']],
    ['a value of whitespace', 'X: \t', ['X', '']],
    ['a colon in the value', 'X: a:b', ['X', 'a:b']],
    ['every character of a token (RFC 9110 section 5.6.2)', "!#$%&'*+-.^_`|~09azAZ: 1", ["!#$%&'*+-.^_`|~09azAZ", '1']],
    ['obs-text in a value (RFC 9110 section 5.5)', 'X: \x80\xff', ['X', '\x80\xff']],
    ['a tab in a value', 'X: a\tb', ['X', 'a\tb']],
    ['repeats, in their order and case', 'A: 1\r\nb: 2\r\na: 3', ['A', '1', 'b', '2', 'a', '3']],
    ['a very long value', `X: ${'v'.repeat(30_000)}`, ['X', 'v'.repeat(30_000)]],
  ])('accepts %s', (_, lines, headers) => {
    expect(parseHead(`${ok}\r\n${lines}`).headers).toEqual(headers)
  })

  test.each([
    ['a space before the colon (RFC 9112 section 5.1)', 'X : y', 'a header name'],
    ['a tab before the colon', 'X\t: y', 'a header name'],
    ['no colon', 'X y', 'a header name'],
    ['no colon, with one in the next line', 'X\r\nY: z', 'a header name'],
    ['an empty name', ': y', 'a header name'],
    ['an empty line in the middle', 'X: y\r\n\r\nZ: a', 'a header name'],
    ['a space in a name', 'X Y: z', 'a header name'],
    ['a separator in a name', 'X(Y): z', 'a header name'],
    ['obs-text in a name', 'X\xe9: z', 'a header name'],
    ['NUL in a name', 'X\0: z', 'a header name'],
    ['a bare LF in a name', 'X\nY: z', 'a header name'],
    ['a bare CR in a name', 'X\rY: z', 'a header name'],
    ['NUL in a value (RFC 9110 section 5.5)', 'X: a\0b', 'a header value'],
    ['a bare CR in a value (RFC 9112 section 2.2)', 'X: a\rY: b', 'a header value'],
    ['a bare CR at the end of a value', 'X: a\r', 'a header value'],
    ['a bare LF in a value', 'X: a\nY: b', 'a header value'],
    ['a control character in a value', 'X: a\x1bb', 'a header value'],
    ['DEL in a value', 'X: a\x7fb', 'a header value'],
    ['a line that goes on (RFC 9112 section 5.2)', 'X: a\r\n b', 'a header name'],
    ['a line that goes on, with what looks like a header', 'X: a\r\n Y: b', 'a header name'],
    ['a line that goes on with a tab', 'X: a\r\n\tb', 'a header name'],
    ['a line that goes on with nothing', 'X: a\r\n ', 'a header name'],
    ['a first line that goes on from nothing (RFC 9112 section 2.2)', ' X: y', 'a header name'],
  ])('refuses %s', (_, lines, rule) => {
    expect(refusal(`${ok}\r\n${lines}`)).toBe(`not HTTP/1.1: ${rule}`)
  })

  test('a refusal quotes nothing of what was sent', () => {
    for (const text of ['secret', `${ok}\r\nsecret`, `${ok}\r\nX: secret\0`, `${ok}\r\n secret`])
      expect(refusal(text)).toMatch(/^not HTTP\/1\.1: a header|^not HTTP\/1\.1: the status line/)
  })
})

const tchar = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".split('')
const name = fc.string({ unit: fc.constantFrom(...tchar), minLength: 1, maxLength: 20 })
const vchar = fc.oneof(fc.integer({ min: 0x21, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff }))
const text = fc
  .array(fc.oneof(vchar, fc.constantFrom(0x20, 0x09)), { maxLength: 30 })
  .map((codes) => String.fromCharCode(...codes).replaceAll(/^[ \t]+|[ \t]+$/g, ''))

test('what is written is read as it was', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 999 }),
      text,
      fc.array(fc.tuple(name, text), { maxLength: 8 }),
      fc.constantFrom('', ' ', '\t', '  '),
      (status, reason, headers, blank) => {
        const lines = headers.map(([key, value]) => `\r\n${key}:${blank}${value}${blank}`)
        expect(parseHead(`HTTP/1.1 ${status} ${reason}${lines.join('')}`)).toEqual({
          minor: 1,
          status,
          reason,
          headers: headers.flat(),
        })
      },
    ),
  )
})

test('whatever is read has no character that could end a line', () => {
  const noise = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', '\0', ':', ' ', 'a', 'X: y'), maxLength: 12 })
  let accepted = 0
  fc.assert(
    fc.property(noise, (lines) => {
      if (refusal(`${ok}\r\n${lines}`) !== 'accepted') return
      accepted++
      const { headers } = parseHead(`${ok}\r\n${lines}`)
      expect(headers.join('')).not.toMatch(/[\r\n\0]/)
    }),
    { numRuns: 2000 },
  )
  expect(accepted).toBeGreaterThan(0)
})
