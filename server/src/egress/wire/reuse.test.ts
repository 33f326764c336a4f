/** What one connection serves after another answer: nothing of one may reach the next. */
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { selfSigned } from '../certificate.fixture.ts'
import { answer, client, origin, type Peer, turns, until } from './wire.fixture.ts'

const tls = selfSigned(['a.test'], new Date())
const evil = answer('evil', 'X-Evil: yes')

describe('what comes behind an answer is nobody else’s', () => {
  /** An answer of so many bytes, its head among them. */
  const filling = (size: number): string => {
    const head = answer('x'.repeat(10_000)).length - 10_000
    return answer('x'.repeat(size - head))
  }
  test.each([
    ['in the same read', answer('good') + evil],
    ['behind an answer that fills the read', filling(65_536) + evil],
    ['behind an answer that fills a TLS record', filling(16_384) + evil],
    ['behind a chunked one', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n${evil}`],
    ['behind one without a body', `HTTP/1.1 204 No\r\n\r\n${evil}`],
    ['behind a 304', `HTTP/1.1 304 No\r\nContent-Length: 4\r\n\r\n${evil}`],
    ['a line end', `${answer('good')}\r\n`],
    ['one byte', `${answer('good')}H`],
    ['an informational answer', `${answer('good')}HTTP/1.1 100 Continue\r\n\r\n`],
  ])('%s: the connection is dropped, and those that wait get their own', async (_, bytes) => {
    for (const secure of [undefined, tls]) {
      const at = await origin(async (peer, index) => {
        await peer.asked()
        peer.say(index === 0 ? bytes : answer('good'))
      }, secure)
      // One at a time, so that the second waits for the first's connection.
      const { ask } = client({ connections: 1 }, tls.cert)
      const [first, second] = [ask(`${at.url}/1`), ask(`${at.url}/2`)]
      expect((await first.over).error).toBeUndefined()
      expect((await second.over).error).toBeUndefined()
      expect(second.body().toString()).toBe('good')
      expect(second.headers).not.toContain('X-Evil')
      expect(at.peers.map(({ requests }) => requests)).toEqual([['/1'], ['/2']])
    }
  })

  test('one who asks on at once, from within the end of the last, is not served by a connection with a surplus', async () => {
    const at = await origin(async (peer, index) => {
      await peer.asked()
      peer.say(index === 0 ? filling(65_536) + evil : answer('good'))
    })
    const { ask } = client()
    const second = Promise.withResolvers<string>()
    ask(
      `${at.url}/1`,
      {},
      {
        onEnd: () => {
          // As a retry does: once what told of the end is done.
          queueMicrotask(() => void ask(`${at.url}/2`).over.then(({ body }) => second.resolve(body().toString())))
        },
      },
    )
    expect(await second.promise).toBe('good')
  })

  test.each([
    ['an answer', evil],
    ['a byte', 'x'],
    ['a time-out of the other side (RFC 9110 section 15.5.9)', 'HTTP/1.1 408 Late\r\nConnection: close\r\n\r\n'],
  ])('%s on an idle connection ends it', async (_, bytes) => {
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say(answer('good'))
    })
    const { ask, agent } = client()
    await ask(`${at.url}/1`).over
    await turns()
    expect(agent.stats[at.url]).toMatchObject({ free: 1 })
    at.peers[0]?.say(bytes)
    await until(() => agent.stats[at.url] === undefined)
    await until(() => at.peers[0]?.closed === true)
    expect((await ask(`${at.url}/2`).over).body().toString()).toBe('good')
    expect(at.peers.length).toBe(2)
  })

  test('bytes on a connection that has not served yet end it', async () => {
    const at = await origin(async (peer) => {
      for (let count = 1; count < 3; count++) {
        await peer.asked(count)
        peer.say(answer('good'))
      }
    })
    const { ask, agent } = client({ connections: 2 })
    const [first, second] = [ask(`${at.url}/1`), ask(`${at.url}/2`)]
    // The second is given up while its connection is opened.
    second.exchange.abort(new Error('enough'))
    await first.over
    await until(() => agent.stats[at.url]?.free === 2)
    const unused = at.peers.find(({ requests }) => requests.length === 0)
    unused?.say(evil)
    await until(() => agent.stats[at.url]?.free === 1)
    expect((await ask(`${at.url}/3`).over).body().toString()).toBe('good')
    expect(at.peers.map(({ requests }) => requests.join(' ')).toSorted()).toEqual(['', '/1 /3'])
  })

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No\r\nContent-Length: 4\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'],
    ['GET', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=2\r\n\r\n'],
  ])('%s, %j: its connection serves no other', async (method, bytes) => {
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say(bytes)
    })
    const { ask } = client({ connections: 1 })
    for (const path of ['/1', '/2']) {
      const { error, body } = await ask(at.url + path, { method }).over
      expect({ error, size: body().length }).toEqual({ error: undefined, size: 0 })
    }
    expect(at.peers.map(({ requests }) => requests)).toEqual([['/1'], ['/2']])
    await until(() => at.peers.every(({ closed }) => closed))
  })

  test('a connection on which an answer was refused serves no other', async () => {
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx')
    })
    const { ask, agent } = client()
    expect((await ask(`${at.url}/1`).over).told).toEqual(['error BAD_ANSWER'])
    expect(agent.stats).toEqual({})
  })
})

describe('how long an idle connection is kept', () => {
  const kept = async (limits: { keepAlive: number }, ...lines: string[]) => {
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say(answer('', ...lines))
      await peer.asked(2)
      peer.say(answer(''))
    })
    const { ask, agent } = client(limits)
    await ask(`${at.url}/1`).over
    await turns()
    return { at, ask, agent }
  }

  test('as long as we like where the other side does not say', async () => {
    const { at, agent } = await kept({ keepAlive: 30 })
    expect(agent.stats[at.url]).toMatchObject({ free: 1 })
    await until(() => at.peers[0]?.closed === true)
    expect(agent.stats).toEqual({})
  })

  test('a shorter time of the other side counts, with time to spare', async () => {
    const { at, agent } = await kept({ keepAlive: 3_600_000 }, 'Keep-Alive: timeout=3')
    await until(() => at.peers[0]?.closed === true)
    expect(agent.stats).toEqual({})
  })

  test('a longer time of the other side counts, and for the answers after it', async () => {
    const { at, ask, agent } = await kept({ keepAlive: 50 }, 'Keep-Alive: timeout=3600')
    await pause(150)
    expect(agent.stats[at.url]).toMatchObject({ free: 1 })
    await ask(`${at.url}/2`).over
    await pause(150)
    expect(agent.stats[at.url]).toMatchObject({ free: 1 })
    expect(at.peers.length).toBe(1)
  })

  test('the other side may end it, and nobody is told', async () => {
    for (const end of [(peer?: Peer) => peer?.socket.end(), (peer?: Peer) => peer?.socket.resetAndDestroy()]) {
      const { at, ask, agent } = await kept({ keepAlive: 3_600_000 })
      end(at.peers[0])
      await until(() => agent.stats[at.url] === undefined)
      expect((await ask(`${at.url}/2`).over).told).toContain('end')
      expect(at.peers.length).toBe(2)
    }
  })
})
