import { once } from 'node:events'
import { connect as connectSocket, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  alive,
  bootstrapKey,
  call,
  childrenOf,
  connectTo,
  newFolder,
  type Process,
  serving,
  startProcess,
  startUpstream,
  until,
  type Upstream,
} from './processes.ts'
import { withinASecond } from './within_a_second.ts'

// Most of the time goes into starting processes.
vi.setConfig({ testTimeout: 90_000 })

interface Setting {
  started: Process
  url: string
  upstream: Upstream
}

async function setUp(workers: number, group = false): Promise<Setting> {
  const upstream = await startUpstream()
  const started = startProcess(
    {
      MOORING_DATA_DIR: newFolder(),
      MOORING_BOOTSTRAP_API_KEY: bootstrapKey,
      MOORING_EGRESS_ALLOW: `127.0.0.1:${upstream.port}`,
      MOORING_WORKERS: String(workers),
    },
    { group },
  )
  const url = await serving(started, workers === 1 ? 'serving' : 'supervising')
  await connectTo(url, upstream)
  return { started, url, upstream }
}

const slow = async (url: string): ReturnType<typeof call> => call(url, 'GET', '/v1/proxy/through/slow')

/** A connection that stays open between requests, as browsers and programs keep them. */
async function keepOpen(url: string): Promise<{ socket: Socket; said: () => string }> {
  const { hostname, port } = new URL(url)
  const socket = connectSocket(Number(port), hostname)
  let said = ''
  socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return { socket, said: () => said }
}

const plainRequest = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${bootstrapKey}\r\n\r\n`

describe('SIGTERM', () => {
  test('finishes what is under way, refuses what is new, and ends with 0', async () => {
    const { started, url, upstream } = await setUp(1)
    const underWay = slow(url)
    const kept = await keepOpen(url)
    const idleAfter = await keepOpen(url)
    for (const { socket } of [kept, idleAfter]) socket.write(plainRequest('/v1/proxy/through/slow'))
    await until(() => upstream.waiting.length === 3 || undefined, 'the requests')
    started.child.kill('SIGTERM')
    await until(() => started.log().find((line) => line.msg === 'stopping'), 'stopping')
    await until(
      async () =>
        call(url, 'GET', '/healthz').then(
          () => undefined,
          () => true,
        ),
      'a refused connection',
    )
    // Whoever still has a connection learns that this server is on its way out.
    kept.socket.write(plainRequest('/readyz'))
    await wait(100)
    expect(started.child.exitCode).toBeNull()
    const answeredAt = Date.now()
    for (const answer of upstream.waiting) answer.end('{"done":true}')
    expect((await underWay).body).toEqual({ done: true })
    expect(await started.ended).toEqual({ code: 0, signal: null })
    // Connections that callers keep open do not hold the stop up, which waits half a minute for what is under way.
    expect(Date.now() - answeredAt).toBeLessThan(20_000)
    for (const { said } of [kept, idleAfter]) expect(said()).toContain('{"done":true}')
    expect(kept.said()).toMatch(/HTTP\/1\.1 503 [^]*draining/)
    expect(started.stderr()).toBe('')
  })

  test('is not held up by an event stream', async () => {
    const { started, url } = await setUp(1)
    const stream = await keepOpen(url)
    stream.socket.write(
      `GET /v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${bootstrapKey}\r\n\r\n`,
    )
    await until(() => stream.said().includes('connection.created') || undefined, 'the stream')
    const at = Date.now()
    started.child.kill('SIGTERM')
    expect(await started.ended).toEqual({ code: 0, signal: null })
    // Half a minute is given to what is under way.
    expect(Date.now() - at).toBeLessThan(20_000)
  })

  test('a second signal ends it at once', async () => {
    const { started, url, upstream } = await setUp(1)
    const cut = slow(url).catch(() => 'cut')
    await until(() => upstream.waiting[0], 'the request')
    started.child.kill('SIGTERM')
    await until(() => started.log().find((line) => line.msg === 'stopping'), 'stopping')
    started.child.kill('SIGINT')
    expect(await started.ended).toEqual({ code: 1, signal: null })
    expect(await cut).toBe('cut')
  })
})

describe('several workers', () => {
  /** Which worker answers. */
  const whichOne = async (url: string): Promise<string> => {
    const { text } = await call(url, 'GET', '/metrics')
    return /worker="(\d+)"/.exec(text)?.[1] ?? ''
  }
  /** Calls on connections of their own until both workers have answered; what they said. */
  const bothSay = async (url: string, ask: () => Promise<number>): Promise<Set<number>> => {
    const met = new Set<string>()
    const said = new Set<number>()
    await until(async () => {
      met.add(await whichOne(url))
      // They take turns, so an odd number of calls a round brings each to be asked.
      said.add(await ask())
      said.add(await ask())
      return met.size === 2 || undefined
    }, 'a turn of both workers')
    for (let turn = 0; turn < 6; turn++) said.add(await ask())
    return said
  }

  test('serve one port from one database, and a revoke is in force in both within a second', async () => {
    const { started, url } = await setUp(2)
    expect(started.log().filter((line) => line.msg === 'serving')).toHaveLength(2)
    const ask = async (): Promise<number> => (await call(url, 'GET', '/v1/proxy/through/x')).status
    expect(await bothSay(url, ask)).toEqual(new Set([200]))
    expect((await call(url, 'POST', '/v1/connections/through/revoke')).status).toBe(200)
    await withinASecond(async () => bothSay(url, ask), new Set([409]))
    started.child.kill('SIGTERM')
    expect(await started.ended).toEqual({ code: 0, signal: null })
  })

  test('S-45 a key that is deleted is refused by both within a second', async () => {
    const { url } = await setUp(2)
    const made = (await call(url, 'POST', '/v1/api-keys', { body: { name: 'Short', role: 'viewer' } })).body
    const ask = async (): Promise<number> => (await call(url, 'GET', '/v1/whoami', { key: String(made['key']) })).status
    expect(await bothSay(url, ask)).toEqual(new Set([200]))
    expect((await call(url, 'DELETE', `/v1/api-keys/${String(made['id'])}`)).status).toBe(204)
    await withinASecond(async () => bothSay(url, ask), new Set([401]))
  })

  test('one that is killed is replaced', async () => {
    const { started, url } = await setUp(2)
    const [first = 0] = childrenOf(started.pid)
    process.kill(first, 'SIGKILL')
    await until(() => started.log().find((line) => line.msg.includes('is replaced')), 'the end of a worker')
    await until(
      () => started.log().filter((line) => line.msg === 'serving').length === 3 || undefined,
      'another worker',
    )
    expect(childrenOf(started.pid)).toHaveLength(2)
    expect((await call(url, 'GET', '/v1/proxy/through/x')).status).toBe(200)
    started.child.kill('SIGTERM')
    expect(await started.ended).toEqual({ code: 0, signal: null })
  })

  test('end when the process that started them is killed', async () => {
    const { started } = await setUp(2)
    const workers = childrenOf(started.pid)
    expect(workers).toHaveLength(2)
    started.child.kill('SIGKILL')
    await started.ended
    for (const pid of workers) await until(() => !alive(pid) || undefined, `the end of worker ${pid}`)
  })

  test('finish what is under way when a terminal interrupts the whole group', async () => {
    const { started, url, upstream } = await setUp(2, true)
    const underWay = [slow(url), slow(url)]
    await until(() => upstream.waiting.length === 2 || undefined, 'the requests')
    process.kill(-started.pid, 'SIGINT')
    await wait(500)
    for (const answer of upstream.waiting) answer.end('{"done":true}')
    for (const answer of underWay) expect((await answer).body).toEqual({ done: true })
    expect(await started.ended).toEqual({ code: 0, signal: null })
  })
})
