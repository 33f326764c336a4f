import { Readable } from 'node:stream'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requestHead, type WireRequest } from './request.ts'

function head(more: Partial<WireRequest> & { address?: string } = {}) {
  const { address = 'https://api.example.com:8443/v1/x?q=1#part', ...request } = more
  return requestHead({
    url: new URL(address),
    method: 'GET',
    headers: [],
    body: null,
    headTimeout: 0,
    bodyTimeout: 0,
    ...request,
  })
}

const stream = (): Readable => Readable.from([])

describe('what is sent', () => {
  test('the target without its fragment, the URL host as Host, then the headers as they are', () => {
    expect(head({ headers: ['X-A', 'b', 'x-a', ' c\t'] }).text).toBe(
      'GET /v1/x?q=1 HTTP/1.1\r\nHost: api.example.com:8443\r\nX-A: b\r\nx-a:  c\t\r\n\r\n',
    )
  })

  test.each([
    ['http://api.example.com', 'GET / HTTP/1.1\r\nHost: api.example.com\r\n'],
    ['http://[::1]:80/', 'GET / HTTP/1.1\r\nHost: [::1]\r\n'],
    ['http://user:secret@a.test/', 'GET / HTTP/1.1\r\nHost: a.test\r\n'],
    ['http://a.test/%0d%0aX:%20y?%0d%0a', 'GET /%0d%0aX:%20y?%0d%0a HTTP/1.1\r\nHost: a.test\r\n'],
    ['http://a.test/a b\u00e9?c d\u00e9|', 'GET /a%20b%C3%A9?c%20d%C3%A9| HTTP/1.1\r\nHost: a.test\r\n'],
    ['http://a.test//b', 'GET //b HTTP/1.1\r\nHost: a.test\r\n'],
  ])('%s', (address, begin) => {
    expect(head({ address }).text).toBe(`${begin}\r\n`)
  })

  test('a Host that is given is dropped', () => {
    expect(head({ headers: ['hOsT', 'evil.test', 'X', 'y'] }).text).not.toContain('evil')
  })

  test.each<[string, Partial<WireRequest>, string, number | 'chunked' | undefined]>([
    ['GET without a body', {}, '', undefined],
    ['DELETE without a body', { method: 'DELETE' }, '', undefined],
    ['POST without a body (RFC 9110 section 8.6)', { method: 'POST' }, 'Content-Length: 0', undefined],
    ['PUT without a body', { method: 'PUT' }, 'Content-Length: 0', undefined],
    ['PATCH without a body', { method: 'PATCH' }, 'Content-Length: 0', undefined],
    ['bytes', { method: 'POST', body: new Uint8Array(7) }, 'Content-Length: 7', undefined],
    ['no bytes', { body: new Uint8Array(0) }, 'Content-Length: 0', undefined],
    [
      'bytes with a length that is wrong',
      { body: new Uint8Array(3), headers: ['Content-Length', '9'] },
      'Content-Length: 3',
      undefined,
    ],
    ['no body with a length', { headers: ['Content-Length', '9'] }, '', undefined],
    ['a stream', { method: 'POST', body: stream() }, 'Transfer-Encoding: chunked', 'chunked'],
    ['a stream with its length', { body: stream(), headers: ['content-length', '12'] }, 'Content-Length: 12', 12],
    ['a stream that says it is empty', { body: stream(), headers: ['content-length', '0'] }, 'Content-Length: 0', 0],
    [
      'a stream with the same length twice',
      { body: stream(), headers: ['content-length', '3', 'Content-Length', '3'] },
      'Content-Length: 3',
      3,
    ],
  ])('%s: one framing header at the most', (_, request, framing, streamed) => {
    const made = head(request)
    expect(made.text.split('\r\n').filter((line) => /^(content-length|transfer-encoding):/i.test(line))).toEqual(
      framing === '' ? [] : [framing],
    )
    expect(made.streamed).toBe(streamed)
  })

  test('which methods may be repeated (RFC 9110 section 9.2.2)', () => {
    const idempotent = (method: string): boolean => head({ method }).idempotent
    expect(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'].every(idempotent)).toBe(true)
    // Methods are told apart by case (RFC 9110 section 9.1).
    expect(['POST', 'PATCH', 'get', 'PROPFIND', 'MERGE'].some(idempotent)).toBe(false)
  })
})

describe('refused before anything is sent', () => {
  test.each<[string, Partial<WireRequest>]>([
    ['an empty method', { method: '' }],
    ['a method with a space', { method: 'GET /evil' }],
    ['a method with a line break', { method: 'GET\r\n' }],
    ['CONNECT', { method: 'CONNECT' }],
    ['a line break in a value', { headers: ['X', 'a\r\nY: b'] }],
    ['CR in a value', { headers: ['X', 'a\rb'] }],
    ['LF in a value', { headers: ['X', 'a\nb'] }],
    ['LF at the end of a value', { headers: ['X', 'a\n'] }],
    ['NUL in a value', { headers: ['X', 'a\0'] }],
    ['a value beyond Latin-1, whose low byte is a line feed', { headers: ['X', 'a\u010ab'] }],
    ['an empty name', { headers: ['', 'a'] }],
    ['a name with a colon', { headers: ['X:', 'a'] }],
    ['a name with a space', { headers: ['X ', 'a'] }],
    ['a name with a line break', { headers: ['X\r\nY', 'a'] }],
    ['a name beyond ASCII', { headers: ['\u0131d', 'a'] }],
    ['Transfer-Encoding', { headers: ['Transfer-Encoding', 'chunked'] }],
    [
      'Transfer-Encoding beside a length',
      { body: stream(), headers: ['Content-Length', '3', 'transfer-encoding', 'x'] },
    ],
    ['Connection', { headers: ['connection', 'close'] }],
    ['Keep-Alive', { headers: ['KEEP-ALIVE', 'timeout=5'] }],
    ['Upgrade', { headers: ['Upgrade', 'h2c'] }],
    ['Expect', { headers: ['Expect', '100-continue'] }],
    ['the length of a stream with a sign', { body: stream(), headers: ['Content-Length', '+3'] }],
    ['a list of lengths', { body: stream(), headers: ['Content-Length', '3, 3'] }],
    ['two lengths', { body: stream(), headers: ['Content-Length', '3', 'content-length', '4'] }],
    ['a length that is too long', { body: stream(), headers: ['Content-Length', '1'.repeat(16)] }],
  ])('%s', (_, request) => {
    expect(() => head(request)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })

  test('a URL whose path is no path', () => {
    expect(() => head({ address: 'data:text' })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })

  test('a refusal quotes no value', () => {
    for (const headers of [
      ['Authorization', 'secret\r\n'],
      ['secret\r\n', 'x'],
    ])
      expect(() => head({ headers })).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('secret') }),
      )
  })
})

test('nothing that a header, a method or a URL holds begins another header or request', () => {
  const piece = fc.constantFrom(
    '\r\n',
    '\r',
    '\n',
    '\0',
    'a',
    ': ',
    ' ',
    '\u010d\u010a',
    'Content-Length: 5',
    '\xe9',
    'GET / HTTP/1.1',
  )
  const text = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''))
  const name = fc.oneof(fc.constantFrom('X', 'Content-Length', 'Host', 'transfer-encoding'), text)
  let sent = 0
  fc.assert(
    fc.property(
      fc.oneof(fc.constant('GET'), text),
      text,
      fc.array(fc.tuple(name, text), { maxLength: 3 }),
      (method, path, given) => {
        let made: string
        try {
          made = head({ method, address: `http://a.test/${path}?${path}`, headers: given.flat() }).text
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_REQUEST' })
          return
        }
        sent++
        const lines = Buffer.from(made, 'latin1').toString('latin1').split('\r\n')
        const own = given.filter(([key]) => !/^(host|content-length)$/i.test(key))
        expect(lines.slice(-2)).toEqual(['', ''])
        // The request line, Host, and a line for each header; none of them with a line end within.
        expect(lines.slice(2, -2)).toEqual(own.map(([key, value]) => `${key}: ${value}`))
        expect(lines[0]).toMatch(/^[^ ]+ \/[^ ]* HTTP\/1\.1$/)
        expect(lines[1]).toBe('Host: a.test')
        expect(lines.join('')).not.toMatch(/[\r\n\0]/)
      },
    ),
    { numRuns: 3000 },
  )
  expect(sent).toBeGreaterThan(100)
})
