/** Everything that leads a request back to this machine or into its network, by every way out that a caller has. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callRaw, define, head } from './call_upstream.ts'
import { type Answer, startServer, type TestServer } from './harness.ts'

let server: TestServer
/** What must never be reached; it listens on every address of this machine, and over IPv6. */
let canary: Server
let port = 0
let reached: string[] = []
/** The one endpoint that this deployment allows. Sends on to whatever its query names. */
let allowed: Server
let allowedUrl = ''

const portOf = (listening: Server): number => (listening.address() as AddressInfo).port
const listen = (listening: Server, host: string): Promise<void> =>
  new Promise((resolve) => void listening.listen(0, host, resolve))

/** As bytes, for headers are Latin-1; control characters cannot stand in one. */
const inHeader = (text: string): string =>
  Buffer.from(text.replaceAll(/\p{Cc}/gu, encodeURIComponent), 'utf8').toString('latin1')

beforeAll(async () => {
  canary = createServer((request, response) => {
    reached.push(`${request.headers.host}${request.url}`)
    response.end('the inside')
  })
  canary.on('connection', () => reached.push('a connection'))
  await listen(canary, '::')
  port = portOf(canary)
  allowed = createServer((request, response) => {
    const to = new URL(request.url ?? '/', 'http://x').searchParams.get('to')
    if (to === null) response.end('allowed')
    else response.writeHead(307, { Location: inHeader(to) }).end()
  })
  await listen(allowed, '127.0.0.1')
  allowedUrl = `http://127.0.0.1:${portOf(allowed)}`
  server = await startServer({ environment: { MOORING_EGRESS_ALLOW: `127.0.0.1:${portOf(allowed)}` } })
  await define(server, 'open', allowedUrl, { service: { anyHost: true } })
})
afterAll(async () => {
  await server.stop()
  for (const one of [canary, allowed]) {
    one.closeAllConnections()
    one.close()
  }
})

/** `{port}`: the canary's. */
const hosts = [
  '127.0.0.1:{port}',
  '127.1:{port}',
  '127.0.1:{port}',
  '127.255.255.254:{port}',
  '2130706433:{port}',
  '0x7f000001:{port}',
  '0x7f.0.0.1:{port}',
  '0x7f.1:{port}',
  '017700000001:{port}',
  '0177.0.0.1:{port}',
  '0177.0.0.01:{port}',
  '0x7F.0x0.00.0x1:{port}',
  '0:{port}',
  '0.0.0.0:{port}',
  '0x0:{port}',
  '127.0.0.1.:{port}',
  '127.0.0.1..:{port}',
  'localhost:{port}',
  'LOCALHOST:{port}',
  'localhost.:{port}',
  'api.localhost:{port}',
  '[::1]:{port}',
  '[0:0:0:0:0:0:0:1]:{port}',
  '[::]:{port}',
  '[::ffff:127.0.0.1]:{port}',
  '[::ffff:7f00:1]:{port}',
  '[0:0:0:0:0:FFFF:7F00:0001]:{port}',
  '[::127.0.0.1]:{port}',
  '[::ffff:0:127.0.0.1]:{port}',
  '[64:ff9b::127.0.0.1]:{port}',
  '[64:ff9b::7f00:1]:{port}',
  '[64:ff9b:1::7f00:1]:{port}',
  '[2002:7f00:1::]:{port}',
  '[2001:0:808:808:0:0:80ff:fffe]:{port}',
  '[fe80::1]:{port}',
  '[fe80::1%25lo]:{port}',
  '[fec0::1]:{port}',
  '[fc00::1]:{port}',
  '[ff02::1]:{port}',
  '①②⑦.⓪.⓪.①:{port}',
  '１２７.０.０.１:{port}',
  '127。0。0。1:{port}',
  '127．0．0．1:{port}',
  'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}',
  'loc\u00adalhost:{port}',
  'localhost%2e:{port}',
  '%6c%6f%63%61lhost:{port}',
  '127%2e0%2e0%2e1:{port}',
  'somebody:secret@127.0.0.1:{port}',
  'api.example.com@127.0.0.1:{port}',
  'api.example.com%40127.0.0.1:{port}',
  '127.0.0.1:{port}\\@api.example.com',
  '127.0.0.1:{port}#@api.example.com',
  '127.0.0.1:{port}?@api.example.com',
  '127.0.0.1:{port}/@api.example.com',
  '\\\\127.0.0.1:{port}',
  '/127.0.0.1:{port}',
  '127.0.0.1:0{port}',
  '127.0.0.1:+{port}',
  '127.0.0.1:22',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '127.0.0.1:-1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '0xA9FEA9FE',
  '2852039166',
  '169.254.43518',
  '0251.0376.0251.0376',
  '[::ffff:a9fe:a9fe]',
  '[fd00:ec2::254]',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '198.18.0.1',
  '203.0.113.1',
  '224.0.0.1',
  '255.255.255.255',
  '',
  '.',
  '..',
]
const schemes = ['http', 'https']
const whole = [
  'ftp://127.0.0.1:{port}/',
  'file:///etc/passwd',
  'file://127.0.0.1/etc/passwd',
  'gopher://127.0.0.1:{port}/_GET',
  'dict://127.0.0.1:{port}/',
  'ws://127.0.0.1:{port}/',
  'data://text/plain,x',
  'javascript://127.0.0.1:{port}/%0aalert(1)',
  'blob:http://127.0.0.1:{port}/x',
  'http:\\\\127.0.0.1:{port}/',
  'ht\ttp://127.0.0.1:{port}/',
  'http://127.0.0.1\n:{port}/',
  ' http://127.0.0.1:{port}/',
  '\u0000http://127.0.0.1:{port}/',
]
const urls = (): string[] =>
  [...hosts.flatMap((host) => schemes.map((scheme) => `${scheme}://${host}/inside?x=1`)), ...whole].map((text) =>
    text.replaceAll('{port}', String(port)),
  )

const ours = new Set(['host_not_allowed', 'egress_blocked', 'malformed_request', 'validation_failed'])
/** A name that nobody has leads nowhere; whether a machine knows `localhost.` is its own affair. */
const nowhere = /Could not reach \S+ \(name (?:not found|resolution)\)/
const refused = ({ status, body, text }: Pick<Answer, 'status' | 'body' | 'text'>): boolean =>
  !text.includes('the inside') &&
  (([400, 403, 422].includes(status) && ours.has(String(body['code']))) || (status === 502 && nowhere.test(text)))

/** All that were not refused, in words. */
async function notRefused(ask: (url: string) => Promise<Answer>): Promise<string[]> {
  reached = []
  const got: string[] = []
  for (const url of urls()) {
    const answer = await ask(url)
    if (!refused(answer)) got.push(`${JSON.stringify(url)}: ${answer.status} ${answer.text.slice(0, 200)}`)
  }
  return got
}

describe('S-31 S-32 S-34 a service that may call any host', () => {
  test('does not get inside through invoke', async () => {
    // Without a scheme and two slashes it is a path under the base URL, which is no way inside.
    const isUrl = (url: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(url)
    const got = await notRefused(async (url) => {
      const answer = await server.call('POST', '/v1/connections/open/invoke', { url })
      return isUrl(url) || answer.body['body'] !== 'allowed'
        ? answer
        : { ...answer, status: 400, body: { code: 'malformed_request' } }
    })
    expect([got, reached]).toEqual([[], []])
  })

  test('does not get inside through the proxy, written plainly or encoded', async () => {
    for (const write of [
      (url: string): string => encodeURIComponent(url),
      (url: string): string => encodeURI(url.replaceAll('%', '\u{e000}')).replaceAll(encodeURI('\u{e000}'), '%'),
    ]) {
      const got = await notRefused(async (url) => {
        const answer = await callRaw(server, head('GET', `/v1/proxy/open/${write(url)}`))
        const text = answer.body.toString()
        const known: unknown = text.startsWith('{') ? JSON.parse(text) : {}
        if (text === 'allowed')
          return { status: 400, body: { code: 'malformed_request' }, text, headers: new Headers() }
        return { status: answer.status, body: known as Record<string, unknown>, text, headers: new Headers() }
      })
      expect([got, reached]).toEqual([[], []])
    }
  })

  test('does not get inside by a redirect of an API', async () => {
    const got = await notRefused(async (url) => {
      const to = encodeURIComponent(url)
      const answer = await server.call('POST', '/v1/connections/open/invoke', { url: `${allowedUrl}/?to=${to}` })
      // What cannot be read as a place is an answer like another, and one that stays is no way inside.
      const { status, body } = answer.body
      return answer.status === 200 && (status === 307 || body === 'allowed')
        ? { ...answer, status: 403, body: { code: 'egress_blocked' } }
        : answer
    })
    expect([got, reached]).toEqual([[], []])
  })

  test('does not get inside through its token endpoint', async () => {
    reached = []
    const got: string[] = []
    for (const [index, tokenUrl] of urls().entries()) {
      const auth = { type: 'oauth2', grantType: 'client_credentials', clientId: 'x', clientSecret: 'y', tokenUrl }
      const name = `inside_${index}`
      const service = { name, linkName: name, auth, hosts: ['api.example.com'] }
      const answer = await server.call('POST', '/v1/connections', { name, linkName: name, service })
      const { status, lastError } = answer.body
      // Where the definition is accepted, asking for the token fails.
      if (!refused(answer) && (status !== 'created' || JSON.stringify(lastError).includes('the inside')))
        got.push(`${tokenUrl}: ${answer.status} ${answer.text.slice(0, 300)}`)
    }
    expect([got, reached]).toEqual([[], []])
  })

  test('reaches what is allowed, so that the refusals above say something', async () => {
    const plain = await server.call('GET', '/v1/proxy/open/')
    const invoked = await server.call('POST', '/v1/connections/open/invoke', {
      url: `${allowedUrl}/?to=${allowedUrl}/x`,
    })
    expect([plain.text, invoked.body['body']]).toEqual(['allowed', 'allowed'])
    await fetch(`http://127.0.0.1:${port}/`)
    await fetch(`http://[::1]:${port}/`)
    expect(reached).toContain(`127.0.0.1:${port}/`)
    expect(reached).toContain(`[::1]:${port}/`)
  })
})

describe('a placeholder that a connection fills in', () => {
  test.each([
    '127.0.0.1:80/',
    '127.0.0.1#',
    '127.0.0.1?',
    'a@127.0.0.1',
    'a.b',
    'evil.example.com/',
    'x:22',
    '..',
    '%2e%2e',
    'x\\',
    'x/y',
    'ⓛⓞⓒⓐⓛ',
    'x\r\ny',
    '',
    '-x',
  ])('cannot lead elsewhere with %j', async (sub) => {
    await server.call('POST', '/v1/services', {
      name: 'Tenants',
      linkName: 'tenants',
      stage: 'ready',
      auth: { type: 'bearer' },
      baseUrl: 'https://{sub}.example.com/v1',
      placeholders: [{ name: 'sub', label: 'Subdomain' }],
    })
    const made = await server.call('POST', '/v1/connections', {
      name: 'Tenant',
      service: 'tenants',
      parameters: { sub },
      credentials: { token: 'x' },
    })
    expect([made.status, made.body['code']]).toEqual([422, 'validation_failed'])
  })
})
