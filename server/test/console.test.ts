import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findConsole } from '../src/console.ts'
import { type Answer, startServer, type TestServer } from './harness.ts'

let folder: string
let server: TestServer
let files: string[]

beforeAll(async () => {
  const { consoleFolder } = await import('@mooring/console')
  folder = await consoleFolder(() => undefined)
  files = readdirSync(join(folder, 'console'))
  server = await startServer({ consoleFolder: folder })
}, 120_000)
afterAll(() => server.stop())

/** As a browser asks for a page; nobody is signed in. */
const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', authorization: '' }
const open = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  server.call('GET', path, undefined, { ...page, ...headers })

/** The file whose name begins and ends like this. */
const fileLike = (begin: string, end: string): string =>
  `/console/${files.find((name) => name.startsWith(begin) && name.endsWith(end)) ?? ''}`

/** The path as it is: `fetch` would resolve its dots. */
async function raw(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; etag: string | undefined }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    const sent = request({ hostname, port, path, headers: { ...page, ...headers } }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, etag: response.headers.etag }))
    })
    sent.once('error', reject).end()
  })
}

describe('a page of the console', () => {
  test.each(['/', '/connections', '/connections/crm?connection=crm', '/services/x/security', '/nowhere/at/all'])(
    '%s is the one page, with the strict policy',
    async (path) => {
      const { status, headers, text } = await open(path)
      expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(text).toContain('<div id="root">')
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
          "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'",
      )
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups')
      expect(headers.get('set-cookie')).toBeNull()
    },
  )

  test('is asked for anew each time, and sent only where it has changed', async () => {
    expect((await open('/connections')).headers.get('cache-control')).toBe('no-cache')
    // Not with `fetch`, which asks for the whole of it where somebody names an ETag.
    const { etag = '' } = await raw('/connections')
    expect(etag).not.toBe('')
    expect(await raw('/services', { 'if-none-match': etag })).toEqual({ status: 304, text: '', etag })
    expect((await raw('/services', { 'if-none-match': 'W/"another"' })).status).toBe(200)
  })

  test('names files of our own only, by their hash, and fetches the font with the script', async () => {
    const { text } = await open('/')
    const named = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '')
    expect(named.length).toBeGreaterThan(2)
    for (const address of named) expect(address).toMatch(/^\/console\/(?:[\w-]+-[\w-]{8}\.(?:js|css|woff2)|icon\.svg)$/)
    expect(text).toMatch(/<link rel="preload" as="font" [^>]*inter-latin-wght-normal-[\w-]+\.woff2" crossorigin/)
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=/)
    for (const address of named) expect((await open(address)).status).toBe(200)
  })

  test('comes to HEAD without its body, and to nothing that writes', async () => {
    const head = await server.call('HEAD', '/connections', undefined, page)
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([200, '', 'text/html; charset=utf-8'])
    expect((await server.call('POST', '/connections', {}, page)).body).toMatchObject({ code: 'not_found' })
  })

  test('is no answer to a program: it gets a problem', async () => {
    for (const accept of ['application/json', '*/*']) {
      const { status, headers, body } = await server.call('GET', '/connections', undefined, { accept })
      expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json; charset=utf-8'])
      expect(body).toMatchObject({ code: 'not_found' })
    }
  })

  test.each(['/v1/nothing', '/oauth/nothing', '/connect/nothing', '/assets/nothing', '/oidc/nothing'])(
    'is no answer below %s, whoever asks',
    async (path) => {
      expect((await open(path)).text).not.toContain('<div id="root">')
    },
  )
})

describe('a file of the console', () => {
  test('is kept for good where its name has its hash', async () => {
    for (const [begin, end] of [
      ['index-', '.js'],
      ['index-', '.css'],
      ['inter-latin-wght', '.woff2'],
    ] as const) {
      const { status, headers } = await open(fileLike(begin, end))
      expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
    expect((await open('/console/icon.svg')).headers.get('cache-control')).toBe('no-cache')
  })

  test.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['identity', null],
  ])('comes as the browser takes it: %s', async (accepted, encoding) => {
    const script = fileLike('index-', '.js')
    const response = await fetch(server.url + script, { headers: { 'accept-encoding': accepted } })
    expect([response.status, response.headers.get('content-encoding')]).toEqual([200, encoding])
    expect(response.headers.get('content-type')).toBe('application/javascript; charset=utf-8')
    expect(response.headers.get('vary')?.toLowerCase()).toContain('accept-encoding')
    expect((await response.text()).length).toBeGreaterThan(100_000)
    const index = await fetch(server.url, { headers: { ...page, 'accept-encoding': accepted } })
    expect([index.status, index.headers.get('content-encoding')]).toEqual([200, encoding])
    expect(await index.text()).toContain('<div id="root">')
  })

  test('that is not there is 404, also to a browser, and never the page', async () => {
    for (const path of ['/console/gone-12345678.js', '/console/', '/console', '/console/sub/x.css']) {
      const { status, body } = await open(path)
      expect([path, status, body['code']]).toEqual([path, 404, 'not_found'])
    }
  })

  test.each([
    '/console/../index.html',
    '/console/../.sources',
    '/console/..%2f.sources',
    '/console/%2e%2e/.vite/manifest.json',
    '/console/..%5c.sources',
    '/console/....//.sources',
    '/console//etc/passwd',
    '/console/%00',
    '/console/%',
    '/.sources',
    '/.vite/manifest.json',
    '/console/.sources',
  ])('%s leads nowhere else', async (path) => {
    for (const accept of [page.accept, 'application/json']) {
      const { status, text } = await raw(path, { accept })
      expect(text).not.toMatch(/^[0-9a-f]{64}$|src\/pages|root:/)
      // Beyond the files there is only the page itself.
      if (status === 200) expect(text).toContain('<div id="root">')
      else expect([400, 404]).toContain(status)
    }
  })
})

describe('without the console', () => {
  const lines: string[] = []
  const log = {
    info: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
    error: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
  }

  test('that is not wanted, not installed, or cannot be built, the API is served', async () => {
    expect(await findConsole(false, log)).toBeUndefined()
    expect(lines).toEqual([])
    expect(await findConsole(true, log, () => Promise.reject(new Error('no such package')))).toBeUndefined()
    expect(lines.splice(0).join('')).toContain('the console is not installed')
    const broken = { consoleFolder: () => Promise.reject(new Error('a syntax error in a page')) }
    expect(await findConsole(true, log, () => Promise.resolve(broken))).toBeUndefined()
    expect(lines.splice(0).join('')).toContain('the API is served without it')

    const bare = await startServer()
    expect((await bare.call('GET', '/v1/system')).status).toBe(200)
    expect((await bare.call('GET', '/', undefined, page)).body).toMatchObject({ code: 'not_found' })
    await bare.stop()
  })

  test('that is there, it is found', async () => {
    expect(await findConsole(true, log)).toBe(folder)
  })
})
