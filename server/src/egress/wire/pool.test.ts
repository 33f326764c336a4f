import { describe, expect, test } from 'vitest'
import { Agent } from './agent.ts'
import { answer, ask as askAgent, client, origin, type Peer, turns, until } from './wire.fixture.ts'

/** Answers whatever is asked, each with its path. */
async function echo(peer: Peer): Promise<void> {
  for (let count = 1; !peer.closed; count++) {
    await until(() => peer.closed || peer.requests.length >= count)
    if (!peer.closed) peer.say(answer(peer.requests[count - 1]))
  }
}

describe('limits', () => {
  test('no more connections than allowed; the rest waits in its order', async () => {
    const at = await origin()
    const { ask, agent } = client({ connections: 2 })
    const ended: string[] = []
    const asked = ['/1', '/2', '/3', '/4', '/5'].map((path) =>
      ask(at.url + path, {}, { onEnd: () => void ended.push(path) }),
    )
    await until(() => at.peers.flatMap(({ requests }) => requests).length === 2)
    expect(agent.stats[at.url]).toEqual({ connected: 2, free: 0, pending: 0, queued: 3, running: 2 })
    const [first, second] = at.peers
    for (let turn = 0; turn < 3; turn++) {
      await until(() => (first?.requests.length ?? 0) === turn + 1)
      first?.say(answer('x'))
    }
    await until(() => first?.requests.length === 4)
    second?.say(answer('x'))
    first?.say(answer('x'))
    await Promise.all(asked.map(({ over }) => over))
    expect(first?.requests.length).toBe(4)
    expect(second?.requests.length).toBe(1)
    const rest = first?.requests.slice(1)
    expect(rest).toEqual(['/3', '/4', '/5'])
    expect(ended.toSorted()).toEqual(['/1', '/2', '/3', '/4', '/5'])
    await until(() => agent.stats[at.url]?.free === 2)
  })

  test('the connection that was used last is used next', async () => {
    const at = await origin(echo)
    const { ask, agent } = client()
    await Promise.all([ask(`${at.url}/1`).over, ask(`${at.url}/1`).over])
    await until(() => agent.stats[at.url]?.free === 2)
    for (let count = 0; count < 5; count++) {
      await ask(`${at.url}/2`).over
      await turns()
    }
    expect(at.peers.map(({ requests }) => String(requests.length)).toSorted()).toEqual(['1', '6'])
  })

  test('many over few, each gets its own', async () => {
    const at = await origin(echo)
    const { ask } = client({ connections: 4 })
    const asked = Array.from({ length: 300 }, (_, index) => ask(`${at.url}/${index}`))
    for (const [index, { over }] of asked.entries()) {
      const { body, error } = await over
      expect({ error, body: body().toString() }).toEqual({ error: undefined, body: `/${index}` })
    }
    expect(at.peers.length).toBe(4)
  })
})

describe('giving up', () => {
  test('while waiting: it is never sent, holds nothing, and the others keep their order', async () => {
    const at = await origin()
    const { ask, agent } = client({ connections: 1 })
    const asked = ['/1', '/2', '/3'].map((path) => ask(at.url + path))
    await until(() => at.peers[0]?.requests.length === 1)
    asked[1]?.exchange.abort(new Error('enough'))
    expect((await asked[1]?.over)?.told).toEqual(['error enough'])
    expect(agent.stats[at.url]).toMatchObject({ queued: 1 })
    at.peers[0]?.say(answer('1'))
    await until(() => at.peers[0]?.requests.length === 2)
    at.peers[0]?.say(answer('3'))
    expect((await asked[2]?.over)?.body().toString()).toBe('3')
    expect(at.peers[0]?.requests).toEqual(['/1', '/3'])
  })

  test('while its connection is opened: the connection is there for the next', async () => {
    const at = await origin(echo)
    const { ask, agent } = client()
    const first = ask(`${at.url}/1`)
    first.exchange.abort(new Error('enough'))
    expect((await first.over).told).toEqual(['error enough'])
    const second = ask(`${at.url}/2`)
    expect((await second.over).body().toString()).toBe('/2')
    expect(at.peers.map(({ requests }) => requests)).toEqual([['/2']])
    await until(() => agent.stats[at.url]?.free === 1)
  })

  test('before the answer, and within it: the connection ends, and who waits gets a new one', async () => {
    const at = await origin()
    const { ask } = client({ connections: 1 })
    const asked = ['/1', '/2', '/3'].map((path) => ask(at.url + path))
    await until(() => at.peers[0]?.requests.length === 1)
    asked[0]?.exchange.abort(new Error('enough'))
    await until(() => at.peers[1]?.requests.length === 1)
    at.peers[1]?.say('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell')
    await until(() => asked[1]?.told.length === 2)
    asked[1]?.exchange.abort(new Error('enough'))
    await until(() => at.peers[2]?.requests.length === 1)
    at.peers[2]?.say(answer('3'))
    expect((await asked[2]?.over)?.body().toString()).toBe('3')
    expect(asked.map(({ told }) => told.at(-1))).toEqual(['error enough', 'error enough', 'end'])
    expect(at.peers.slice(0, 2).map(({ closed }) => closed)).toEqual([true, true])
  })
})

describe('connections that do not come about', () => {
  /** Opens what the test says, when it says it. */
  function opening(connections = 10) {
    const opened: ((error: Error) => void)[] = []
    const agent = new Agent(
      () => (_onread, done) => {
        opened.push(done)
        return () => done(new Error('given up'))
      },
      { origins: 10, connections, keepAlive: 0, longestHead: 1000 },
    )
    return { agent, opened, ask: (path: string) => askAgent(agent, { url: new URL(path, 'http://a.test') }) }
  }

  test('one failure is one request’s; the next is tried anew', async () => {
    const { agent, opened, ask } = opening(1)
    const [first, second] = [ask('/1'), ask('/2')]
    opened[0]?.(new Error('one'))
    expect(first.told).toEqual(['error one'])
    expect({ told: second.told, tries: opened.length }).toEqual({ told: [], tries: 2 })
    opened[1]?.(new Error('two'))
    expect(second.told).toEqual(['error two'])
    expect(agent.stats).toEqual({})
  })

  test('the failure of one that nobody waits for any more fails nobody', () => {
    const { opened, ask } = opening()
    const [first, second] = [ask('/1'), ask('/2')]
    first.exchange.abort(new Error('enough'))
    opened[0]?.(new Error('one'))
    expect(second.told).toEqual([])
    opened[1]?.(new Error('two'))
    expect(second.told).toEqual(['error two'])
  })

  test('a way of opening that throws fails the request, not the client', async () => {
    let tries = 0
    const agent = new Agent(
      () => () => {
        tries++
        throw new Error('no way')
      },
      { origins: 10, connections: 10, keepAlive: 0, longestHead: 1000 },
    )
    const asked = askAgent(agent, { url: new URL('http://a.test') })
    expect((await asked.over).told).toEqual(['error no way'])
    expect({ stats: agent.stats, tries }).toEqual({ stats: {}, tries: 1 })
    await agent.close()
  })

  test('who asks again from within a failure is served', async () => {
    const { agent, opened, ask } = opening()
    let again: ReturnType<typeof ask> | undefined
    askAgent(agent, { url: new URL('http://a.test/1') }, { onError: () => (again = ask('/2')) })
    opened[0]?.(new Error('one'))
    expect(again?.told).toEqual([])
    opened[1]?.(new Error('two'))
    expect(again?.told).toEqual(['error two'])
  })
})
