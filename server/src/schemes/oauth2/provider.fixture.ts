/** For the tests: a provider that answers as told and remembers what it was asked, over real HTTP. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Exchange } from '../scheme.ts'

export interface Asked {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

export interface Reply {
  status?: number
  headers?: Record<string, string>
  body?: string
}

export interface Provider {
  origin: string
  asked: Asked[]
  /** The one request that came in. */
  single(): Asked
  exchange: Exchange
}

export const now = Date.UTC(2026, 0, 15, 12)

/** Answers every request with `reply`, an object being JSON, or as a function of the request. The nth `exchange.random` is `random-1`, `random-2` … */
export async function provider(reply: Reply | Record<string, unknown> | ((asked: Asked) => Reply)): Promise<Provider> {
  const replyTo =
    typeof reply === 'function'
      ? reply
      : (): Reply =>
          isReply(reply) ? reply : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(reply) }
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: text }
      asked.push(one)
      const { status = 200, headers = {}, body = '' } = replyTo(one)
      response.writeHead(status, headers).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the provider has no port')
  let drawn = 0
  return {
    origin: `http://127.0.0.1:${address.port}`,
    asked,
    single() {
      const [first, ...more] = asked
      if (first === undefined || more.length > 0) throw new Error(`${asked.length} requests came in`)
      return first
    },
    exchange: {
      fetch: async (url, init) => fetch(url, { ...init, redirect: 'manual' }),
      now: () => now,
      random: (bytes) => `random-${++drawn}-of-${bytes}-bytes-abcdefghijklmnopqrstuv`,
    },
  }
}

function isReply(reply: Reply | Record<string, unknown>): reply is Reply {
  return 'body' in reply || 'status' in reply
}

/** What a form body holds. */
export function form(asked: Asked): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(asked.body))
}
