import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import { namedUrl, proxyOptions } from './options.ts'

function refusal(rest: string): unknown {
  try {
    namedUrl(rest)
    return undefined
  } catch (error) {
    return error instanceof MooringError ? error.code : error
  }
}

describe('the URL that a path of the proxy names', () => {
  test.each([
    ['things/1?x=%2F', 'things/1?x=%2F'],
    ['https://host/a', 'https://host/a'],
    ['https:/host/a', 'https://host/a'],
    ['HTTP:/host', 'HTTP://host'],
    ['https%3A%2F%2Fhost%2Fa%3Fb%3D%2526', 'https://host/a?b=%26'],
    ['https%3a%2f%2fhost%2fa?b=%26', 'https://host/a?b=%26'],
    ['https%3A%2F%2Fhost%2F%2541', 'https://host/%41'],
    ['httpsx%3A', 'httpsx%3A'],
    ['', ''],
  ])('%j is %j', (rest, url) => {
    expect(namedUrl(rest)).toBe(url)
  })

  test('any URL comes through, encoded or not', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: false }), (url) => {
        expect(namedUrl(encodeURIComponent(url))).toBe(url)
        expect(namedUrl(url)).toBe(url)
        expect(namedUrl(url.replace('://', ':/'))).toBe(url)
      }),
      { numRuns: 500 },
    )
  })

  test('never throws anything but malformed_request', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `http%3A${text}`),
        ),
        (rest) => {
          expect([undefined, 'malformed_request']).toContain(refusal(rest))
        },
      ),
      { numRuns: 1000 },
    )
  })
})

test('options of a call are read from its headers', () => {
  expect(proxyOptions({})).toEqual({ user: undefined, timeout: undefined, retries: 0 })
  expect(proxyOptions({ 'mooring-user': 'u', 'mooring-timeout': '1.5', 'mooring-retry': '2' })).toEqual({
    user: 'u',
    timeout: 1500,
    retries: 2,
  })
  expect(() => proxyOptions({ 'mooring-retry': '1.5' })).toThrow('mooring-retry')
})
