import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { closedLoop, drain, openLoop } from './load.ts'
import { listenUpstream } from './upstream.ts'

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function listen(listener: RequestListener): Promise<number> {
  server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const target = (port: number, path = '/small') => ({ port, path, headers: {} })

describe('the load', () => {
  test('counts every answer that a server gave', async () => {
    let given = 0
    const port = await listen((_, response) => {
      given++
      response.end('ok')
    })
    const { answers } = await closedLoop({ target: target(port), clients: 3, ms: 50 })
    expect(answers).toBe(given)
  })

  test('charges a stall to every request that was due meanwhile, not to one alone', async () => {
    let stalled = false
    const port = await listen((_, response) => {
      const wait = stalled ? 0 : 300
      stalled = true
      setTimeout(() => response.end('ok'), wait)
    })
    const { answers, p50 = 0 } = await openLoop({ target: target(port), clients: 1, perSecond: 100, ms: 400 })
    expect(answers).toBe(40)
    // About 30 of the 40 were due while the first was not answered.
    expect(p50).toBeGreaterThan(50)
  })

  test('fails at an answer that is no success', async () => {
    const port = await listen((_, response) => response.writeHead(503).end())
    await expect(closedLoop({ target: target(port), clients: 1, ms: 50 })).rejects.toThrow('503')
  })

  test('takes a long answer to its last byte', async () => {
    const port = await listenUpstream()
    expect((await drain({ target: target(port, '/stream/3000000') })).bytes).toBe(3_000_000)
  })
})
