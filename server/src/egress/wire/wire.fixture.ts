/** A server whose every byte is the test's, and a client of our own beside it. Tests only. */
import { connect, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { onTestFinished } from 'vitest'
import { listen } from '../servers.fixture.ts'
import { Agent, type AgentLimits } from './agent.ts'
import type { Answering, Exchange } from './exchange.ts'
import type { Open } from './pool.ts'
import type { WireRequest } from './request.ts'

/** Waits until something holds. Throws where it never does. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 30_000
  while (!holds()) {
    if (performance.now() > end) throw new Error('it never came about')
    await setImmediate()
  }
}

/** Some turns of the loop: what was to come within them has come. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate()
}

/** The server's end of one connection. */
export class Peer {
  readonly socket: Socket
  /** All that came, as Latin-1. */
  got = ''
  /** The paths of the requests that came, where no body has a line that looks like one. */
  requests: string[] = []
  closed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.closed = true
    })
    socket.on('data', (bytes: Buffer) => {
      this.got += bytes.toString('latin1')
      this.requests = this.got.match(/^[A-Z]+ \/\S* HTTP\/1\.1\r\n/gm)?.map((line) => line.split(' ')[1] ?? '') ?? []
    })
  }

  /** Resolves once so many requests have come. */
  async asked(count = 1): Promise<void> {
    await until(() => this.requests.length >= count && this.got.includes('\r\n\r\n'))
  }

  say(bytes: string | Buffer): void {
    if (typeof bytes === 'string') this.socket.write(bytes, 'latin1')
    else this.socket.write(bytes)
  }
}

export interface Origin {
  url: string
  peers: Peer[]
  /** The one that came as the nth. */
  peer: (index?: number) => Promise<Peer>
}

/** `onPeer`: what is done with each connection; nothing by default. */
export async function origin(
  onPeer: (peer: Peer, index: number) => void | Promise<void> = () => undefined,
  tls?: { key: string; cert: string },
): Promise<Origin> {
  const peers: Peer[] = []
  const onConnection = (socket: Socket): void => {
    const peer = new Peer(socket)
    peers.push(peer)
    void onPeer(peer, peers.length - 1)
  }
  const server = tls === undefined ? createServer(onConnection) : createTlsServer(tls, onConnection)
  const port = await listen(server)
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    peers,
    async peer(index = 0) {
      await until(() => peers[index] !== undefined)
      const peer = peers[index]
      if (peer === undefined) throw new Error('no such peer')
      return peer
    },
  }
}

/** What came of an exchange. */
export interface Asked {
  exchange: Exchange
  /** `head 200`, `data 5`, `end`, `error CODE`; in their order. */
  told: string[]
  status: number
  reason: string
  headers: string[]
  /** What has come of the body. */
  body: () => Buffer
  /** Once it is over; never rejects. */
  over: Promise<Asked>
  error: (Error & { code?: string }) | undefined
}

export interface Client {
  agent: Agent
  /** Our ends, in the order they were opened. */
  sockets: Socket[]
  /** `also`: done within the callbacks, after they were noted. */
  ask: (url: string, more?: Partial<WireRequest>, also?: Partial<Answering>) => Asked
}

export function client(limits: Partial<AgentLimits> = {}, ca?: string): Client {
  const sockets: Socket[] = []
  const openerOf =
    (target: URL): Open =>
    (onread, opened) => {
      const to = { host: '127.0.0.1', port: Number(target.port), onread, noDelay: true }
      const socket =
        target.protocol === 'http:' ? connect(to) : connectTls({ ...to, ca, checkServerIdentity: () => undefined })
      sockets.push(socket)
      const ready = target.protocol === 'http:' ? 'connect' : 'secureConnect'
      const fail = (error: Error): void => {
        socket.off('error', fail).off(ready, done)
        socket.on('error', () => undefined)
        socket.destroy()
        opened(error)
      }
      const done = (): void => {
        socket.off('error', fail).off(ready, done)
        opened(null, socket)
      }
      socket.on('error', fail).on(ready, done)
      return () => fail(Object.assign(new Error('given up'), { code: 'GIVEN_UP' }))
    }
  const agent = new Agent(openerOf, {
    origins: 100,
    connections: 10,
    keepAlive: 60_000,
    longestHead: 32_768,
    ...limits,
  })
  onTestFinished(() => void agent.destroy())
  return {
    agent,
    sockets,
    ask: (url, more = {}, also = {}) => ask(agent, { url: new URL(url), ...more }, also),
  }
}

export function ask(agent: Agent, request: Partial<WireRequest> & { url: URL }, also: Partial<Answering> = {}): Asked {
  const chunks: Buffer[] = []
  const { promise, resolve } = Promise.withResolvers<Asked>()
  const told: string[] = []
  const answering: Answering = {
    onHead(status, reason, headers) {
      told.push(`head ${status}`)
      Object.assign(asked, { status, reason, headers })
      also.onHead?.(status, reason, headers)
    },
    onData(bytes) {
      told.push(`data ${bytes.length}`)
      chunks.push(Buffer.from(bytes))
      also.onData?.(bytes)
    },
    onEnd() {
      told.push('end')
      resolve(asked)
      also.onEnd?.()
    },
    onError(error: Error & { code?: string }) {
      told.push(`error ${error.code ?? error.message}`)
      asked.error = error
      resolve(asked)
      also.onError?.(error)
    },
  }
  const exchange = agent.send(
    { method: 'GET', headers: [], body: null, headTimeout: 0, bodyTimeout: 0, ...request },
    answering,
  )
  const asked: Asked = {
    exchange,
    told,
    status: 0,
    reason: '',
    headers: [],
    body: () => Buffer.concat(chunks),
    over: promise,
    error: undefined,
  }
  return asked
}

/** An answer with this body and its length. */
export function answer(body = '', ...lines: string[]): string {
  return ['HTTP/1.1 200 OK', ...lines, `Content-Length: ${body.length}`, '', body].join('\r\n')
}

/** Bytes of which each tells where it stands, and in whose answer. */
export function pattern(seed: number, length: number, from = 0): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let index = 0; index < length; index++) bytes[index] = patternAt(seed, from + index)
  return bytes
}

export function patternAt(seed: number, position: number): number {
  return (Math.imul(position + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)) >>> 24
}
