import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerHeaders, hasHeader, requestHeaders } from './headers.ts'

const hop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
const ours = ['Mooring-User', 'mooring-retry', 'MOORING-Error', 'Mooring-']
const name = fc.oneof(
  fc.constantFrom(
    'X-A',
    'x-a',
    'Accept',
    'Content-Length',
    'Set-Cookie',
    'Authorization',
    'COOKIE',
    'Host',
    'Expect',
    'X-Key',
    ...hop,
    ...ours,
  ),
  fc.string({ unit: fc.constantFrom('a', 'B', '-', '_', '1'), minLength: 1, maxLength: 6 }),
)
const value = fc.oneof(
  fc.constantFrom('x-a', 'X-A , accept', 'close, x-key', ',,', 'keep-alive'),
  fc.string({ maxLength: 8 }),
)
const list = fc.array(fc.tuple(name, value), { maxLength: 12 }).map((pairs) => pairs.flat())

function pairs(flat: string[]): string[] {
  return flat.flatMap((text, index) => (index % 2 === 0 ? [`${text}: ${flat[index + 1]}`] : []))
}

describe('S-37 headers of one hop', () => {
  test('what is kept stands in the order and the words it came in, and nothing forbidden is kept', () => {
    fc.assert(
      fc.property(list, (raw) => {
        const kept = requestHeaders(raw, ['x-key'])
        const named = raw.flatMap((text, index) =>
          index % 2 === 0 && text.toLowerCase() === 'connection'
            ? (raw[index + 1] ?? '')
                .toLowerCase()
                .split(',')
                .map((word) => word.trim())
            : [],
        )
        const given = pairs(raw)
        let from = 0
        for (const pair of pairs(kept)) {
          const at = given.indexOf(pair, from)
          expect(at).toBeGreaterThanOrEqual(from)
          from = at + 1
        }
        for (const forbidden of [...hop, 'authorization', 'cookie', 'host', 'expect', 'x-key'])
          expect([forbidden, hasHeader(kept, forbidden)]).toEqual([forbidden, false])
        for (const [index, text] of kept.entries()) {
          if (index % 2 === 1) continue
          expect(text.toLowerCase().startsWith('mooring-')).toBe(false)
          expect(['', ...named.filter((word) => word !== 'close' && word !== 'keep-alive')]).not.toContain(
            text.toLowerCase(),
          )
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('an answer keeps its cookies and its length, and loses what could pass for ours', () => {
    fc.assert(
      fc.property(list, (raw) => {
        const kept = answerHeaders(raw)
        for (const forbidden of hop) expect([forbidden, hasHeader(kept, forbidden)]).toEqual([forbidden, false])
        expect(kept.some((text, index) => index % 2 === 0 && text.toLowerCase().startsWith('mooring-'))).toBe(false)
      }),
      { numRuns: 1000 },
    )
    const raw = ['Set-Cookie', 'a', 'set-cookie', 'b', 'Content-Length', '1', 'Content-Encoding', 'br']
    expect(answerHeaders(raw)).toEqual(raw)
  })
})
