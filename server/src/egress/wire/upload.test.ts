import { EventEmitter } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { answer, client, origin, pattern, type Peer, turns, until } from './wire.fixture.ts'

/** The bytes behind the head of what came. */
const bodyOf = ({ got }: Peer): string => got.slice(got.indexOf('\r\n\r\n') + 4)

describe('a streamed body', () => {
  test('with a length: what comes is sent as it comes, and the connection serves on', async () => {
    const at = await origin()
    const { ask } = client()
    const body = new PassThrough()
    const asked = ask(`${at.url}/x`, { method: 'POST', headers: ['Content-Length', '10'], body })
    const peer = await at.peer()
    for (const part of ['hello', '', ' wor', 'd']) {
      body.write(part)
      await turns()
    }
    body.end()
    await until(() => bodyOf(peer) === 'hello word')
    expect(peer.got).toContain('Content-Length: 10\r\n\r\nhello word')
    peer.say(answer('done'))
    expect((await asked.over).body().toString()).toBe('done')
    await turns()
    const next = ask(`${at.url}/y`)
    await until(() => peer.got.includes('hello wordGET /y HTTP/1.1\r\n'))
    peer.say(answer('next'))
    expect((await next.over).told.at(-1)).toBe('end')
  })

  test('chunked: each part is a chunk, none is the last before its end', async () => {
    const at = await origin()
    const body = new PassThrough()
    const { ask } = client()
    const asked = ask(`${at.url}/x`, { method: 'POST', body })
    const peer = await at.peer()
    body.write('h\u00e9llo')
    await until(() => bodyOf(peer) === '6\r\nh\xc3\xa9llo\r\n')
    body.write(Buffer.alloc(0))
    body.write(Buffer.alloc(26, 'z'))
    await until(() => bodyOf(peer).endsWith(`1a\r\n${'z'.repeat(26)}\r\n`))
    body.end()
    await until(() => bodyOf(peer).endsWith('\r\n0\r\n\r\n'))
    expect(bodyOf(peer)).toBe(`6\r\nh\xc3\xa9llo\r\n1a\r\n${'z'.repeat(26)}\r\n0\r\n\r\n`)
    peer.say(answer('done'))
    expect((await asked.over).told.at(-1)).toBe('end')
    await turns()
    void ask(`${at.url}/y`)
    await peer.asked(2)
  })

  test.each(['Content-Length', ''])('an empty one (%s)', async (name) => {
    const at = await origin()
    const headers = name === '' ? [] : [name, '0']
    const asked = client().ask(`${at.url}/x`, { method: 'POST', headers, body: Readable.from([]) })
    const peer = await at.peer()
    await until(() => peer.got.endsWith(name === '' ? '\r\n\r\n0\r\n\r\n' : 'Content-Length: 0\r\n\r\n'))
    peer.say(answer('done'))
    expect((await asked.over).told.at(-1)).toBe('end')
  })

  test.each<[string, string[], Buffer[], string]>([
    ['longer than said', ['Content-Length', '4'], [Buffer.from('hello')], ''],
    ['longer than said, in a later part', ['Content-Length', '4'], [Buffer.from('hel'), Buffer.from('lo')], 'hel'],
    ['shorter than said', ['Content-Length', '9'], [Buffer.from('hello')], 'hello'],
    ['empty, with a length', ['Content-Length', '9'], [], ''],
  ])('%s: not a byte too many is sent, and it ends as no whole request', async (_, headers, parts, sent) => {
    const at = await origin()
    const { ask, agent } = client()
    const { told, over } = ask(`${at.url}/x`, { method: 'PUT', headers, body: Readable.from(parts) })
    await over
    expect(told).toEqual(['error BAD_LENGTH'])
    await until(() => at.peers[0]?.closed === true)
    const [peer] = at.peers
    // What was held together with the head may not have left; never more than this.
    expect(sent.startsWith(peer === undefined || peer.got === '' ? '' : bodyOf(peer))).toBe(true)
    expect(agent.stats).toEqual({})
  })

  test('of text is refused: the length of a text is not that of its bytes', async () => {
    const at = await origin()
    const body = Readable.from(['h\u00e9llo\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n'])
    const { told, over } = client().ask(`${at.url}/x`, { method: 'POST', body })
    await over
    expect(told).toEqual(['error BAD_REQUEST'])
    await until(() => at.peers[0]?.closed === true)
    expect(at.peers[0]?.got).not.toContain('evil')
  })

  test.each<[string, (body: PassThrough) => void, string]>([
    ['fails', (body) => void body.destroy(new Error('broken')), 'error broken'],
    ['is ended early', (body) => void body.destroy(), 'error BAD_LENGTH'],
  ])('that %s: the connection ends without a last chunk, so that it cannot look whole', async (_, ending, told) => {
    for (const headers of [[], ['Content-Length', '9']]) {
      const at = await origin()
      const body = new PassThrough()
      const asked = client().ask(`${at.url}/x`, { method: 'POST', headers, body })
      const peer = await at.peer()
      body.write('hello')
      await until(() => bodyOf(peer).includes('hello'))
      ending(body)
      expect((await asked.over).told).toEqual([told])
      await until(() => peer.closed)
      expect(bodyOf(peer)).toBe(headers.length === 0 ? '5\r\nhello\r\n' : 'hello')
    }
  })

  test('that failed or ended before it was its turn', async () => {
    const at = await origin()
    const failed = new PassThrough()
    failed.on('error', () => undefined)
    failed.destroy(new Error('broken'))
    const ended = Readable.from([])
    ended.resume()
    await turns()
    const { ask } = client()
    expect((await ask(`${at.url}/x`, { method: 'POST', body: failed }).over).told).toEqual(['error broken'])
    expect((await ask(`${at.url}/x`, { method: 'POST', body: ended }).over).told).toEqual(['error BAD_LENGTH'])
    const open = new Readable({ autoDestroy: false, read: () => undefined })
    open.push(null)
    open.resume()
    await turns()
    expect((await ask(`${at.url}/x`, { method: 'POST', body: open }).over).told).toEqual(['error BAD_LENGTH'])
  })

  test('that fails after its exchange is over ends nothing', async () => {
    const at = await origin()
    const body = new PassThrough()
    const asked = client().ask(`${at.url}/x`, { method: 'POST', body })
    await until(() => at.peers[0]?.got !== undefined)
    asked.exchange.abort(new Error('enough'))
    expect((await asked.over).told).toEqual(['error enough'])
    await turns()
    expect(body.destroyed).toBe(true)
    EventEmitter.prototype.emit.call(body, 'error', new Error('late'))
    expect(asked.told).toEqual(['error enough'])
  })
})

describe('an answer before all is sent', () => {
  test.each(['Content-Length', 'chunked'])(
    'is told whole, and the connection serves no other (%s)',
    async (framing) => {
      const at = await origin(async (peer, index) => {
        await peer.asked()
        peer.say(index === 0 ? 'HTTP/1.1 413 Too much\r\nContent-Length: 2\r\n\r\nno' : answer('yes'))
      })
      const body = new PassThrough()
      body.write('begin')
      const headers = framing === 'chunked' ? [] : [framing, '1000']
      const { ask } = client({ connections: 1 })
      const asked = ask(`${at.url}/x`, { method: 'POST', headers, body })
      const next = ask(`${at.url}/y`)
      expect((await asked.over).told).toEqual(['head 413', 'data 2', 'end'])
      expect(body.destroyed).toBe(true)
      expect((await next.over).body().toString()).toBe('yes')
      // What is still to come of the first body could otherwise be taken for a request.
      expect(at.peers.map(({ requests }) => requests)).toEqual([['/x'], ['/y']])
      await until(() => at.peers[0]?.closed === true)
    },
  )

  test('that goes on while the body does: both come to their end', async () => {
    const at = await origin()
    const body = new PassThrough()
    const { ask } = client()
    const asked = ask(`${at.url}/x`, { method: 'POST', body })
    const peer = await at.peer()
    await peer.asked()
    peer.say('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    for (const part of ['one', 'two', 'six']) {
      body.write(part)
      await until(() => bodyOf(peer).endsWith(`3\r\n${part}\r\n`))
      peer.say(`3\r\n${part}\r\n`)
      await until(() => asked.body().toString().endsWith(part))
    }
    body.end()
    await until(() => bodyOf(peer).endsWith('0\r\n\r\n'))
    peer.say('0\r\n\r\n')
    expect((await asked.over).body().toString()).toBe('onetwosix')
    await turns()
    void ask(`${at.url}/y`)
    await peer.asked(2)
  })
})

describe('time and back-pressure', () => {
  test('a body that goes on is not late; the answer to it is', async () => {
    const at = await origin()
    const body = new PassThrough()
    const asked = client().ask(`${at.url}/x`, { method: 'POST', body, headTimeout: 300 })
    const peer = await at.peer()
    const began = performance.now()
    while (performance.now() < began + 500) {
      body.write('x')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(asked.told).toEqual([])
    body.end()
    await until(() => bodyOf(peer).endsWith('0\r\n\r\n'))
    expect((await asked.over).told).toEqual(['error HEAD_TIMEOUT'])
  })

  test.each(['chunked', 'Content-Length'])(
    'who does not read is sent no more, and gets all of it after (%s)',
    async (framing) => {
      const block = pattern(3, 1024 * 1024)
      const blocks = 48
      let given = 0
      const body = new Readable({
        highWaterMark: 65_536,
        read() {
          this.push(given === blocks ? null : block)
          given++
        },
      })
      const at = await origin(({ socket }) => void socket.pause())
      const headers = framing === 'chunked' ? [] : [framing, String(blocks * block.length)]
      const asked = client().ask(`${at.url}/x`, { method: 'PUT', headers, body })
      const peer = await at.peer()
      let before = -1
      while (given !== before) {
        before = given
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      expect(given).toBeGreaterThan(0)
      expect(given).toBeLessThan(blocks / 2)
      let size = 0
      peer.socket.removeAllListeners('data')
      peer.socket.on('data', (bytes: Buffer) => {
        size += bytes.length
        if (size >= blocks * block.length) peer.got = 'all'
      })
      peer.socket.resume()
      await until(() => peer.got === 'all')
      await turns(20)
      peer.say(answer('done'))
      expect((await asked.over).told.at(-1)).toBe('end')
    },
  )
})
