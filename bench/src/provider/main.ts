/**
 * A provider and its API in a process of their own: each refresh token is good once, every token request is counted, and
 * the API takes the newest access token of a connection alone. Ends with its parent.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface Seen {
  /** Token requests so far, and how many of them came with a refresh token that was used before, or never given. */
  requests: number
  duplicates: number
  /** Since the last question: milliseconds from the first to the last of them. */
  tookMs: number
}

/** Of the refresh token `refresh.<connection>.<generation>` the newest generation, by connection. */
const newest = new Map<string, number>()
let requests = 0
let duplicates = 0
let firstAt = 0
let lastAt = 0
let waitMs = 0

const server = createServer((request, response) => {
  if (request.url !== '/token') {
    const [, connection = '', generation = ''] = (request.headers.authorization ?? '').split('.')
    const good = Number(generation) === (newest.get(connection) ?? 0)
    response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify({ good }))
    return
  }
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => (text += chunk))
  request.on('end', () => void answer(new URLSearchParams(text).get('refresh_token') ?? ''))

  async function answer(token: string): Promise<void> {
    const [, connection = '', generation = ''] = token.split('.')
    requests++
    lastAt = performance.now()
    if (firstAt === 0) firstAt = lastAt
    const known = newest.get(connection) ?? 0
    // The load that takes the provider's own speed is no connection.
    if (connection !== 'none') {
      if (Number(generation) !== known) duplicates++
      newest.set(connection, known + 1)
    }
    await delay(waitMs)
    const body = JSON.stringify({
      access_token: `access.${connection}.${known + 1}`,
      refresh_token: `refresh.${connection}.${known + 1}`,
      token_type: 'Bearer',
      expires_in: 86_400,
    })
    const length = Buffer.byteLength(body)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': length }).end(body)
  }
})

process.on('disconnect', () => process.exit(0))
process.on('message', (order: { waitMs: number }) => {
  const seen: Seen = { requests, duplicates, tookMs: lastAt - firstAt }
  waitMs = order.waitMs
  requests = 0
  duplicates = 0
  firstAt = 0
  process.send?.(seen)
})
server.listen(0, '127.0.0.1', () => {
  // A TCP server's address is never a path.
  process.send?.({ port: (server.address() as AddressInfo).port })
})
