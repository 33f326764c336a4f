import { PassThrough } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseAllow } from '../address.ts'
import { createAgent } from '../agent.ts'
import { selfSigned } from '../certificate.fixture.ts'
import { answer, ask as askAgent, client, origin, turns, until } from './wire.fixture.ts'

const shutDown = expect.objectContaining({ code: 'SHUT_DOWN' })

describe('origins', () => {
  test('each has its own connections, by scheme, host and port', async () => {
    const [one, two] = await Promise.all([
      origin(async (peer) => {
        await peer.asked()
        peer.say(answer('one'))
      }),
      origin(async (peer) => {
        await peer.asked()
        peer.say(answer('two'))
      }),
    ])
    const { ask, agent } = client()
    expect((await ask(`${one.url}/`).over).body().toString()).toBe('one')
    expect((await ask(`${two.url}/`).over).body().toString()).toBe('two')
    await turns()
    expect(Object.keys(agent.stats).toSorted()).toEqual([one.url, two.url].toSorted())
  })

  test('no more of them than allowed, until one’s connections have closed', async () => {
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say(answer('', 'Connection: close'))
    })
    const other = await origin(async (peer) => {
      await peer.asked()
      peer.say(answer('fine'))
    })
    const { ask, agent } = client({ origins: 1 })
    const first = ask(`${at.url}/`)
    expect(() => ask(`${other.url}/`)).toThrow(expect.objectContaining({ code: 'TOO_MANY_ORIGINS' }))
    await first.over
    await until(() => Object.keys(agent.stats).length === 0)
    expect((await ask(`${other.url}/`).over).body().toString()).toBe('fine')
  })

  test('a request that cannot be sent leaves nothing behind', () => {
    const { ask, agent } = client()
    expect(() => ask('http://a.test/', { headers: ['X', 'a\r\nb'] })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    )
    expect(agent.stats).toEqual({})
  })
})

describe('closing', () => {
  const begun = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel'

  /** One exchange at each stage, over two connections. */
  async function busy() {
    const at = await origin()
    const one = client({ connections: 2 })
    const inBody = one.ask(`${at.url}/body`)
    await until(() => at.peers[0]?.requests.length === 1)
    at.peers[0]?.say(begun)
    await until(() => inBody.told.length === 2)
    const body = new PassThrough()
    const uploading = one.ask(`${at.url}/upload`, { method: 'PUT', body })
    await until(() => at.peers[1]?.requests.length === 1)
    const waiting = one.ask(`${at.url}/waiting`)
    return { ...one, at, inBody, uploading, body, waiting }
  }

  test('close: what runs and what waits comes to its end, nothing new is taken', async () => {
    const { agent, ask, at, inBody, uploading, body, waiting } = await busy()
    let closed = false
    const closing = agent.close().then(() => (closed = true))
    expect(agent.closed).toBe(true)
    expect(() => ask(`${at.url}/new`)).toThrow(shutDown)
    await turns()
    expect(closed).toBe(false)
    at.peers[0]?.say('lo')
    expect((await inBody.over).body().toString()).toBe('hello')
    await until(() => at.peers[0]?.requests.length === 2)
    body.end('x')
    at.peers[0]?.say(answer('w'))
    expect((await waiting.over).told.at(-1)).toBe('end')
    expect(closed).toBe(false)
    await until(() => at.peers[1]?.got.endsWith('0\r\n\r\n') === true)
    at.peers[1]?.say(answer('u'))
    expect((await uploading.over).told.at(-1)).toBe('end')
    await closing
    await until(() => at.peers.every((peer) => peer.closed))
    expect(agent.stats).toEqual({})
  })

  test('destroy: what runs and what waits fails', async () => {
    const { agent, at, inBody, uploading, body, waiting } = await busy()
    await agent.destroy()
    expect([inBody, uploading, waiting].map(({ told }) => told.at(-1))).toEqual(Array(3).fill('error SHUT_DOWN'))
    expect(body.destroyed).toBe(true)
    await until(() => at.peers.every((peer) => peer.closed))
    expect(agent.stats).toEqual({})
  })

  test('destroy after close ends what close waits for', async () => {
    const { agent, inBody } = await busy()
    const closing = agent.close()
    await agent.destroy()
    await closing
    expect(inBody.told.at(-1)).toBe('error SHUT_DOWN')
  })

  test('with nothing, with idle connections, and twice', async () => {
    await client().agent.close()
    await client().agent.destroy()
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say(answer(''))
    })
    const { ask, agent } = client()
    await ask(`${at.url}/`).over
    await turns()
    await Promise.all([agent.close(), agent.close()])
    await until(() => at.peers[0]?.closed === true)
    expect(agent.stats).toEqual({})
  })

  test('right after an answer, before its connection is idle', async () => {
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say(answer(''))
    })
    for (const way of ['close', 'destroy'] as const) {
      const { ask, agent } = client()
      let closing: Promise<void> | undefined
      await ask(`${at.url}/`, {}, { onEnd: () => void (closing = agent[way]()) }).over
      await closing
      expect(agent.stats).toEqual({})
    }
    await until(() => at.peers.every((peer) => peer.closed))
  })

  test('while a connection is opened: close waits for who wants it, and gives it up where nobody does', async () => {
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say(answer('fine'))
    })
    const wanted = client()
    const asked = wanted.ask(`${at.url}/`)
    const closing = wanted.agent.close()
    expect((await asked.over).body().toString()).toBe('fine')
    await closing

    const given = client()
    const left = given.ask(`${at.url}/`)
    left.exchange.abort(new Error('enough'))
    await given.agent.close()

    const late = client()
    const leaving = late.ask(`${at.url}/`)
    const lateClosing = late.agent.close()
    leaving.exchange.abort(new Error('enough'))
    await lateClosing

    const ended = client()
    const failing = ended.ask(`${at.url}/`)
    await ended.agent.destroy()
    expect((await failing.over).told).toEqual(['error SHUT_DOWN'])
    await turns()
    expect(at.peers.filter(({ requests }) => requests.length > 0).length).toBe(1)
  })

  test('who is told that it ended and asks again is refused', async () => {
    const { agent, ask, at } = await busy()
    const refused: unknown[] = []
    ask(
      `${at.url}/more`,
      {},
      {
        onError() {
          try {
            ask(`${at.url}/again`)
          } catch (error) {
            refused.push(error)
          }
        },
      },
    )
    await agent.destroy()
    expect(refused).toEqual([shutDown])
  })
})

describe('TLS as the server opens it', () => {
  const tls = selfSigned(['api.example.com'], new Date())

  test('a session is taken up again by the next connection, and gives it answers of its own', async () => {
    const resumed: boolean[] = []
    const at = await origin(async (peer) => {
      if (peer.socket instanceof TLSSocket) resumed.push(peer.socket.isSessionReused())
      for (let count = 1; !peer.closed; count++) {
        await until(() => peer.closed || peer.requests.length === count)
        peer.say(answer(`to ${peer.requests.at(-1)} `.repeat(5000)))
      }
    }, tls)
    const agent = createAgent({
      allow: parseAllow('127.0.0.1'),
      own: () => [],
      ca: tls.cert,
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    })
    onTestFinished(() => void agent.destroy())
    const get = async (path: string): Promise<void> => {
      const url = new URL(path, at.url.replace('127.0.0.1', 'api.example.com'))
      const { body, error } = await askAgent(agent, { url }).over
      expect({ error, body: body().toString() }).toEqual({ error: undefined, body: `to ${path} `.repeat(5000) })
    }
    await get('/1')
    await turns()
    await Promise.all(['/2', '/3', '/4'].map(get))
    expect(resumed).toEqual([false, true, true])
  })
})
