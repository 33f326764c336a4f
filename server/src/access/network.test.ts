import { describe, expect, test } from 'vitest'
import { matcherOf, networkOf, originOf } from './network.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['1:2:3:4:5:6:7:8:9::1', '1:2:3:4'],
  ['', ''],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

describe('where a request comes from', () => {
  const trusted = matcherOf(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'])
  test.each([
    ['203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['::ffff:10.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['10.0.0.1', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
    ['10.0.0.1', '6.6.6.6, 1.1.1.1, 192.0.2.1', '1.1.1.1'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.2'],
    ['10.0.0.1', 'nonsense, 192.0.2.1', '192.0.2.1'],
    ['10.0.0.1', '1.1.1.1, nonsense', '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['', '1.1.1.1', ''],
    ['2001:db8::7', '2001:4860::1', '2001:4860::1'],
  ])('%s that forwards for %s is %s', (peer, forwarded, origin) => {
    expect(originOf(peer, forwarded, trusted)).toBe(origin)
  })

  test('nobody is trusted where nobody is named', () => {
    expect(originOf('10.0.0.1', '1.1.1.1', matcherOf([]))).toBe('10.0.0.1')
  })
})
