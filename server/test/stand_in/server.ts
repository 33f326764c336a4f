/** One server in the place of every provider: whatever host is meant, the sockets of the server under test lead here. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Egress, exchange } from '../../src/egress/egress.ts'
import { mapError } from '../../src/egress/errors.ts'
import { Agent } from '../../src/egress/wire/agent.ts'
import type { Open } from '../../src/egress/wire/pool.ts'
import { demand, type Facts, filled, headerOf, type Provider, type Received, Refused, type Reply } from './facts.ts'

export interface StandIn {
  egress: Egress
  /** What was refused since the last time somebody asked. */
  refused: () => string[]
  /** Calls of the API that were taken. */
  calls: () => number
  /** From now on it is this provider. */
  become: (facts: Facts, provider: Provider) => void
  close: () => Promise<void>
}

export async function startStandIn(): Promise<StandIn> {
  let current: { facts: Facts; provider: Provider } | undefined
  let refusals: string[] = []
  let calls = 0

  const answer = (received: Received): Reply => {
    try {
      if (current === undefined) throw new Refused('nobody is expected')
      const certified = current.facts.brought['clientCertificate'] !== undefined
      demand(received.certified === certified, `a certificate ${received.certified ? 'was' : 'was not'} shown`)
      const reply = current.provider.endpoint(received)
      if (reply !== undefined) return reply
      judgeCall(current.facts, current.provider, received)
      calls += 1
      return { status: 200, body: { ok: true } }
    } catch (error) {
      const says = error instanceof Refused ? error.message : String(error)
      refusals.push(`${received.method} ${received.url.origin}${received.url.pathname}: ${says}`)
      return { status: 400, body: { error: 'invalid_request', error_description: says } }
    }
  }

  /** Those that come over the second socket have shown the client's certificate. */
  const listener = (certified: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    const handle = async (): Promise<void> => {
      const body = await text(request)
      const headers = request.rawHeaders.flatMap((name, index): [string, string][] =>
        index % 2 === 0 ? [[name, request.rawHeaders[index + 1] ?? '']] : [],
      )
      const target = request.url ?? '/'
      const url = new URL(`https://${request.headers.host ?? 'nowhere.invalid'}${target}`)
      const reply = answer({ method: request.method ?? 'GET', url, target, headers, body, certified })
      response.writeHead(reply.status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(reply.body))
    }
    void handle()
  }
  const servers = [createServer(listener(false)), createServer(listener(true))]
  const [port = 0, certifiedPort = 0] = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    }),
  )

  return {
    egress: egressTo(port, certifiedPort),
    refused() {
      const all = refusals
      refusals = []
      return all
    },
    calls: () => calls,
    become(facts, provider) {
      current = { facts, provider }
      refusals = []
      calls = 0
    },
    async close() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
    },
  }
}

/** The way out of the server under test, with every socket leading to one port and no TLS on it. */
function egressTo(port: number, certifiedPort: number): Egress {
  const [plain, certified] = [agentTo(port), agentTo(certifiedPort)]
  const agentFor: Egress['agentFor'] = (certificate) => (certificate === undefined ? plain : certified)
  return {
    agentFor,
    checkUrl: () => undefined,
    request: (input) => exchange(agentFor(input.certificate), input),
    mapError,
    pools: () => ({}),
    close: async () => {
      await Promise.all([plain.destroy(), certified.destroy()])
    },
  }
}

function agentTo(port: number): Agent {
  const open: Open = (onread, opened) => {
    const socket = connect({ port, host: '127.0.0.1', onread })
    socket.once('connect', () => opened(null, socket))
    socket.once('error', (error) => opened(error))
    return () => socket.destroy()
  }
  return new Agent(() => open, { origins: 10_000, connections: 128, keepAlive: 50, longestHead: 32_768 })
}

/** Where the test calls, besides the probe. */
export const checkPath = '/mooring-check'

/** A call of the API: host, path, the constants of the service, the credential in its place, and nothing else of ours. */
function judgeCall(facts: Facts, provider: Provider, received: Received): void {
  const { baseUrl, headers, service, parameters, brought } = facts
  const { url, method } = received
  demand(url.host === baseUrl.host, `the host is ${url.host}, not ${baseUrl.host}`)
  const { parameters: own } = provider.credential(received)
  for (const [name, value] of Object.entries(headers))
    demand(headerOf(received, name) === value, `the header ${name} is ${headerOf(received, name)}, not ${value}`)
  const base = baseUrl.pathname.replace(/\/$/, '')
  const { probe } = service
  const meant = filled(probe === null ? '' : (probe.url ?? `${service.baseUrl}${probe.path ?? ''}`), {
    ...parameters,
    ...brought,
  })
  const rest = [...url.searchParams].filter(([name]) => !own.includes(name))
  if (url.pathname === base + checkPath) {
    demand(rest.length === 0, `the query holds ${rest.join()}`)
    return
  }
  demand(probe !== null && method === probe.method, `${method} ${url.pathname} is not the probe`)
  const wanted = new URL(meant)
  demand(url.pathname === wanted.pathname, `the probe is ${wanted.pathname}, not ${url.pathname}`)
  const query = (pairs: Iterable<[string, string]>): string =>
    Array.from(pairs, ([name, value]) => `${name}=${value}`)
      .toSorted()
      .join('&')
  demand(query(rest) === query(wanted.searchParams), `the probe's query is ${url.search}, not ${wanted.search}`)
  for (const [name, value] of Object.entries(probe.headers ?? {}))
    demand(headerOf(received, name) === value, `the probe's header ${name} is missing`)
}
