/** Token endpoints that answer in every wrong way: what the person who connects, the caller and the owner are told. */
import type { Sandbox, TokenFailureKind } from '@mooring/sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openCredential } from '../src/connection/bind.ts'
import { startServer, type TestServer } from './harness.ts'
import { connect, consent, sandboxFor } from './sandbox.ts'

let server: TestServer
let sandbox: Sandbox
beforeAll(async () => {
  server = await startServer()
  sandbox = await sandboxFor(server, { accessTokenLifeSeconds: 900 })
})
afterEach(() => sandbox.control.reset())
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

interface Row {
  kind: TokenFailureKind
  /** The provider's word, or ours for an answer that has none. */
  code: string
  /** What `POST …/refresh` answers. */
  status: number
  problem: string
  after: 'active' | 'reauthorization_required'
  /** Whether it is tried again by itself. */
  planned: boolean
}

const rows: Row[] = [
  { kind: 'http_500', code: 'server_error', status: 502, problem: 'provider_error', after: 'active', planned: true },
  { kind: 'http_503', code: 'server_error', status: 502, problem: 'provider_error', after: 'active', planned: true },
  {
    kind: 'http_429',
    code: 'temporarily_unavailable',
    status: 429,
    problem: 'provider_rate_limited',
    after: 'active',
    planned: true,
  },
  { kind: 'html', code: 'server_error', status: 502, problem: 'provider_error', after: 'active', planned: true },
  { kind: 'empty', code: 'not_json', status: 502, problem: 'provider_error', after: 'active', planned: true },
  { kind: 'garbage', code: 'not_json', status: 502, problem: 'provider_error', after: 'active', planned: true },
  { kind: 'redirect', code: 'redirect', status: 502, problem: 'provider_error', after: 'active', planned: true },
  { kind: 'endless', code: 'too_large', status: 502, problem: 'provider_error', after: 'active', planned: true },
  {
    kind: 'invalid_client',
    code: 'invalid_client',
    status: 502,
    problem: 'provider_error',
    after: 'active',
    planned: false,
  },
  {
    kind: 'invalid_grant',
    code: 'invalid_grant',
    status: 409,
    problem: 'reauthorization_required',
    after: 'reauthorization_required',
    planned: false,
  },
  {
    kind: 'error_200',
    code: 'bad_refresh_token',
    status: 409,
    problem: 'reauthorization_required',
    after: 'reauthorization_required',
    planned: false,
  },
]

const sentence = /^[^\n]{10,400}\.$/
const stack = /\n\s+at |node_modules|\.ts:\d/

/** Everything secret that belongs to this connection. */
async function secretsOf(link: string): Promise<string[]> {
  const { store, vault, workspaceId } = server.installation
  const connection = await store.connections.find(workspaceId, link)
  const authorization = connection && (await store.authorizations.find(connection.id, ''))
  const held: unknown = authorization?.credential ? openCredential(vault, authorization) : {}
  const tokens = Object.entries(typeof held === 'object' && held !== null ? held : {})
    .filter(([name]) => name !== 'tokenType')
    .map(([, value]) => String(value))
  return ['sandbox-client-secret', ...tokens]
}

async function leftAlone(link: string): Promise<void> {
  const { store, workspaceId } = server.installation
  const connection = await store.connections.find(workspaceId, link)
  const record = connection && (await store.authorizations.find(connection.id, ''))
  if (record === undefined) throw new Error('not authorized')
  await store.authorizations.update({ ...record, eagerUntil: 0, version: record.version + 1 })
}

describe('S-26 at renewal', () => {
  test.each(rows)('$kind is told as $code', async ({ kind, code, status, problem, after, planned }) => {
    const link = `renew_${kind}`
    await connect(server, 'sandbox_oauth2', link)
    // The schedule would heal it before it is looked at.
    await leftAlone(link)
    const secrets = await secretsOf(link)
    sandbox.control.failToken({ kind, retryAfterSeconds: 7 })
    const answer = await server.call('POST', `/v1/connections/${link}/refresh`)
    expect([answer.status, answer.body['code'], answer.headers.get('retry-after')]).toEqual([
      status,
      problem,
      ['http_429', 'http_503'].includes(kind) ? '7' : null,
    ])
    expect(answer.body['detail']).toMatch(sentence)

    const told = await server.call('GET', `/v1/connections/${link}`)
    expect(told.body).toMatchObject({ status: after, lastError: { code, detail: expect.stringMatching(sentence) } })
    // What asks for nothing but patience needs no hint.
    expect(told.body['lastError']).toMatchObject({ hint: kind === 'http_429' ? null : expect.stringMatching(/\S/) })
    expect(told.body['nextRefreshAt'] !== null).toBe(planned)
    const call = await server.call('GET', `/v1/proxy/${link}/me`)
    expect([call.status, call.body['code']]).toEqual(
      after === 'active' ? [200, undefined] : [409, 'reauthorization_required'],
    )

    const activity = await server.call('GET', `/v1/connections/${link}/activity`)
    expect(activity.body['items']).toContainEqual(
      expect.objectContaining({ type: 'connection.refresh_failed', ok: false, cause: `asked for; ${code}` }),
    )
    const everything = [answer.text, told.text, call.text, activity.text].join('\n')
    expect(everything).not.toMatch(stack)
    expect(secrets.filter((secret) => (everything + server.logged()).includes(secret))).toEqual([])

    if (after === 'active') {
      const healed = await server.call('POST', `/v1/connections/${link}/refresh`)
      expect(healed.body).toMatchObject({ status: 'active', lastError: null, nextRefreshAt: expect.any(String) })
    }
  })
})

describe('at connecting', () => {
  test.each(rows)('$kind is told as $code', async ({ kind, code }) => {
    const link = `connect_${kind}`
    await server.call('POST', '/v1/connections', { name: link, linkName: link, service: 'sandbox_oauth2' })
    const begun = await server.call('POST', `/v1/connections/${link}/authorize`)
    sandbox.control.failToken({ kind })
    const page = await consent(begun)
    const text = await page.text()
    expect(page.status).toBe(400)
    const attempt = await server.call('GET', `/v1/connections/${link}/attempts/${String(begun.body['attempt'])}`)
    const activity = await server.call('GET', `/v1/connections/${link}/activity`)
    expect(attempt.body).toMatchObject({
      state: 'failed',
      diagnosis: { code, title: expect.stringMatching(/\S/), detail: expect.stringMatching(sentence) },
    })
    expect(activity.body['items']).toContainEqual(
      expect.objectContaining({ type: 'connection.authorization_failed', ok: false, cause: code }),
    )
    const everything = [text, attempt.text, activity.text].join('\n')
    expect(everything).not.toMatch(stack)
    expect(everything + server.logged()).not.toContain('sandbox-client-secret')
    expect((await server.call('GET', `/v1/connections/${link}`)).body).toMatchObject({
      status: 'created',
      lastError: null,
    })
  })
})
