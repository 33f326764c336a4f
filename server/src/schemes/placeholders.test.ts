import { describe, expect, test } from 'vitest'
import { fill, keepsHost, letsAnyHostIn, matches } from './placeholders.ts'

describe('filling in', () => {
  test('names without a value stay, and nothing but own properties is taken', () => {
    expect(fill({ a: ['{x}/{y}', 3], b: '{toString}' }, { x: '1' })).toEqual({ a: ['1/{y}', 3], b: '{toString}' })
  })
})

describe('patterns', () => {
  test('must match the whole value', () => {
    expect(matches('eu|us', 'eu')).toBe(true)
    expect(matches('eu|us', 'eu.evil')).toBe(false)
  })
  test('leave the slash at the end of a URL alone', () => {
    expect(matches('^https://a\\.example/$', 'https://a.example')).toBe(true)
    expect(matches('^https://a\\.example$', 'https://a.example/')).toBe(true)
  })
  test('that backtrack without end take nothing', () => {
    expect(matches('(a+)+b', 'a'.repeat(40))).toBe(false)
  })
})

describe('api.md: a value may never change the registrable part of the host beyond the pattern', () => {
  const wide = '^https://.*\\.example\\.com$'
  test.each([
    ['https://acme.example.com', true],
    ['https://acme.example.com:8443', false],
    ['https://evil.test/.example.com', false],
    ['https://evil.test#.example.com', false],
    ['https://evil.test?.example.com', false],
    ['https://evil.test\\.example.com', false],
    ['https://user@evil.example.com', false],
    ['https://evil.test/a/../.example.com', false],
  ])('a whole URL: %s', (value, good) => {
    expect(matches(wide, value) && keepsHost('{base}/api', 'base', value, wide)).toBe(good)
  })
  test.each([
    ['acme', true],
    ['acme.eu', true],
    ['evil.test/', false],
    ['evil.test:443/', false],
    ['evil.test?', false],
    ['evil.test#', false],
    ['evil.test\\', false],
    ['user@evil', false],
    ['a b', false],
    ['', false],
  ])('a part of a host: %s', (value, good) => {
    expect(keepsHost('https://{tenant}.example.com/api', 'tenant', value, '.*')).toBe(good)
  })
  test('a whole URL does not stand inside of another', () => {
    expect(keepsHost('https://{tenant}.example.com', 'tenant', 'https://evil.test', '.*')).toBe(false)
  })
  test('in a path a value is free', () => {
    expect(keepsHost('https://example.com/{account}', 'account', 'a/b?c', '.*')).toBe(true)
  })
})

describe('patterns that let any host in', () => {
  test.each([
    ['{base}/api', '.*', true],
    ['{base}/api', 'https://[^/]+', true],
    ['https://{base}/api', '[A-Za-z0-9.-]+(:[0-9]{1,5})?', true],
    ['https://www.{base}/api', '[a-z.-]+', true],
    ['{base}', '[A-Za-z0-9.-]+', true],
    ['{base}/api', '^https://[a-z]+\\.example\\.(com|eu)$', false],
    ['https://{base}.example.com/api', '.*', false],
    ['https://example.com/{base}', '.*', false],
  ])('%s with %s', (text, pattern, wide) => {
    expect(letsAnyHostIn(text, 'base', pattern)).toBe(wide)
  })
})
