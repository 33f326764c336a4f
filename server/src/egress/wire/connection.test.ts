import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { selfSigned } from '../certificate.fixture.ts'
import { answer, client, origin, pattern, type Peer, turns, until } from './wire.fixture.ts'

/** Answers each request on a connection with the next of these. */
const answers =
  (...bytes: (string | Buffer)[]) =>
  async (peer: Peer): Promise<void> => {
    for (const [index, one] of bytes.entries()) {
      await peer.asked(index + 1)
      peer.say(one)
    }
  }

describe('answers in parts', () => {
  const head = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX: no\r\n\r\nHTTP/1.1 200 Fine\r\nX-A: b\r\n'
  test.each([
    ['with a length', `${head}Content-Length: 11\r\n\r\nhello world`, false],
    [
      'chunked',
      `${head}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n`,
      false,
    ],
    ['to the end of the connection', `${head}\r\nhello world`, true],
    ['without a body', `${head}Content-Length: 0\r\n\r\n`, false],
  ])('%s: cut at every byte, and given byte for byte, it is the same', async (_, whole, ends) => {
    const at = await origin()
    const { agent, ask, sockets } = client()
    const get = async (cuts: number[]): Promise<void> => {
      const asked = ask(`${at.url}/x`)
      const index = sockets.length - 1
      const peer = await at.peer(index)
      await peer.asked()
      // Each part has come in before the next is sent, so that none of them are read together.
      for (const [start, end] of [0, ...cuts].map((cut, part) => [cut, cuts[part] ?? whole.length] as const)) {
        peer.say(whole.slice(start, end))
        await until(() => sockets[index]?.bytesRead === end)
      }
      if (ends) peer.socket.end()
      const { status, reason, headers, body, error, told } = await asked.over
      expect({ status, reason, error }).toEqual({ status: 200, reason: 'Fine', error: undefined })
      expect(headers.slice(0, 2)).toEqual(['X-A', 'b'])
      expect(body().toString()).toBe(whole.includes('Content-Length: 0') ? '' : 'hello world')
      expect(told.filter((one) => !one.startsWith('data'))).toEqual(['head 200', 'end'])
      sockets[index]?.destroy()
      await until(() => agent.stats[at.url] === undefined)
    }
    for (let cut = 1; cut < whole.length; cut++) await get([cut])
    await get(Array.from({ length: whole.length - 1 }, (__, index) => index + 1))
  })

  test('several over one connection, each its own', async () => {
    const at = await origin(
      answers(
        answer('first'),
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecond\r\n0\r\n\r\n',
        'HTTP/1.1 204 No\r\n\r\n',
        'HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n',
        'HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
        answer('last'),
      ),
    )
    const { ask } = client()
    const got: string[] = []
    for (let index = 0; index < 6; index++) {
      const { status, body } = await ask(`${at.url}/${index}`).over
      got.push(`${status} ${body().toString()}`)
      await turns()
    }
    expect(got).toEqual(['200 first', '200 second', '204 ', '304 ', '200 ', '200 last'])
    expect(at.peers.map(({ requests }) => requests)).toEqual([['/0', '/1', '/2', '/3', '/4', '/5']])
  })

  test('an answer of many reads over TLS, longer than its records and our buffers, and one with it over the same', async () => {
    const tls = selfSigned(['a.test'], new Date())
    const size = 300_000
    const at = await origin(
      answers(
        Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`), pattern(1, size)]),
        answer('after'),
      ),
      tls,
    )
    const { ask } = client({}, tls.cert)
    const long = await ask(`${at.url}/long`).over
    expect(long.error).toBeUndefined()
    expect(long.body().equals(pattern(1, size))).toBe(true)
    expect(long.told.length).toBeGreaterThan(10)
    await turns()
    expect((await ask(`${at.url}/after`).over).body().toString()).toBe('after')
    expect(at.peers.length).toBe(1)
  })

  test('many informational answers are passed over, but not without end', async () => {
    const some = await origin(answers('HTTP/1.1 102 Processing\r\n\r\n'.repeat(500) + answer('done')))
    const { ask } = client()
    expect((await ask(`${some.url}/x`).over).body().toString()).toBe('done')
    const endless = await origin(answers('HTTP/1.1 102 Processing\r\n\r\n'.repeat(5000)))
    expect((await ask(`${endless.url}/x`).over).told).toEqual(['error HEAD_TOO_LONG'])
  })

  test.each([
    ['in one line', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(40_000)}`],
    ['in many lines', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(7000)}`],
    ['that ends after all', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(40_000)}\r\nContent-Length: 0\r\n\r\n`],
  ])('a head that is too long %s is refused', async (_, bytes) => {
    const at = await origin(answers(bytes))
    expect((await client().ask(`${at.url}/x`).over).told).toEqual(['error HEAD_TOO_LONG'])
  })

  test('an informational answer in HTTP/1.0, which knows none (RFC 9110 section 15.2), is refused', async () => {
    const at = await origin(answers(`HTTP/1.0 100 Continue\r\n\r\n${answer('x')}`))
    expect((await client().ask(`${at.url}/x`).over).told).toEqual(['error BAD_ANSWER'])
  })

  test('101 is refused: nobody asked for another protocol (RFC 9110 section 7.8)', async () => {
    const at = await origin(answers('HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'))
    expect((await client().ask(`${at.url}/x`).over).told).toEqual(['error BAD_ANSWER'])
  })

  test.each(['Content-Length: +3', 'Content-Length: 3\r\nTransfer-Encoding: chunked', 'Transfer-Encoding: gzip'])(
    'an informational answer that says an end in a wrong way (%j) is refused as well',
    async (line) => {
      const at = await origin(answers(`HTTP/1.1 100 Continue\r\n${line}\r\n\r\n${answer('x')}`))
      expect((await client().ask(`${at.url}/x`).over).told).toEqual(['error BAD_ANSWER'])
    },
  )

  test.each(['SSH-2.0-server\r\n', '<html>', '\x15\x03\x01\0\x02\x02\x46', 'HTTP/2 200\r\n\r\n', '\r\n\r\n'])(
    '%j is refused at its first bytes',
    async (bytes) => {
      const at = await origin(answers(bytes))
      const { told } = await client().ask(`${at.url}/x`).over
      expect(told).toEqual(['error BAD_ANSWER'])
    },
  )
})

describe('answers that end early', () => {
  const begun = 'HTTP/1.1 200 OK\r\n'
  test.each([
    ['before its head', ''],
    ['in its head', 'HTTP/1.1 200 OK\r\nX: '],
    ['at the end of its head lines', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n'],
    ['after an informational answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['before its body', `${begun}Content-Length: 5\r\n\r\n`],
    ['in its body', `${begun}Content-Length: 5\r\n\r\nhell`],
    ['before its first chunk', `${begun}Transfer-Encoding: chunked\r\n\r\n`],
    ['in the size of a chunk', `${begun}Transfer-Encoding: chunked\r\n\r\n5`],
    ['in a chunk', `${begun}Transfer-Encoding: chunked\r\n\r\n5\r\nhell`],
    ['behind a chunk', `${begun}Transfer-Encoding: chunked\r\n\r\n5\r\nhello`],
    ['before its last chunk', `${begun}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`],
    ['in its last chunk', `${begun}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n`],
    ['in its trailers', `${begun}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n`],
  ])('%s: no end is told (RFC 9112 section 8)', async (_, bytes) => {
    const at = await origin(async (peer, index) => {
      await peer.asked()
      peer.say(bytes)
      if (index === 0) peer.socket.end()
      else {
        // What was sent has to be there before the connection is reset.
        await pause(20)
        peer.socket.resetAndDestroy()
      }
    })
    const { ask } = client()
    const ended = await ask(`${at.url}/x`).over
    expect(ended.told.at(-1)).toBe('error CLOSED_EARLY')
    expect(ended.told).not.toContain('end')
    const reset = await ask(`${at.url}/x`).over
    expect(reset.told.at(-1)).toBe('error ECONNRESET')
    expect(reset.told).not.toContain('end')
  })

  test('one that ends with its connection is whole at its end, and not where it is reset', async () => {
    const at = await origin(async (peer, index) => {
      await peer.asked()
      peer.say(`${begun}\r\nhello`)
      if (index === 0) peer.socket.end()
      else {
        await pause(20)
        peer.socket.resetAndDestroy()
      }
    })
    const { ask } = client()
    expect((await ask(`${at.url}/x`).over).told).toEqual(['head 200', 'data 5', 'end'])
    expect((await ask(`${at.url}/x`).over).told).toEqual(['head 200', 'data 5', 'error ECONNRESET'])
  })
})

describe('time', () => {
  test('an answer that does not begin in time, and one that stops', async () => {
    const at = await origin(async (peer, index) => {
      await peer.asked()
      if (index === 1) peer.say('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200')
      if (index === 2) peer.say('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell')
    })
    const { ask } = client()
    const limits = { headTimeout: 50, bodyTimeout: 50 }
    expect((await ask(`${at.url}/x`, limits).over).told).toEqual(['error HEAD_TIMEOUT'])
    expect((await ask(`${at.url}/x`, limits).over).told).toEqual(['error HEAD_TIMEOUT'])
    expect((await ask(`${at.url}/x`, limits).over).told).toEqual(['head 200', 'data 4', 'error BODY_TIMEOUT'])
    await until(() => at.peers.every(({ closed }) => closed))
  })

  test('silence counts anew with every part of a body', async () => {
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n')
      for (let part = 0; part < 20; part++) {
        peer.say('x')
        await pause(30)
      }
    })
    const { over } = client().ask(`${at.url}/x`, { bodyTimeout: 400 })
    expect((await over).told.at(-1)).toBe('end')
  })

  test('none while it is paused; again once it goes on', async () => {
    const at = await origin(answers('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell'))
    const { ask } = client()
    const asked = ask(`${at.url}/x`, { bodyTimeout: 40 }, { onData: () => asked.exchange.pause() })
    await until(() => asked.told.length === 2)
    await pause(200)
    expect(asked.told).toEqual(['head 200', 'data 4'])
    asked.exchange.resume()
    expect((await asked.over).told).toEqual(['head 200', 'data 4', 'error BODY_TIMEOUT'])
  })

  test('a limit that no timer can hold', async () => {
    const at = await origin(answers(answer('done')))
    const { over } = client().ask(`${at.url}/x`, { headTimeout: 1e12, bodyTimeout: 1e12 })
    expect((await over).told.at(-1)).toBe('end')
  })
})

describe('back-pressure', () => {
  test('who pauses is sent no more than was under way, and gets all of it after', async () => {
    const size = 64 * 1024 * 1024
    const block = pattern(7, 1024 * 1024)
    let written = 0
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      while (written < size) {
        written += block.length
        if (!peer.socket.write(block)) await new Promise((resolve) => peer.socket.once('drain', resolve))
      }
    })
    let got = 0
    let wrong = 0
    const { ask } = client()
    const asked = ask(
      `${at.url}/x`,
      {},
      {
        onData(bytes) {
          const at0 = got % block.length
          const first = Math.min(bytes.length, block.length - at0)
          if (!bytes.subarray(0, first).equals(block.subarray(at0, at0 + first))) wrong++
          if (!bytes.subarray(first).equals(block.subarray(0, bytes.length - first))) wrong++
          if (got === 0) asked.exchange.pause()
          got += bytes.length
        },
      },
    )
    await until(() => got > 0)
    await pause(200)
    expect(got).toBeLessThan(1_000_000)
    expect(written).toBeLessThan(size / 2)
    asked.exchange.resume()
    expect((await asked.over).told.at(-1)).toBe('end')
    expect({ got, wrong }).toEqual({ got: size, wrong: 0 })
  })

  test.each(['with a length', 'chunked', 'to the end'])('paused at each part, %s', async (framing) => {
    const at = await origin(async (peer) => {
      await peer.asked()
      const [head = '', begin = '', end = ''] =
        framing === 'chunked'
          ? ['Transfer-Encoding: chunked\r\n', '1\r\n', '\r\n']
          : framing === 'to the end'
            ? ['']
            : ['Content-Length: 30\r\n']
      peer.say(`HTTP/1.1 200 OK\r\n${head}\r\n`)
      for (let part = 0; part < 30; part++) {
        peer.say(`${begin}${part % 10}${end}`)
        await turns(2)
      }
      if (framing === 'chunked') peer.say('0\r\n\r\n')
      if (framing === 'to the end') peer.socket.end()
      else {
        await peer.asked(2)
        peer.say(answer('next'))
      }
    })
    const { ask } = client()
    const asked = ask(
      `${at.url}/x`,
      {},
      {
        onData() {
          asked.exchange.pause()
          setTimeout(() => asked.exchange.resume(), 1)
        },
      },
    )
    const { body, told } = await asked.over
    expect(body().toString()).toBe('0123456789'.repeat(3))
    expect(told.at(-1)).toBe('end')
    if (framing === 'to the end') return
    await turns()
    // What paused the last one does not hold up the next.
    expect((await ask(`${at.url}/y`).over).body().toString()).toBe('next')
    expect(at.peers.length).toBe(1)
  })
})

describe('handlers', () => {
  const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
  const no = (): never => {
    throw new Error('no')
  }

  test.each<[string, object, string[]]>([
    ['onHead', { onHead: no }, ['head 200', 'error no']],
    ['onData', { onData: no }, ['head 200', 'data 5', 'error no']],
  ])('what %s throws ends the exchange and its connection', async (_, also, told) => {
    const at = await origin(answers(whole))
    const { ask, agent } = client()
    const asked = ask(`${at.url}/x`, {}, also)
    await asked.over
    await turns()
    expect(asked.told).toEqual(told)
    await until(() => at.peers[0]?.closed === true)
    expect(agent.stats).toEqual({})
  })

  test('what onEnd throws comes to onError; the connection, whose answer was whole, serves on', async () => {
    const at = await origin(answers(whole, answer('next')))
    const { ask } = client()
    const asked = ask(`${at.url}/x`, {}, { onEnd: no })
    await turns()
    await until(() => asked.told.length === 4)
    expect(asked.told).toEqual(['head 200', 'data 5', 'end', 'error no'])
    await turns()
    expect((await ask(`${at.url}/y`).over).body().toString()).toBe('next')
    expect(at.peers.length).toBe(1)
  })

  test.each<[string, string, string[]]>([
    ['onHead', 'head', ['head 200', 'error enough']],
    ['onData', 'data', ['head 200', 'data 5', 'error enough']],
  ])('giving up within %s: nothing more is told, and the connection ends', async (_, when, told) => {
    for (const bytes of [
      whole,
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n',
      'HTTP/1.1 200 OK\r\n\r\nhello',
    ]) {
      const at = await origin(answers(bytes))
      const giveUp = (): void => asked.exchange.abort(new Error('enough'))
      const asked = client().ask(`${at.url}/x`, {}, when === 'head' ? { onHead: giveUp } : { onData: giveUp })
      await asked.over
      await until(() => at.peers[0]?.closed === true)
      expect(asked.told).toEqual(told)
    }
  })

  test('giving up after the end does nothing, to this exchange or to the next over its connection', async () => {
    const at = await origin(answers(whole))
    const { ask } = client({ connections: 1 })
    const first = ask(`${at.url}/x`)
    await first.over
    await turns()
    const second = ask(`${at.url}/y`)
    await until(() => at.peers[0]?.requests.length === 2)
    first.exchange.abort(new Error('late'))
    first.exchange.pause()
    first.exchange.resume()
    at.peers[0]?.say(answer('fine'))
    expect((await second.over).told).toEqual(['head 200', 'data 4', 'end'])
    expect(first.told).toEqual(['head 200', 'data 5', 'end'])
  })
})
