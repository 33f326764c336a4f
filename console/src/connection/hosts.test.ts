import { expect, test } from 'vitest'
import { targetOf } from './hosts.ts'

const service = {
  hosts: ['api.example.com', '*.example.org', 'other.example:8443', '{site}.example.net', 'localhost'],
  anyHost: false,
  baseUrl: 'https://{site}.example.net/v2/',
}
const connection = { parameters: { site: 'acme' } }

test.each([
  ['/me', 'https://acme.example.net/v2/me', true],
  ['me?x=1', 'https://acme.example.net/v2/me?x=1', true],
  ['?x=1', 'https://acme.example.net/v2?x=1', true],
  ['https://api.example.com/me', 'https://api.example.com/me', true],
  ['HTTPS://API.EXAMPLE.COM/me', 'https://api.example.com/me', true],
  ['https://a.b.example.org/', 'https://a.b.example.org/', true],
  ['https://example.org/', 'https://example.org/', false],
  ['https://badexample.org/', 'https://badexample.org/', false],
  ['https://other.example:8443/', 'https://other.example:8443/', true],
  ['https://other.example/', 'https://other.example/', false],
  ['https://api.example.com:8443/', 'https://api.example.com:8443/', false],
  ['http://localhost:3000/x', 'http://localhost:3000/x', true],
  ['https://acme.example.net/x', 'https://acme.example.net/x', true],
  ['https://evil.example.net/x', 'https://evil.example.net/x', false],
  ['ftp://api.example.com/x', 'ftp://api.example.com/x', false],
])('%s is %s, allowed: %s', (path, url, allowed) => {
  const target = targetOf(path, service, connection)
  expect([target.url?.href, target.allowed]).toEqual([url, allowed])
})

test('a service for any host, and one without a base URL', () => {
  expect(targetOf('https://x.example/', { ...service, anyHost: true }, connection).allowed).toBe(true)
  expect(targetOf('/me', { ...service, baseUrl: null }, connection).url).toBeUndefined()
  expect(targetOf('https://', service, connection)).toEqual({ url: undefined, allowed: false })
})
