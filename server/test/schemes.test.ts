/**
 * Every authentication type that asks more of an API than to compare a value, from its definition to calls, over HTTP:
 * each API here checks in its own words what it is sent, and refuses what is not right.
 */
import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Auth } from '@mooring/contract'
import { startSandbox } from '@mooring/sandbox'
import { pkcs12, selfSigned } from '../src/egress/certificate.fixture.ts'
import { findScheme, schemes } from '../src/schemes/index.ts'
import { answering, define, type Seen, upstreams, values } from './call_upstream.ts'
import { startServer, type TestServer } from './harness.ts'

/** The examples of the guide, by their type. */
const examples = Array.from(
  readFileSync(new URL('../../docs/guides/authentication-types.md', import.meta.url), 'utf8').matchAll(
    /```json\n([^`]+)```/g,
  ),
  ([, text = '']) => Auth.parse(JSON.parse(text)),
)

describe('the guide', () => {
  test.each(examples.map((auth) => [auth.type, auth] as const))(
    'has a definition of %s that is ready',
    (type, auth) => {
      const scheme = findScheme(type)
      const { type: _, ...definition } = auth
      const parsed = scheme?.fields.safeParse(definition)
      expect(parsed?.error).toBeUndefined()
      // The guide has no room for a whole certificate.
      const errors = scheme?.check(parsed?.data, 'ready').filter(({ path }) => path !== 'clientCertificate')
      expect(errors).toEqual([])
    },
  )

  test('has one of every type', () => {
    const shown = new Set(examples.map(({ type }) => type))
    expect(schemes.map(({ type }) => type).filter((type) => !shown.has(type))).toEqual([])
  })
})

let server: TestServer
const { keep, close } = upstreams(() => server, 'scheme')
const folder = mkdtempSync(join(tmpdir(), 'mooring-schemes-'))
const tls = selfSigned(['localhost'], new Date())
const client = selfSigned(['client'], new Date())
const servers: Server[] = []

const username = 'planted-user'
const password = 'planted-password'
const secret = 'planted-secret'

const one = ({ headers }: Seen, name: string): string => values(headers, name)[0] ?? ''
const hex = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')

/** What an API answers: its status, and headers where it has more to say. */
type Judged = [status: number, headers?: Record<string, string>, body?: string]

interface Case {
  auth: (url: string) => object
  credentials: Record<string, string>
  judge: (seen: Seen) => Judged
  /** What `GET /credentials` shows: a header or parameter and its form. */
  shown: [name: string, form: RegExp]
  /** What the API is asked before it takes a call, for the first and for each later one. */
  before: [first: number, later: number]
  /** Credentials that are refused when they are brought, and with which code. */
  wrong: [credentials: Record<string, string>, code: string]
}

let sessions = 0
const cases: Record<string, Case> = {
  session: {
    auth: (url) => ({
      type: 'session',
      signInUrl: `${url}/login`,
      tokenPath: 'data.token',
      signOutUrl: `${url}/logout`,
    }),
    credentials: { username, password },
    judge(seen) {
      if (seen.url === '/login') {
        const right = JSON.stringify({ username, password }) === seen.body.toString()
        return right ? [200, {}, JSON.stringify({ data: { token: `session-${++sessions}` } })] : [401]
      }
      return one(seen, 'authorization') === `Bearer session-${sessions}` ? [200] : [401]
    },
    shown: ['authorization', /^Bearer session-\d+$/],
    before: [0, 0],
    wrong: [{ username, password: 'another' }, 'credentials_rejected'],
  },
  jwt: {
    auth: () => ({ type: 'jwt', claims: { iss: '{issuer}' }, prompts: [{ key: 'issuer', label: 'Issuer' }] }),
    credentials: { issuer: 'me', key: secret },
    judge(seen) {
      const [header = '', payload = '', signature] = one(seen, 'authorization').replace('Bearer ', '').split('.')
      const right = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url') === signature
      return right && Buffer.from(payload, 'base64url').includes('"iss":"me"') ? [200] : [401]
    },
    shown: ['authorization', /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/],
    before: [0, 0],
    wrong: [{ key: secret }, 'validation_failed'],
  },
  digest: {
    auth: () => ({ type: 'digest' }),
    credentials: { username, password },
    judge(seen) {
      const sent = new Map(
        Array.from(one(seen, 'authorization').matchAll(/(\w+)="?([^",]*)"?/g), ([, name = '', value = '']) => [
          name,
          value,
        ]),
      )
      const of = (name: string): string => sent.get(name) ?? ''
      const a1 = hex('sha256', `${username}:api:${password}`)
      const a2 = hex('sha256', `${seen.method}:${seen.url}`)
      const wanted = hex('sha256', [a1, 'a-nonce', of('nc'), of('cnonce'), 'auth', a2].join(':'))
      return of('response') === wanted && of('uri') === seen.url
        ? [200]
        : [401, { 'www-authenticate': 'Digest realm="api", nonce="a-nonce", algorithm=SHA-256, qop="auth"' }]
    },
    shown: ['authorization', /^Digest username="planted-user", realm="api", uri="\/shown"/],
    before: [1, 0],
    wrong: [{ password }, 'validation_failed'],
  },
  hmac: {
    auth: () => ({ type: 'hmac' }),
    credentials: { keyId: 'k1', secret },
    judge(seen) {
      const text = one(seen, 'x-timestamp') + seen.method + seen.url + seen.body.toString()
      const wanted = createHmac('sha256', secret).update(text).digest('hex')
      return one(seen, 'x-signature') === wanted && one(seen, 'x-api-key') === 'k1' ? [200] : [403]
    },
    shown: ['x-signature', /^[0-9a-f]{64}$/],
    before: [0, 0],
    wrong: [{ keyId: 'k1' }, 'validation_failed'],
  },
  role: {
    auth: (url) => ({
      type: 'aws',
      service: 's3',
      signingRegion: 'auto',
      roleArn: 'arn:aws:iam::1:role/r',
      stsUrl: `${url}/sts`,
    }),
    credentials: { accessKeyId: 'AKIALONG', secretAccessKey: secret },
    judge(seen) {
      const signedBy = /Credential=(\w+)\/\d{8}\/auto\/(\w+)\//.exec(one(seen, 'authorization'))?.slice(1).join(' ')
      if (seen.url === '/sts') {
        const ends = new Date(Date.now() + 3_600_000).toISOString()
        const body = `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIASHORT</AccessKeyId><SecretAccessKey>${secret}-of-role</SecretAccessKey><SessionToken>of-role</SessionToken><Expiration>${ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`
        if (signedBy === 'AKIALONG sts') return [200, {}, body]
        return [
          403,
          {},
          '<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>',
        ]
      }
      return signedBy === 'ASIASHORT s3' && one(seen, 'x-amz-security-token') === 'of-role' ? [200] : [403]
    },
    shown: ['x-amz-security-token', /^of-role$/],
    before: [0, 0],
    wrong: [{ accessKeyId: 'AKIAOTHER', secretAccessKey: secret }, 'credentials_rejected'],
  },
}

const apis: Record<string, { seen: Seen[]; url: string }> = {}

beforeAll(async () => {
  writeFileSync(join(folder, 'ca.pem'), tls.cert)
  server = await startServer({ environment: { MOORING_CA_FILE: join(folder, 'ca.pem') } })
  for (const [name, { auth, credentials, judge }] of Object.entries(cases)) {
    const api = keep(
      await answering((seen, response) => {
        const [status, headers = {}, body = 'ok'] = judge(seen)
        response.writeHead(status, headers).end(body)
      }),
    )
    apis[name] = api
    await define(server, name, api.url, { auth: auth(api.url), credentials })
    api.seen.length = 0
  }
})
afterAll(async () => {
  await server.stop()
  await close()
  for (const each of servers) {
    each.closeAllConnections()
    each.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

describe.each(Object.keys(cases))('%s', (name) => {
  const { auth, shown, before, wrong } = cases[name] ?? expect.fail(name)
  const api = () => apis[name] ?? expect.fail(name)

  test('is taken by the API, through the proxy and through invoke, in as few requests as it takes', async () => {
    const { seen } = api()
    const [first, later] = before
    const proxied = await server.call('POST', `/v1/proxy/${name}/things?b=2&a=1`, { a: 1 })
    expect([proxied.status, proxied.text, seen.length]).toEqual([200, 'ok', first + 1])
    expect(proxied.headers.get('mooring-attempts')).toBe(first === 0 ? null : String(first + 1))
    seen.length = 0
    const invoked = await server.call('POST', `/v1/connections/${name}/invoke`, {
      method: 'PUT',
      url: '/things/1',
      body: { a: [1, 'ü'] },
    })
    expect([invoked.status, invoked.body['status'], invoked.body['attempts']]).toEqual([200, 200, later + 1])
    expect(seen).toHaveLength(later + 1)
    expect(seen.at(-1)?.body.toString()).toBe('{"a":[1,"ü"]}')
  })

  test('S-44 is shown by GET /credentials for the URL that is asked for, and by no other route', async () => {
    const answer = await server.call('GET', `/v1/connections/${name}/credentials?url=%2Fshown`)
    expect(answer.status).toBe(200)
    const headers = Object.entries(answer.body['headers'] ?? {})
    const [header, form] = shown
    expect(headers.find(([each]) => each.toLowerCase() === header)?.[1]).toMatch(form)
    for (const path of [`/v1/connections/${name}`, `/v1/services/${name}`, '/v1/events?limit=100']) {
      const { text } = await server.call('GET', path)
      expect([secret, password].filter((each) => text.includes(each))).toEqual([])
    }
    expect(server.logged()).not.toContain(secret)
  })

  test('is refused when it is brought wrong, and nothing of it is kept', async () => {
    const [credentials, code] = wrong
    const linkName = `wrong_${name}`
    const made = await server.call('POST', '/v1/connections', {
      name: linkName,
      linkName,
      service: { name: linkName, linkName, auth: auth(api().url), baseUrl: api().url },
      credentials,
    })
    expect(made.body['code']).toBe(code)
    expect((await server.call('GET', `/v1/connections/${linkName}`)).body['status']).not.toBe('active')
  })
})

test('a session that the API has ended is begun anew, once, and the call is repeated', async () => {
  const { seen } = apis['session'] ?? expect.fail()
  seen.length = 0
  sessions++
  const answer = await server.call('POST', '/v1/proxy/session/things', { a: 1 })
  expect([answer.status, answer.headers.get('mooring-attempts')]).toEqual([200, '2'])
  expect(seen.map(({ url }) => url)).toEqual(['/things', '/login', '/things'])
})

test('a session is signed out of when its connection is revoked', async () => {
  const { seen } = apis['session'] ?? expect.fail()
  seen.length = 0
  const revoked = await server.call('POST', '/v1/connections/session/revoke')
  expect(revoked.body['providerRevocation']).toBe('done')
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /logout'])
})

test('Digest with a wrong password gives back what the API answered, after one try', async () => {
  const { seen, url } = apis['digest'] ?? expect.fail()
  await define(server, 'digest_wrong', url, {
    auth: { type: 'digest' },
    credentials: { username, password: 'another' },
  })
  seen.length = 0
  const first = await server.call('GET', '/v1/proxy/digest_wrong/things')
  expect([first.status, first.headers.get('mooring-attempts'), seen.length]).toEqual([401, '2', 2])
  expect(first.headers.get('www-authenticate')).toContain('Digest')
  const second = await server.call('POST', '/v1/connections/digest_wrong/invoke', { url: '/things' })
  expect([second.body['status'], second.body['attempts'], seen.length]).toEqual([401, 1, 3])
})

test('of each type the sandbox has one to try, which its probe proves', async () => {
  const sandbox = await startSandbox({ port: 0 })
  try {
    const outcomes: unknown[] = []
    const types = ['digest', 'hmac', 'jwt', 'session']
    for (const { service, credentials } of sandbox.services.filter((each) => types.includes(each.service.auth.type))) {
      const { name } = service
      const made = await server.call('POST', '/v1/connections', {
        name,
        linkName: service.linkName,
        service,
        credentials,
      })
      const verified = typeof made.body['verifiedAt'] === 'string'
      const called = await server.call('POST', `/v1/proxy/${service.linkName}/echo?q=1`, { a: 1 })
      outcomes.push([service.auth.type, made.body['status'], verified, called.status, called.body['ok']])
    }
    expect(outcomes).toEqual(types.map((type) => [type, 'active', true, 200, true]))
  } finally {
    await sandbox.close()
  }
})

describe('mtls', () => {
  /** Answers with whose certificate it was shown, or leads to another place. */
  const secured = async (demanding: boolean, location?: string): Promise<number> => {
    const made = createServer(
      { ...tls, ca: [client.cert], requestCert: true, rejectUnauthorized: demanding },
      ({ socket, url }, response) => {
        const whose = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.subjectAltName : undefined
        if (location !== undefined && url === '/away') response.writeHead(307, { location })
        response.end(whose ?? 'nobody')
      },
    )
    servers.push(made)
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
    const address = made.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }
  let elsewhere = 0
  let api = 0

  beforeAll(async () => {
    elsewhere = await secured(false)
    api = await secured(true, `https://localhost:${elsewhere}/`)
  })

  test.each([
    ['pem', { cert: client.cert, key: client.key }],
    ['pkcs12', { pkcs12: pkcs12(client, 'opens it'), passphrase: 'opens it' }],
  ])(
    '%s: is shown to the API, through the proxy and through invoke, and is part of no request',
    async (format, credentials) => {
      const name = `mtls_${format}`
      await define(server, name, `https://localhost:${api}`, { auth: { type: 'mtls', format }, credentials })
      expect((await server.call('GET', `/v1/proxy/${name}/`)).text).toBe('DNS:client')
      const invoked = await server.call('POST', `/v1/connections/${name}/invoke`, { url: '/' })
      expect(invoked.body).toMatchObject({ status: 200, body: 'DNS:client' })
      const shown = await server.call('GET', `/v1/connections/${name}/credentials`)
      expect(shown.body).toMatchObject({ headers: {}, parameters: {}, form: {}, expiresAt: expect.any(String) })
    },
  )

  test('S-35 does not follow a redirect away from the hosts', async () => {
    const answer = await server.call('POST', '/v1/connections/mtls_pem/invoke', { url: '/away' })
    expect(answer.body).toMatchObject({ status: 200, body: 'nobody', url: `https://localhost:${elsewhere}/` })
  })

  test('a pair that does not fit is refused when it is brought, with the field', async () => {
    const other = selfSigned(['other'], new Date())
    const made = await server.call('POST', '/v1/connections', {
      name: 'mtls wrong',
      service: { name: 'mtls wrong', auth: { type: 'mtls' }, baseUrl: `https://localhost:${api}` },
      credentials: { cert: client.cert, key: other.key },
    })
    expect([made.status, made.body['errors']]).toMatchObject([422, [{ path: 'credentials.key' }]])
  })
})
