// Servers and watchers the egress tests share. Tests only.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { Socket, type Server } from 'node:net'
import { onTestFinished } from 'vitest'
import { parseAllow } from './address.ts'
import type { AgentOptions, ResolvedAddress } from './agent.ts'
import { createEgress, type Egress, type EgressAnswer, type EgressRequest } from './egress.ts'
import { EgressError } from './errors.ts'
import type { WireRequest } from './wire/request.ts'

/** Listens on 127.0.0.1 until the test ends; the port. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

export function serve(listener: RequestListener): Promise<number> {
  return listen(createHttpServer(listener))
}

export function serveTls(tls: { key: string; cert: string }, listener: RequestListener): Promise<number> {
  return listen(createHttpsServer(tls, listener))
}

/** Takes nobody without a certificate that is one of these, and tells which it was shown. */
export function serveTrusted(
  tls: { key: string; cert: string },
  trusted: readonly string[],
  listener: RequestListener,
): Promise<number> {
  return listen(createHttpsServer({ ...tls, ca: [...trusted], requestCert: true }, listener))
}

/** An egress that lives as long as the test and, unless told otherwise, may reach 127.0.0.1. */
export function makeEgress(options: Partial<AgentOptions> & { heldLimit?: number } = {}): Egress {
  const egress = createEgress({ allow: parseAllow('127.0.0.1'), own: () => [], ...options })
  onTestFinished(async () => {
    await egress.agentFor(undefined).destroy()
  })
  return egress
}

export function get(egress: Egress, url: string, more: Partial<EgressRequest> = {}): Promise<EgressAnswer> {
  return egress.request({ url: new URL(url), method: 'GET', timeoutMs: 5_000, maxBytes: 1_000_000, ...more })
}

/** A request that is streamed: what came of the answer, or the error. */
export function stream(egress: Egress, url: string, more: Partial<WireRequest> = {}): Promise<Streamed> {
  const { promise, resolve, reject } = Promise.withResolvers<Streamed>()
  const chunks: Buffer[] = []
  let streamed: Omit<Streamed, 'body'> = { status: 0, reason: '', headers: [] }
  const request = { url: new URL(url), method: 'GET', headers: [], body: null, headTimeout: 5000, bodyTimeout: 5000 }
  egress.agentFor(undefined).send(
    { ...request, ...more },
    {
      onHead: (status, reason, headers) => {
        streamed = { status, reason, headers }
      },
      onData: (bytes) => chunks.push(Buffer.from(bytes)),
      onEnd: () => resolve({ ...streamed, body: Buffer.concat(chunks).toString('latin1') }),
      onError: reject,
    },
  )
  return promise
}

export interface Streamed {
  status: number
  reason: string
  headers: string[]
  /** Latin-1. */
  body: string
}

/** What the promise rejected with; anything but an EgressError fails the test. */
export async function failure(promise: Promise<unknown>): Promise<EgressError> {
  const outcome = await promise.then(
    () => 'it succeeded',
    (error: unknown) => error,
  )
  if (outcome instanceof EgressError) return outcome
  throw new Error('expected an EgressError', { cause: outcome })
}

/** A resolver that gives these answers in turn, the last one for ever, and counts. */
export function answers(...turns: string[][]) {
  const asked: string[] = []
  const resolve = async (hostname: string): Promise<ResolvedAddress[]> => {
    const turn = turns[Math.min(asked.length, turns.length - 1)] ?? []
    asked.push(hostname)
    return turn.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
  return { asked, resolve }
}

/** The addresses any socket of this process tries from now on, for as long as the test runs. */
export function watchConnects(): string[] {
  const tried: string[] = []
  const onSocket = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return
    if (message.socket instanceof Socket) message.socket.on('connectionAttempt', (address) => tried.push(address))
  }
  subscribe('net.client.socket', onSocket)
  onTestFinished(() => void unsubscribe('net.client.socket', onSocket))
  return tried
}
