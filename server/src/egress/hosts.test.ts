import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileHosts, hostMatches, isLoopbackName, parseHostPattern, type HostPattern } from './hosts.ts'

function pattern(text: string): HostPattern {
  const parsed = parseHostPattern(text)
  if ('error' in parsed) throw new Error(parsed.error)
  return parsed
}

function matches(patterns: string | string[], url: string): boolean {
  return hostMatches([patterns].flat().map(pattern), new URL(url))
}

describe('parseHostPattern', () => {
  test.each([
    ['api.example.com', { host: 'api.example.com', wildcard: false }],
    ['API.Example.COM.', { host: 'api.example.com', wildcard: false }],
    ['*.example.com', { host: 'example.com', wildcard: true }],
    ['*.example.com:8443', { host: 'example.com', wildcard: true, port: 8443 }],
    ['api.example.com:443', { host: 'api.example.com', wildcard: false, port: 443 }],
    ['bücher.example', { host: 'xn--bcher-kva.example', wildcard: false }],
    ['*.BÜCHER.example', { host: 'xn--bcher-kva.example', wildcard: true }],
    ['a_b.example.com', { host: 'a_b.example.com', wildcard: false }],
    ['localhost', { host: 'localhost', wildcard: false }],
    ['localhost:3000', { host: 'localhost', wildcard: false, port: 3000 }],
    ['*.localhost', { host: 'localhost', wildcard: true }],
    ['10.0.0.7', { host: '10.0.0.7', wildcard: false }],
    ['[::1]', { host: '[::1]', wildcard: false }],
    ['[2001:DB8:0::1]:8080', { host: '[2001:db8::1]', wildcard: false, port: 8080 }],
    ['*.amazonaws.com', { host: 'amazonaws.com', wildcard: true }],
  ])('reads %s', (text, expected) => {
    expect(parseHostPattern(text)).toEqual(expected)
  })

  test.each([
    ['', 'empty'],
    ['https://api.example.com', 'scheme'],
    ['api.example.com/v1', 'path'],
    ['api.example.com\\v1', 'path'],
    ['api.example.com?x', 'path'],
    ['api.example.com#x', 'path'],
    ['user@api.example.com', 'user-info'],
    ['user:secret@api.example.com', 'user-info'],
    ['api.example.com:0', 'port'],
    ['api.example.com:65536', 'port'],
    ['api.example.com:', 'port'],
    ['api.example.com:http', 'port'],
    ['api.example.com:0443', 'port'],
    ['a:1:2', 'port'],
    ['*', '* in the wrong place'],
    ['*.*.example.com', '* in the wrong place'],
    ['api.*.example.com', '* in the wrong place'],
    ['api*.example.com', '* in the wrong place'],
    ['*example.com', '* in the wrong place'],
    ['example.com.*', '* in the wrong place'],
    ['*.', 'not a host'],
    ['.example.com', 'not a host'],
    ['a..b', 'not a host'],
    ['example.com..', 'not a host'],
    ['api.exam ple.com', 'space'],
    ['api.example.com\n', 'space'],
    ['api\t.example.com', 'space'],
    ['api%2eexample.com', 'percent'],
    ['[::1', 'not a host'],
    ['[example.com]', 'not a host'],
    ['::1', 'brackets'],
    ['999.1.1.1', 'not a host'],
    ['*.10.0.0.7', 'wildcard of an IP'],
    ['*.[::1]', 'wildcard of an IP'],
    ['*.0x7f.1', 'wildcard of an IP'],
    ['*.com', 'unrelated owners'],
    ['*.COM.', 'unrelated owners'],
    ['*.co.uk', 'unrelated owners'],
    ['*.github.io', 'unrelated owners'],
    ['*.github.io:8443', 'unrelated owners'],
    ['*.ck', 'unrelated owners'],
    ['*.compute.amazonaws.com', 'unrelated owners'],
    ['*.anything.ck', 'unrelated owners'],
    ['*.xn--p1ai', 'unrelated owners'],
    ['*.рф', 'unrelated owners'],
    ['*.internal', 'unrelated owners'],
  ])('S-35 refuses %j and says what to write', (text, part) => {
    const parsed = parseHostPattern(text)
    expect('error' in parsed ? parsed.error : 'accepted').toContain(part)
  })
})

describe('hostMatches', () => {
  test.each([
    ['api.example.com', 'https://api.example.com/v1', true],
    ['api.example.com', 'https://API.EXAMPLE.com./v1', true],
    ['api.example.com', 'http://api.example.com/', true],
    ['api.example.com', 'https://api.example.com:443/', true],
    ['api.example.com', 'https://api.example.com:8443/', false],
    ['api.example.com', 'https://api.example.com:80/', false],
    ['api.example.com', 'https://a.api.example.com/', false],
    ['api.example.com', 'https://example.com/', false],
    ['api.example.com', 'https://api.example.com.evil.test/', false],
    ['api.example.com', 'https://api.example.com@evil.test/', false],
    ['api.example.com', 'https://evil.test/api.example.com', false],
    ['api.example.com', 'https://evil.test\\@api.example.com/', false],
    ['api.example.com', 'https://api.example.com../', false],
    ['api.example.com', 'ftp://api.example.com/', false],
    ['api.example.com', 'wss://api.example.com/', false],
    ['api.example.com:8443', 'https://api.example.com:8443/', true],
    ['api.example.com:8443', 'https://api.example.com/', false],
    ['api.example.com:443', 'https://api.example.com/', true],
    ['api.example.com:443', 'http://api.example.com/', false],
    ['*.example.com', 'https://api.example.com/', true],
    ['*.example.com', 'https://a.b.c.example.com./', true],
    ['*.example.com', 'https://example.com/', false],
    ['*.example.com', 'https://notexample.com/', false],
    ['*.example.com', 'https://.example.com/', false],
    ['*.example.com', 'https://api.example.com:8443/', false],
    ['*.example.com:8443', 'https://api.example.com:8443/', true],
    ['bücher.example', 'https://BÜCHER.example/', true],
    ['bücher.example', 'https://xn--bcher-kva.example/', true],
    ['example.com', 'https://ｅxample。com/', true],
    ['localhost', 'http://localhost:4000/', true],
    ['localhost:3000', 'http://localhost:4000/', false],
    ['localhost', 'http://a.localhost:4000/', false],
    ['*.localhost', 'http://a.localhost:4000/', true],
    ['127.0.0.1', 'http://127.0.0.1:4000/', true],
    ['127.0.0.1', 'http://0x7f.1:4000/', true],
    ['127.0.0.1', 'http://127.0.0.2:4000/', false],
    ['[::1]', 'http://[0:0::1]:4000/', true],
    ['10.0.0.7', 'http://10.0.0.7:4000/', false],
    ['10.0.0.7:4000', 'http://10.0.0.7:4000/', true],
  ])('S-35 %s against %s is %s', (text, url, expected) => {
    expect(matches(text, url)).toBe(expected)
  })

  test('S-35 one matching entry of several is enough, and none matches nothing', () => {
    expect(matches(['api.example.com', '*.example.org'], 'https://a.example.org/')).toBe(true)
    expect(matches([], 'https://a.example.org/')).toBe(false)
  })

  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/).filter((text) => !text.startsWith('xn--'))
  const domain = fc
    .tuple(label, label, fc.constantFrom('com', 'org', 'co.uk', 'test'))
    .map((labels) => labels.join('.'))
  const name = fc.tuple(fc.array(label, { maxLength: 3 }), domain).map(([subs, base]) => [...subs, base].join('.'))
  const readable = (text: string): HostPattern[] => {
    const parsed = parseHostPattern(text)
    return 'error' in parsed ? [] : [parsed]
  }

  test('S-35 a host that does not end with the suffix of the pattern never matches', () => {
    fc.assert(
      fc.property(domain, name, fc.boolean(), (base, host, wildcard) => {
        fc.pre(wildcard ? !host.endsWith(`.${base}`) : host !== base)
        expect(hostMatches(readable(wildcard ? `*.${base}` : base), new URL(`https://${host}/`))).toBe(false)
      }),
    )
  })

  test('S-35 every subdomain at any depth matches its wildcard, in any case and with a trailing dot', () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), fc.boolean(), fc.boolean(), (subs, upper, dot) => {
        const host = `${subs.join('.')}.example.com`
        const spelled = `${upper ? host.toUpperCase() : host}${dot ? '.' : ''}`
        expect(matches('*.example.com', `https://${spelled}/`)).toBe(true)
      }),
    )
  })

  test('S-35 no spelling around a foreign host makes it match', () => {
    const wanted = ['api.example.com', '*.example.org', 'localhost', '10.0.0.7:8443'].map(pattern)
    const part = fc.oneof(
      fc.constantFrom('api.example.com', 'a.example.org', 'localhost', '@', ':', '.', '/', '\\', '#', '?', '%2e', '。'),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    )
    const text = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, domain, text, (before, foreign, after) => {
        const url = `https://${before}${foreign}${after}`
        fc.pre(URL.canParse(url))
        const { hostname } = new URL(url)
        // Where the URL really leads, said without our code.
        const lawful = /^(api\.example\.com|(.+\.)?[^.]+\.example\.org|localhost|10\.0\.0\.7)\.?$/.test(hostname)
        fc.pre(!lawful)
        expect(compileHosts(wanted)(new URL(url))).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
})

test('isLoopbackName knows names and literals that stay on this machine', () => {
  const yes = ['localhost', 'LOCALHOST.', 'app.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '::1']
  const no = ['localhost.example.com', 'mylocalhost', '127.example.com', '128.0.0.1', '[::2]', '']
  expect(yes.filter((host) => !isLoopbackName(host))).toEqual([])
  expect(no.filter(isLoopbackName)).toEqual([])
})
