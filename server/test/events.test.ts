import { connect as connectSocket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Sandbox } from '@mooring/sandbox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callRaw } from './call_upstream.ts'
import { ownerKey, startServer, type TestServer } from './harness.ts'
import { connect, consent, sandboxFor } from './sandbox.ts'

let server: TestServer
let sandbox: Sandbox
beforeAll(async () => {
  server = await startServer()
  sandbox = await sandboxFor(server)
})
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

interface Told {
  id: string
  type: string
  at: string
  actor: string | null
  connection: string | null
  cause: string | null
  detail: string
}

async function told(after = ''): Promise<Told[]> {
  const all: Told[] = []
  for (let cursor = after; ;) {
    const { body } = await server.call('GET', `/v1/events?limit=7${cursor === '' ? '' : `&after=${cursor}`}`)
    all.push(...(body['items'] as Told[]))
    if (typeof body['nextCursor'] !== 'string') return all
    cursor = body['nextCursor']
  }
}

async function lastId(): Promise<string> {
  return (await told()).at(-1)?.id ?? '0'
}

/** Reads a stream until `enough` says so, or it ends. */
async function stream(
  headers: Record<string, string>,
  enough: (text: string) => boolean,
  query = '',
): Promise<{ text: string; status: number; ended: boolean }> {
  const response = await fetch(`${server.url}/v1/events${query}`, {
    headers: { authorization: `Bearer ${ownerKey}`, accept: 'text/event-stream', ...headers },
    signal: AbortSignal.timeout(10_000),
  })
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    // Returning lets go of the body, and so of the connection.
    if (enough(text)) return { text, status: response.status, ended: false }
  }
  return { text, status: response.status, ended: true }
}

const idsIn = (text: string): string[] => Array.from(text.matchAll(/^id: (\d+)$/gm), (match) => match[1] ?? '')

describe('GET /v1/events', () => {
  test('S-27 every change of state is told with its cause and time', async () => {
    const after = await lastId()
    const from = Date.now()
    await connect(server, 'sandbox_oauth2', 'told')
    await server.call('POST', '/v1/connections/told/refresh')
    sandbox.control.failToken({ kind: 'http_429' })
    await server.call('POST', '/v1/connections/told/refresh')
    sandbox.control.failToken({ kind: 'invalid_grant' })
    await server.call('POST', '/v1/connections/told/refresh')
    await consent(await server.call('POST', '/v1/connections/told/authorize'))
    await server.call('PATCH', '/v1/connections/told', { enabled: false })
    await server.call('PATCH', '/v1/connections/told', { enabled: true })
    await server.call('PATCH', '/v1/connections/told', { name: 'Told again' })
    await server.call('POST', '/v1/connections/told/revoke')
    await server.call('POST', '/v1/connections', {
      name: 'Refused',
      service: 'sandbox_bearer',
      linkName: 'refused',
    })
    await server.call('POST', '/v1/connections/refused/authorize', { credentials: { token: 'wrong' } })
    await server.call('DELETE', '/v1/connections/told')
    await server.call('POST', '/v1/services', { name: 'New', stage: 'ready', auth: { type: 'bearer' }, anyHost: true })
    await server.call('PUT', '/v1/services/sandbox_oauth2/secrets', { clientSecret: 'sandbox-client-secret' })
    const key = await server.call('POST', '/v1/api-keys', { name: 'Short', role: 'viewer' })
    await server.call('DELETE', `/v1/api-keys/${String(key.body['id'])}`)
    const events = await told(after)
    expect(events.map(({ type, cause }) => [type, cause])).toEqual([
      ['connection.created', 'asked for'],
      ['connection.authorized', 'authorized by a person'],
      ['connection.refreshed', 'asked for'],
      ['connection.refresh_failed', 'asked for; temporarily_unavailable'],
      ['connection.refresh_failed', 'asked for; invalid_grant'],
      ['connection.reauthorization_required', 'invalid_grant'],
      ['connection.authorized', 'authorized by a person'],
      ['connection.disabled', 'asked for'],
      ['connection.enabled', 'asked for'],
      ['connection.updated', 'asked for'],
      ['connection.revoked', 'asked for'],
      ['connection.created', 'asked for'],
      ['connection.authorization_failed', 'credentials_rejected'],
      ['connection.deleted', 'asked for'],
      ['service.ready', 'asked for'],
      ['service.secrets_replaced', 'asked for'],
      ['api_key.created', 'asked for'],
      ['api_key.deleted', 'asked for'],
    ])
    for (const { at, detail } of events) {
      expect(Date.parse(at)).toBeGreaterThanOrEqual(from)
      expect(detail).not.toBe('')
    }
  })

  test('pages follow each other without gap or repetition, calls are left out', async () => {
    await connect(server, 'sandbox_machine', 'called')
    await server.call('GET', '/v1/proxy/called/me')
    const all = await told()
    expect(all.length).toBeGreaterThan(14)
    expect(new Set(all.map((one) => one.id)).size).toBe(all.length)
    expect(all.map((one) => Number(one.id))).toEqual(all.map((one) => Number(one.id)).toSorted((a, b) => a - b))
    expect(all.filter((one) => one.type === 'connection.invoked')).toEqual([])
    const { body } = await server.call('GET', `/v1/events?after=${all.at(-1)?.id}`)
    expect(body).toEqual({ items: [], nextCursor: null })
  })

  test.each([
    'after=x',
    'after=-1',
    'after=1.5',
    'after=99999999999999999',
    'cursor=abc',
    'limit=0',
    'limit=101',
    'a=b',
  ])('?%s is refused', async (query) => {
    expect((await server.call('GET', `/v1/events?${query}`)).body).toMatchObject({ code: 'validation_failed' })
  })
})

describe('the stream of events', () => {
  test('tells what is there, then what comes, in the words of the pages', async () => {
    const after = await lastId()
    await server.call('POST', '/v1/connections', { name: 'Before', service: 'sandbox_bearer' })
    const reading = stream({}, (text) => idsIn(text).length === 2, `?after=${after}`)
    await wait(200)
    await server.call('POST', '/v1/connections', { name: 'During', service: 'sandbox_bearer' })
    const { text, status } = await reading
    const pages = await told(after)
    expect(status).toBe(200)
    expect(idsIn(text)).toEqual(pages.map((one) => one.id))
    const data = Array.from(text.matchAll(/^data: (.*)$/gm), (match): unknown => JSON.parse(match[1] ?? ''))
    expect(data).toEqual(pages)
    expect(text).toContain('event: connection.created\n')
  })

  test('goes on after Last-Event-ID, which comes before the query', async () => {
    const all = await told()
    const at = all.at(-4)?.id ?? ''
    const { text } = await stream({ 'last-event-id': at }, (said) => idsIn(said).length >= 3, '?after=0')
    expect(idsIn(text)).toEqual(all.slice(-3).map((one) => one.id))
    expect((await stream({ 'last-event-id': 'x' }, () => false)).status).toBe(422)
  })

  test('waits for a slow reader, who misses nothing', async () => {
    const after = await lastId()
    const { hostname, port } = new URL(server.url)
    const socket = connectSocket(Number(port), hostname)
    socket.write(
      `GET /v1/events?after=${after} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${ownerKey}\r\n\r\n`,
    )
    socket.pause()
    const many = 2000
    const { workspaceId, store } = server.installation
    const detail = 'x'.repeat(4000)
    const record = { sequence: 0, workspaceId, type: 'service.ready', at: 1, ok: true, detail, actor: null, user: null }
    const none = { serviceId: null, connectionId: null, cause: null, call: null }
    await store.events.append(Array.from({ length: many }, () => ({ ...record, ...none })))
    await wait(1500)
    // Eight megabytes are waiting; what the system does not take stays in the database, not in memory.
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.resume()
    for (let turn = 0; turn < 400 && idsIn(text).length < many; turn++) await wait(50)
    socket.destroy()
    expect(idsIn(text)).toEqual((await told(after)).map((one) => one.id))
  }, 40_000)

  test('ends when its key is deleted', async () => {
    const made = (await server.call('POST', '/v1/api-keys', { name: 'Reader', role: 'viewer' })).body
    const after = await lastId()
    const reading = stream({ authorization: `Bearer ${String(made['key'])}` }, () => false, `?after=${after}`)
    await wait(300)
    await server.call('DELETE', `/v1/api-keys/${String(made['id'])}`)
    await server.call('POST', '/v1/connections', { name: 'Unseen', service: 'sandbox_bearer' })
    const { ended, text } = await reading
    expect(ended).toBe(true)
    expect(text).not.toContain('Unseen')
  })

  test('is not what a path that cannot be read asks for', async () => {
    const asked = await callRaw(server, 'GET // HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n')
    expect(asked.status).toBe(404)
  })

  test('is open to readers of the workspace only, and to so many', async () => {
    expect((await stream({ authorization: '' }, () => false)).status).toBe(401)
    expect((await stream({ authorization: 'Bearer mk_x' }, () => false)).status).toBe(401)
    const key = (await server.call('POST', '/v1/api-keys', { name: 'I', role: 'invoke', connections: ['called'] })).body
    expect((await stream({ authorization: `Bearer ${String(key['key'])}` }, () => false)).status).toBe(403)
    const leave = new AbortController()
    const after = await lastId()
    // With nothing to read: who leaves megabytes unread is cut off in the end.
    const open = async (): Promise<Response> =>
      fetch(`${server.url}/v1/events?after=${after}`, {
        headers: { authorization: `Bearer ${ownerKey}`, accept: 'text/event-stream' },
        signal: leave.signal,
      })
    // Kept: an answer that nobody holds is closed when it is collected.
    const held: Response[] = []
    for (let n = 0; n < 100; n++) held.push(await open())
    expect(held.map(({ status }) => status)).toEqual(held.map(() => 200))
    const one = await open()
    expect([one.status, one.headers.get('retry-after')]).toEqual([429, '30'])
    expect(await one.json()).toMatchObject({ code: 'rate_limited' })
    // Those that leave make room.
    leave.abort()
    for (let turn = 0; turn < 50; turn++) {
      const { status } = await stream({}, () => true, `?after=${after}`)
      if (status === 200) return
      await wait(50)
    }
    expect.unreachable('no room was made')
  })
})

describe('/metrics', () => {
  const read = async (): Promise<Map<string, number>> => {
    const { text, headers } = await server.call('GET', '/metrics')
    expect(headers.get('content-type')).toContain('text/plain')
    const values = new Map<string, number>()
    for (const line of text.split('\n').filter((one) => one !== '')) {
      if (/^# (HELP|TYPE) [a-z0-9_]+ .+$/.test(line)) continue
      // Prometheus text format: name, labels, value.
      const match = /^([a-z_:][a-z0-9_:]*(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})?) (\S+)$/i.exec(line)
      expect(match, line).not.toBeNull()
      values.set(match?.[1] ?? '', Number(match?.[2]))
    }
    return values
  }

  test('counts calls by class of status, their time, and renewals by outcome', async () => {
    await connect(server, 'sandbox_oauth2', 'counted')
    const before = await read()
    await server.call('POST', '/v1/connections/counted/refresh')
    sandbox.control.failToken({ kind: 'http_503' })
    await server.call('POST', '/v1/connections/counted/refresh')
    await server.mooring.catchUp()
    for (let n = 0; n < 25; n++) await server.call('GET', '/v1/proxy/counted/me')
    await server.call('POST', '/v1/connections/counted/invoke', { url: 'me' })
    await server.call('GET', '/v1/proxy/counted/status/404')
    const after = await read()
    const more = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0)
    expect(more('mooring_calls_total{status="2xx"}') + more('mooring_calls_total{status="4xx"}')).toBe(27)
    expect(more('mooring_calls_total{status="2xx"}')).toBeGreaterThanOrEqual(26)
    expect(more('mooring_call_seconds_count')).toBe(27)
    expect(more('mooring_call_seconds_bucket{le="+Inf"}')).toBe(27)
    // One was asked for; a slow machine may live to see another that is due.
    expect(more('mooring_renewals_total{outcome="renewed"}')).toBeGreaterThanOrEqual(1)
    expect(more('mooring_renewals_total{outcome="failed"}')).toBe(1)
    expect(after.get('mooring_activity_dropped_total')).toBe(0)
    // A change of the connection, told a little later, lets go of it until the next call.
    await expect
      .poll(async () => {
        await server.call('GET', '/v1/proxy/counted/me')
        return (await read()).get('mooring_live_connections')
      })
      .toBeGreaterThan(0)
  })

  test('names no connection and no host', async () => {
    const { text } = await server.call('GET', '/metrics')
    expect(text).not.toMatch(/counted|127\.0\.0\.1|localhost/)
  })
})
