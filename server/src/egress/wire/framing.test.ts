import { describe, expect, test } from 'vitest'
import { WireError } from './error.ts'
import { type Framing, framingOf } from './framing.ts'
import { parseHead } from './head.ts'

function framing(lines: string, method = 'GET', status = '1.1 200'): Framing {
  return framingOf(method, parseHead(`HTTP/${status} x${lines.replaceAll(/(?:^|\n)/g, '\r\n')}`))
}

function refusal(lines: string, method = 'GET', status = '1.1 200'): string {
  try {
    framing(lines, method, status)
  } catch (error) {
    if (error instanceof WireError && error.code === 'BAD_ANSWER') return error.message.replace('not HTTP/1.1: ', '')
    throw error
  }
  return 'accepted'
}

describe('where an answer ends (RFC 9112 section 6.3)', () => {
  const chunked = 'Transfer-Encoding: chunked'
  const length = 'Content-Length: 5'

  test.each([
    ['HEAD', '1.1 200', length],
    ['HEAD', '1.1 200', chunked],
    ['HEAD', '1.0 200', 'X: y'],
    ['GET', '1.1 204', 'X: y'],
    ['GET', '1.1 204', length],
    ['POST', '1.1 204', chunked],
    ['GET', '1.1 304', length],
    ['GET', '1.1 304', chunked],
    ['GET', '1.1 304', 'X: y'],
    ['GET', '1.1 150', length],
  ])('rule 1: %s, %s, %s has no body', (method, status, lines) => {
    expect(framing(lines, method, status).body).toBe(0)
  })

  test.each([
    ['HEAD', '1.1 200', 'Content-Length: 5\nContent-Length: 6'],
    ['GET', '1.1 204', 'Content-Length: 5x'],
    ['GET', '1.1 304', `${chunked}\n${length}`],
    ['HEAD', '1.1 200', 'Transfer-Encoding: gzip, chunked'],
  ])('%s, %s: what cannot be told apart is refused also where there is no body', (method, status, lines) => {
    expect(refusal(lines, method, status)).not.toBe('accepted')
  })

  test.each([
    [`${chunked}\n${length}`, 'Transfer-Encoding beside Content-Length'],
    [`${length}\n${chunked}`, 'Transfer-Encoding beside Content-Length'],
    [`Content-Length: 0\n${chunked}`, 'Transfer-Encoding beside Content-Length'],
    ['Transfer-Encoding: gzip, chunked', 'a transfer coding that was not asked for'],
    ['Transfer-Encoding: chunked, gzip', 'a transfer coding that was not asked for'],
    ['Transfer-Encoding: gzip\nTransfer-Encoding: chunked', 'a transfer coding that was not asked for'],
    ['Transfer-Encoding: identity', 'a transfer coding that was not asked for'],
    ['Transfer-Encoding:', 'a transfer coding that was not asked for'],
    ['Transfer-Encoding: xchunked', 'a transfer coding that was not asked for'],
    ['Transfer-Encoding: chunked;q=1', 'a transfer coding that was not asked for'],
    ['Transfer-Encoding: "chunked"', 'a transfer coding that was not asked for'],
    ['Transfer-Encoding: chunked, chunked', 'a transfer coding that was not asked for'],
    [`${chunked}\n${chunked}`, 'a transfer coding that was not asked for'],
  ])('rules 3 and 4: %j is refused', (lines, rule) => {
    expect(refusal(lines)).toBe(rule)
  })

  test('rule 4: Transfer-Encoding in HTTP/1.0 is refused (section 6.1)', () => {
    expect(refusal(chunked, 'GET', '1.0 200')).toBe('Transfer-Encoding in HTTP/1.0')
  })

  test.each(['chunked', 'Chunked', 'CHUNKED', ' chunked \t'])(
    'rule 4: %j is chunked (RFC 9112 section 7)',
    (coding) => {
      expect(framing(`transfer-ENCODING: ${coding}`).body).toBe('chunked')
    },
  )

  test.each([
    '-1',
    '+5',
    '5 5',
    '5, 5',
    '5,6',
    '5,',
    '',
    '0x5',
    '5.0',
    '5e1',
    '٥',
    'five',
    '1_0',
    '1234567890123456',
    '99999999999999999999',
    '5;a',
  ])('rule 5: Content-Length %j is refused', (value) => {
    // Beyond Latin-1 there is nothing on the wire.
    expect(refusal(`Content-Length: ${Buffer.from(value).toString('latin1')}`)).toBe('Content-Length')
  })

  test.each([
    ['Content-Length: 5\nContent-Length: 6', 'two values of Content-Length'],
    ['Content-Length: 5\nX: y\ncontent-length: 05', 'two values of Content-Length'],
    ['Content-Length: 5\nContent-Length:', 'Content-Length'],
    ['Transfer-Encoding: \x0bchunked', 'a header value'],
    ['Transfer-Encoding:\n chunked', 'a header name'],
    ['Content-Length: 5\n 6', 'a header name'],
  ])('rule 5 and section 5: %j is refused', (lines, rule) => {
    expect(refusal(lines)).toBe(rule)
  })

  test.each<[string, number]>([
    ['Content-Length: 0', 0],
    ['Content-Length: 007', 7],
    ['CONTENT-LENGTH:\t5 ', 5],
    ['Content-Length: 999999999999999', 999_999_999_999_999],
    ['Content-Length: 5\nContent-Length: 5', 5],
  ])('rule 6: %j is its length', (lines, body) => {
    expect(framing(lines).body).toBe(body)
  })

  test.each([
    'X: y',
    'Content-Type: text/plain',
    'Content_Length: 5',
    'Transfer_Encoding: chunked',
    'X-Content-Len: 5',
  ])('rule 8: %s ends with its connection', (lines) => {
    expect(framing(`${lines}\nConnection: keep-alive`)).toMatchObject({ body: 'close', persistent: false })
  })
})

describe('whether the connection serves another (RFC 9112 section 9.3)', () => {
  const length = 'Content-Length: 5\n'

  test.each<[string, string, boolean]>([
    ['1.1 200', 'X: y', true],
    ['1.1 200', 'Connection: close', false],
    ['1.1 200', 'Connection: CLOSE', false],
    ['1.1 200', 'Connection: keep-alive, close', false],
    ['1.1 200', 'Connection: keep-alive\nConnection: close', false],
    ['1.1 200', 'Connection: close\nConnection: keep-alive', false],
    ['1.1 200', 'Connection:  upgrade ,\tclose', false],
    ['1.1 200', 'Connection: closed', true],
    ['1.1 200', 'Connection: x-close', true],
    ['1.0 200', 'X: y', false],
    ['1.0 200', 'Connection: keep-alive', true],
    ['1.0 200', 'Connection: Keep-Alive', true],
    ['1.0 200', 'Connection: keep-alive, close', false],
  ])('HTTP/%s with %j: %s', (status, lines, persistent) => {
    expect(framing(length + lines, 'GET', status).persistent).toBe(persistent)
  })

  test.each<[string, string, string, boolean]>([
    ['GET', '1.1 204', 'X: y', true],
    ['GET', '1.1 204', 'Content-Length: 0', true],
    ['GET', '1.1 204', 'Content-Length: 5', false],
    ['GET', '1.1 204', 'Transfer-Encoding: chunked', false],
    ['GET', '1.1 304', 'Content-Length: 5', true],
    ['HEAD', '1.1 200', 'Content-Length: 5', false],
    ['HEAD', '1.1 200', 'X: y', false],
  ])('%s, %s, %s: %s, since a body that must not be there may come', (method, status, lines, persistent) => {
    expect(framing(lines, method, status)).toMatchObject({ body: 0, persistent })
  })

  test.each<[string, number | undefined]>([
    ['Keep-Alive: timeout=5', 5],
    ['Keep-Alive: max=100, timeout=15', 15],
    ['keep-alive: Timeout=7,max=1', 7],
    ['Keep-Alive: timeout=5 max=2', 5],
    ['Keep-Alive: 300', undefined],
    ['Keep-Alive: timeout=', undefined],
    ['Keep-Alive: timeout=-5', undefined],
    ['Keep-Alive: xtimeout=5', undefined],
    ['Keep-Alive: timeout=12345678', 123_456],
    ['X: y', undefined],
  ])('%s is %s seconds', (lines, keepAlive) => {
    expect(framing(length + lines).keepAlive).toBe(keepAlive)
  })
})
