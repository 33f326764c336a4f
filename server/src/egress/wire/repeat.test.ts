/** A request that meets the end of an idle connection is sent once more, where that does no harm (RFC 9110 section 9.2.2). */
import { Readable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { selfSigned } from '../certificate.fixture.ts'
import { answer, ask as askAgent, client, origin, type Origin, type Peer, turns, until } from './wire.fixture.ts'
import type { WireRequest } from './request.ts'

const tls = selfSigned(['a.test'], new Date())

type Ending = (peer: Peer) => void
const end: Ending = ({ socket }) => void socket.end()
const reset: Ending = ({ socket }) => void (socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy())

/** Its first connection answers once, and is ended when it is asked for the second time. */
function forgetful(ending: Ending, secure?: typeof tls): Promise<Origin> {
  return origin(async (peer, index) => {
    await peer.asked()
    peer.say(answer(`from ${index}`))
    if (index > 0) return
    await peer.asked(2)
    ending(peer)
  }, secure)
}

async function asks(at: Origin, request: Partial<WireRequest>, limits = {}) {
  const one = client(limits, tls.cert)
  await one.ask(`${at.url}/1`).over
  await turns()
  return { ...one, asked: one.ask(`${at.url}/2`, request) }
}

const requests = (at: Origin): string[][] => at.peers.map((peer) => peer.requests)

test.each<[string, Ending]>([
  ['ended', end],
  ['reset', reset],
])('a connection that is %s at that moment fails no call', async (_, ending) => {
  for (const secure of [undefined, tls]) {
    for (const method of ['GET', 'OPTIONS', 'PUT', 'DELETE', 'HEAD', 'TRACE']) {
      const at = await forgetful(ending, secure)
      const { asked } = await asks(at, { method })
      expect((await asked.over).told.at(-1)).toBe('end')
      expect(requests(at)).toEqual([['/1', '/2'], ['/2']])
    }
  }
})

test('its body goes with it, small or long', async () => {
  for (const size of [3, 200_000]) {
    const at = await forgetful(end)
    const { asked } = await asks(at, { method: 'PUT', body: Buffer.alloc(size, 'b') })
    expect((await asked.over).body().toString()).toBe('from 1')
    await until(() => (at.peers[1]?.got.length ?? 0) > size)
    expect(at.peers[1]?.got).toMatch(new RegExp(`^PUT /2 [^]*Content-Length: ${size}\r\n\r\nb{3}`))
  }
})

describe('never', () => {
  const stream = (): Readable => Readable.from([Buffer.from('abc')])
  test.each<[string, Partial<WireRequest>]>([
    ['POST', { method: 'POST', body: Buffer.from('pay') }],
    ['PATCH', { method: 'PATCH', body: Buffer.from('pay') }],
    ['a method that is not known', { method: 'MERGE' }],
    ['a streamed body', { method: 'PUT', body: stream() }],
  ])('%s', async (_, request) => {
    for (const ending of [end, reset]) {
      const at = await forgetful(ending)
      const { asked, agent } = await asks(at, {
        ...request,
        ...(request.body instanceof Readable ? { body: stream() } : {}),
      })
      expect((await asked.over).told).toEqual([ending === end ? 'error CLOSED_EARLY' : 'error ECONNRESET'])
      await turns()
      expect(requests(at)).toEqual([['/1', '/2']])
      expect(agent.stats).toEqual({})
    }
  })

  test.each(['H', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n'.slice(0, -2)])(
    'after a byte of an answer (%j)',
    async (bytes) => {
      const at = await forgetful((peer) => {
        peer.socket.end(bytes)
      })
      const { asked } = await asks(at, {})
      expect((await asked.over).told).toEqual(['error CLOSED_EARLY'])
      await turns()
      expect(requests(at)).toEqual([['/1', '/2']])
    },
  )

  test('over a connection that has not served before', async () => {
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.socket.end()
    })
    expect((await client().ask(`${at.url}/1`).over).told).toEqual(['error CLOSED_EARLY'])
    expect(requests(at)).toEqual([['/1']])
  })

  test('twice', async () => {
    const at = await origin(async (peer, index) => {
      await peer.asked()
      if (index === 0) {
        peer.say(answer(''))
        await peer.asked(2)
      }
      peer.socket.end()
    })
    const { asked } = await asks(at, {})
    expect((await asked.over).told).toEqual(['error CLOSED_EARLY'])
    await turns()
    expect(requests(at)).toEqual([['/1', '/2'], ['/2']])
  })

  test('where it was late, or its caller gave up', async () => {
    const at = await forgetful(() => undefined)
    const { asked } = await asks(at, { headTimeout: 30 })
    expect((await asked.over).told).toEqual(['error HEAD_TIMEOUT'])
    const other = await forgetful(() => undefined)
    const { asked: given } = await asks(other, {})
    await until(() => other.peers[0]?.requests.length === 2)
    given.exchange.abort(new Error('enough'))
    expect((await given.over).told).toEqual(['error enough'])
    await turns()
    expect([requests(at), requests(other)]).toEqual([[['/1', '/2']], [['/1', '/2']]])
  })

  test('where its caller gives up while the new connection is opened', async () => {
    const at = await forgetful(end)
    const { asked, sockets, agent } = await asks(at, {})
    await until(() => sockets.length === 2)
    asked.exchange.abort(new Error('enough'))
    expect((await asked.over).told).toEqual(['error enough'])
    await until(() => agent.stats[at.url]?.free === 1)
    expect(requests(at)).toEqual([['/1', '/2'], []])
  })

  test('where the client was ended', async () => {
    const at = await forgetful(end)
    const { asked, sockets, agent } = await asks(at, {})
    await until(() => sockets.length === 2)
    await agent.destroy()
    expect((await asked.over).told).toEqual(['error SHUT_DOWN'])
  })
})

test('it goes over a new connection, also where one that has served is free or becomes free', async () => {
  const at = await origin(async (peer, index) => {
    await peer.asked()
    peer.say(answer(`from ${index}`))
    if (index > 1) return
    await peer.asked(2)
    // The second is idle; the first is used, as it was freed last.
    if (index === 0) peer.socket.end()
  })
  const { ask, agent } = client()
  const [first, second] = [ask(`${at.url}/1`), ask(`${at.url}/1`)]
  await Promise.all([first.over, second.over])
  await until(() => agent.stats[at.url]?.free === 2)
  const asked = [ask(`${at.url}/2`), ask(`${at.url}/3`)]
  await until(() => at.peers[1]?.requests.length === 2)
  expect((await Promise.race(asked.map(({ over }) => over))).body().toString()).toBe('from 2')
  expect(at.peers[2]?.requests.length).toBe(1)
})

test('it is not behind those that wait, nor do they wait for it', async () => {
  const at = await forgetful(end)
  const { asked, ask } = await asks(at, {}, { connections: 1 })
  const third = ask(`${at.url}/3`)
  expect((await asked.over).told.at(-1)).toBe('end')
  await turns()
  await until(() => at.peers[1]?.requests.length === 2)
  at.peers[1]?.say(answer('third'))
  expect((await third.over).body().toString()).toBe('third')
  expect(requests(at)).toEqual([
    ['/1', '/2'],
    ['/2', '/3'],
  ])
})

test('one that is sent once more while the client closes still comes to its end', async () => {
  const at = await forgetful(end)
  const { asked, agent } = await asks(at, {})
  const closed = agent.close()
  expect((await asked.over).body().toString()).toBe('from 1')
  await closed
  expect(() => askAgent(agent, { url: new URL(at.url) })).toThrow(expect.objectContaining({ code: 'SHUT_DOWN' }))
})
