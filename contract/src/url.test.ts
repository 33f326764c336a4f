import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUrl, endpointUrl, urlBreak } from './fields.ts'
import { fieldErrors } from './issues.ts'

describe('urls by "Decisions", URL format notes', () => {
  test.each([
    'https://accounts.example.com/oauth/v2/token',
    'http://localhost:9080/token',
    'https://accounts.example.com/oauth/v2/auth?access_type=offline&prompt=consent',
    'https://example.com:8443/t',
    'https://example.com/token.php',
    'https://example.com/a@b',
    'https://[::1]:8080/token',
    'HTTPS://Example.com/Token',
    'https://bücher.example/token',
    'https://{domain}.example.com/oauth/token',
    'https://{domain}/oauth/token',
    'https://example.com/{tenant}/oauth2/token',
    'https://example.com/token?realm={realm}',
    '{accountsServer}/oauth/v2/token',
  ])('takes %s for an endpoint', (url) => {
    expect(urlBreak(url, 'endpoint')).toBeUndefined()
  })

  test.each([
    ['', 'whole URL'],
    ['example.com/token', 'whole URL'],
    ['/oauth/token', 'whole URL'],
    ['//example.com/token', 'whole URL'],
    ['https:example.com/token', 'whole URL'],
    ['https:/example.com/token', 'whole URL'],
    ['https:///token', 'whole URL'],
    ['https://', 'whole URL'],
    ['https://?a=b', 'whole URL'],
    ['https://example.com:99999/token', 'whole URL'],
    ['https://exa mple.com/token', 'spaces'],
    [' https://example.com/token', 'spaces'],
    ['https://example.com/token\n', 'spaces'],
    ['https://example.com\\token', 'backslashes'],
    ['https://example.com/to\0ken', 'control characters'],
    ['ftp://example.com/token', 'whole URL'],
    ['javascript:alert(1)', 'whole URL'],
    ['{scheme}://example.com/token', 'https://'],
    ['{host}.example.com/token', 'whole URL'],
    ['https://user@example.com/token', 'user name'],
    ['https://user:word@example.com/token', 'user name'],
    ['https://@example.com/token', 'user name'],
    ['https://{user}@example.com/token', 'user name'],
    ['https://example.com/token#part', '#'],
    ['https://example.com/token#', '#'],
    ['https://example.com', 'path'],
    ['https://example.com/', 'path'],
    ['https://example.com/?a=b', 'path'],
    ['https://example.com/a/..', 'path'],
    ['{accountsServer}', 'path'],
    ['{accountsServer}/', 'path'],
  ])('refuses %j for an endpoint, speaking of %j', (url, word) => {
    const broken = urlBreak(url, 'endpoint')
    expect(broken?.code).toBe('invalid_url')
    expect(broken?.message).toContain(word)
    expect(broken?.message).toMatch(/^[A-Z].*\.$/)
  })

  test('takes a base URL without a path, and refuses a query in one', () => {
    for (const url of [
      'https://api.example.com',
      'https://api.example.com/v2/',
      'https://{dc}.example.com',
      '{apiDomain}',
    ]) {
      expect(urlBreak(url, 'base')).toBeUndefined()
    }
    expect(urlBreak('https://api.example.com/v2?a=b', 'base')?.message).toContain('query')
    expect(urlBreak('https://api.example.com/v2?', 'base')?.message).toContain('query')
  })

  test('holds URLs to 2048 characters and says one thing about an empty one', () => {
    const start = 'https://example.com/'
    expect(endpointUrl.safeParse(start + 'a'.repeat(2048 - start.length)).success).toBe(true)
    expect(endpointUrl.safeParse(start + 'a'.repeat(2049 - start.length)).success).toBe(false)
    expect(fieldErrors(baseUrl.safeParse('').error?.issues ?? [])).toEqual([
      { path: '', code: 'required', message: 'Fill this in.' },
    ])
  })

  test('takes every URL made of such parts, and none once a part is spoilt', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/)
    const path = fc.array(fc.stringMatching(/^[A-Za-z0-9_.~-]{1,10}$/), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(label, path, fc.constantFrom('', '?a=b', '?scope=a%20b'), (host, segments, query) => {
        fc.pre(segments.every((segment) => !/^\.{1,2}$/.test(segment)))
        const rest = `${host}.example.com/${segments.join('/')}${query}`
        expect(urlBreak(`https://${rest}`, 'endpoint')).toBeUndefined()
        for (const spoilt of [`https://u@${rest}`, `https://${rest}#`, `gopher://${rest}`, `https://${rest} `, rest]) {
          expect(urlBreak(spoilt, 'endpoint')).toBeDefined()
        }
      }),
    )
  })
})
