import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { selfSigned } from '../certificate.fixture.ts'
import { type Kept, ReadBuffer } from './buffers.ts'
import { type Asked, client, origin, type Origin, pattern, turns, until } from './wire.fixture.ts'

/** As the socket does: the bytes as they come to the callback. */
function read(buffer: Buffer, fill: number, length = buffer.length): Buffer {
  return buffer.subarray(0, length).fill(fill)
}

describe('one connection’s memory', () => {
  test('all share one buffer until an answer goes on; then each has its own', () => {
    const [one, other] = [new ReadBuffer(), new ReadBuffer()]
    expect(one.next(false)).toBe(other.next(false))
    const own = one.next(true)
    expect(own).not.toBe(one.next(false))
    expect(one.next(true)).not.toBe(other.next(true))
    one.leave()
    other.leave()
  })

  test('what is kept of the common buffer, and what is short, is a copy; a long part is lent', () => {
    const reading = new ReadBuffer()
    const common = read(reading.next(false), 1)
    const copied = reading.keep(common)
    common.fill(9)
    expect(copied.bytes.every((byte) => byte === 1)).toBe(true)

    const own = reading.next(true)
    const short = reading.keep(read(own, 2, 100))
    own.fill(9)
    expect(short.bytes).toEqual(Buffer.alloc(100, 2))
    expect([copied.release, short.release]).toEqual([undefined, undefined])

    const long = reading.keep(read(own, 3))
    expect(long.bytes.buffer).toBe(own.buffer)
    long.release?.()
    reading.leave()
  })

  test('nothing is read into a buffer of which a part is lent; it is used again once all are given back, and not twice', () => {
    const reading = new ReadBuffer()
    const own = reading.next(true)
    const bytes = read(own, 1)
    const kept = [reading.keep(bytes.subarray(0, 20_000)), reading.keep(bytes.subarray(20_000))]
    const taken = Array.from({ length: 40 }, () => new ReadBuffer())
    /** Whether one of those that are next is it. */
    const isNext = (): number => {
      const next = [reading, ...taken].map((one) => one.next(true))
      reading.leave()
      taken.forEach((one) => one.leave())
      return next.filter((buffer) => buffer === own).length
    }
    expect(isNext()).toBe(0)
    for (let times = 0; times < 3; times++) kept[0]?.release?.()
    expect(isNext()).toBe(0)
    expect(bytes.every((byte) => byte === 1)).toBe(true)
    // There is room for it among those that wait.
    const one = new ReadBuffer()
    one.next(true)
    for (let times = 0; times < 3; times++) kept[1]?.release?.()
    expect(isNext()).toBe(1)
    one.leave()
  })

  test('what is still lent when its connection ends is nobody’s until it is given back', () => {
    const reading = new ReadBuffer()
    const own = reading.next(true)
    const kept = reading.keep(read(own, 1))
    reading.leave()
    reading.leave()
    const other = new ReadBuffer()
    for (let turn = 0; turn < 50; turn++) {
      expect(other.next(true)).not.toBe(own)
      other.leave()
    }
    kept.release?.()
    expect(other.next(true)).toBe(own)
    other.leave()
  })
})

const tls = selfSigned(['a.test'], new Date())
/** What the bodies are made of; a length that no read and no record has, so that no two places look alike. */
const tile = 61_441
const tiles = new Map<number, Buffer>()

function tileOf(seed: number): Buffer {
  const made = tiles.get(seed) ?? Buffer.concat([pattern(seed, tile), pattern(seed, tile)])
  tiles.set(seed, made)
  return made
}

/** Whether these bytes are those that stand there in the body of this seed. */
function isRight(seed: number, from: number, bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length;) {
    const start = (from + at) % tile
    const length = Math.min(tile, bytes.length - at)
    if (bytes.compare(tileOf(seed), start, start + length, at, at + length) !== 0) return false
    at += length
  }
  return true
}

/** `/seed/size/framing`: a body of the seed's bytes. A connection serves one after the other. */
function patterns(secure?: typeof tls): Promise<Origin> {
  return origin(async (peer) => {
    for (let count = 1; ; count++) {
      await until(() => peer.closed || peer.requests.length >= count)
      if (peer.closed) return
      const [, seed = '', size = '', framing] = peer.requests[count - 1]?.split('/') ?? []
      const chunked = framing === 'chunked'
      peer.say(`HTTP/1.1 200 OK\r\n${chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${size}`}\r\n\r\n`)
      const bytes = tileOf(Number(seed))
      for (let at = 0; at < Number(size) && !peer.closed; at += tile) {
        const part = bytes.subarray(0, Math.min(tile, Number(size) - at))
        if (chunked) peer.say(`${part.length.toString(16)}\r\n`)
        const room = peer.socket.write(part)
        if (chunked) peer.say('\r\n')
        if (!room) {
          const { promise, resolve } = Promise.withResolvers<void>()
          peer.socket.once('drain', resolve).once('close', resolve)
          await promise
          peer.socket.off('drain', resolve).off('close', resolve)
        }
      }
      if (chunked) peer.say('0\r\n\r\n')
    }
  }, secure)
}

interface Reader {
  asked: Asked
  wrong: () => number
  got: () => number
  /** What is kept and was not given back. */
  held: { at: number; kept: Kept }[]
}

/** Numbers that look random and are the same in each run. */
function random(seed: number): (below: number) => number {
  let state = seed + 1
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 4_294_967_296) * below)
  }
}

/** `slow`: keeps each part for some turns of the loop, looks at it only then, and holds the other side back meanwhile. */
function reader(
  { ask }: ReturnType<typeof client>,
  at: Origin,
  {
    seed,
    size,
    framing = 'length',
    slow = false,
    abortAt = Infinity,
    seen = new Set<ArrayBufferLike>(),
  }: {
    seed: number
    size: number
    framing?: string
    slow?: boolean
    abortAt?: number
    seen?: Set<ArrayBufferLike>
  },
): Reader {
  let got = 0
  let wrong = 0
  const held: Reader['held'] = []
  const next = random(seed)
  const giveBack = async (one: Reader['held'][number]): Promise<void> => {
    await turns(1 + next(12))
    if (!isRight(seed, one.at, one.kept.bytes)) wrong++
    held.splice(held.indexOf(one), 1)
    one.kept.release?.()
    if (held.length < 3) asked.exchange.resume()
  }
  const asked: Asked = ask(
    `${at.url}/${seed}/${size}/${framing}`,
    {},
    {
      onData(bytes) {
        asked.told.length = 0
        if (bytes.length > 8192) seen.add(bytes.buffer)
        if (slow) {
          const one = { at: got, kept: asked.exchange.keep(bytes) }
          held.push(one)
          if (held.length > 3) asked.exchange.pause()
          void giveBack(one)
        } else if (!isRight(seed, got, bytes)) wrong++
        got += bytes.length
        if (got >= abortAt) asked.exchange.abort(new Error('enough'))
      },
    },
  )
  return { asked, got: () => got, wrong: () => wrong, held }
}

describe('many answers at once', () => {
  test.each([
    ['plain', undefined],
    ['TLS', tls],
  ])('%s: every byte is its own, to fast and slow readers, with others that give up', async (_, secure) => {
    const at = await patterns(secure)
    const one = client({ connections: 24 }, tls.cert)
    const size = 1_500_000
    const readers = Array.from({ length: 48 }, (__, index) =>
      reader(one, at, {
        seed: index,
        size,
        framing: index % 2 === 0 ? 'length' : 'chunked',
        slow: index % 3 !== 0,
        abortAt: index % 5 === 0 ? 200_000 + index * 10_000 : Infinity,
      }),
    )
    await Promise.all(readers.map(({ asked }) => asked.over))
    await until(() => readers.every(({ held }) => held.length === 0))
    expect(readers.map(({ wrong }) => wrong())).toEqual(Array(48).fill(0))
    expect(readers.map(({ asked }) => asked.error?.message)).toEqual(
      readers.map((__, index) => (index % 5 === 0 ? 'enough' : undefined)),
    )
    for (const [index, { got }] of readers.entries()) if (index % 5 !== 0) expect(got()).toBe(size)
  })
})

describe('a part that is kept stays as it is', () => {
  test.each<[string, (asked: Asked, one: ReturnType<typeof client>) => unknown, number]>([
    ['after its exchange has ended', ({ over }) => over, 600_000],
    ['after it was given up', ({ exchange }) => exchange.abort(new Error('enough')), 5_000_000],
    ['after its connection broke', (_, { sockets }) => sockets[0]?.destroy(), 5_000_000],
    ['after the client was ended', (_, { agent }) => agent.destroy(), 5_000_000],
  ])('%s', async (_, ending, size) => {
    const at = await patterns()
    const one = client()
    const held: { at: number; kept: Kept }[] = []
    let got = 0
    const asked = one.ask(
      `${at.url}/1/${size}/length`,
      {},
      {
        onData(bytes) {
          if (held.length < 5) held.push({ at: got, kept: asked.exchange.keep(bytes) })
          got += bytes.length
        },
      },
    )
    await until(() => held.length === 5)
    await ending(asked, one)
    await asked.over
    expect(held.some(({ kept }) => kept.release !== undefined)).toBe(true)
    const right = (): boolean => held.every((part) => isRight(1, part.at, part.kept.bytes))
    expect(right()).toBe(true)
    // Everything that is free is read into meanwhile.
    const others = client({ connections: 40 })
    const readers = Array.from({ length: 40 }, (__, index) => reader(others, at, { seed: 100 + index, size: 400_000 }))
    await Promise.all(readers.map((other) => other.asked.over))
    expect(right()).toBe(true)
    for (const { kept } of held) kept.release?.()
  })
})

describe('how much memory that takes', () => {
  test('answers one after the other and at once are read into the same few buffers', async () => {
    const at = await patterns()
    const one = client({ connections: 8 })
    const seen = new Set<ArrayBufferLike>()
    const readers = Array.from({ length: 80 }, (_, seed) =>
      reader(one, at, { seed, size: 700_000, slow: seed % 2 === 0, seen }),
    )
    await Promise.all(readers.map(({ asked }) => asked.over))
    await until(() => readers.every(({ held }) => held.length === 0))
    expect(readers.map(({ wrong }) => wrong())).toEqual(Array(80).fill(0))
    // 56 MB would be some 900 of them: here it is what 8 connections hold at once, and what waits for others.
    expect(seen.size).toBeLessThan(8 * 5 + 33)
  })

  test('answers that are given up leave their buffers to the next', async () => {
    const at = await patterns()
    const one = client({ connections: 1 })
    const seen = new Set<ArrayBufferLike>()
    for (let seed = 0; seed < 100; seed++) {
      const { asked } = reader(one, at, { seed: seed % 4, size: 2_000_000, abortAt: 150_000, seen })
      await asked.over
      expect(asked.error?.message).toBe('enough')
    }
    expect(seen.size).toBeLessThan(10)
  })

  test('a byte that waits for its reader does not hold a whole buffer', async () => {
    const count = 300
    const at = await origin(async (peer) => {
      await peer.asked()
      peer.say(`HTTP/1.1 200 OK\r\nContent-Length: ${count}\r\n\r\n`)
      for (let sent = 0; sent < count; sent++) {
        peer.say('x')
        await setImmediate()
      }
    })
    const one = client()
    const kept: Kept[] = []
    const asked = one.ask(`${at.url}/x`, {}, { onData: (bytes) => void kept.push(asked.exchange.keep(bytes)) })
    await asked.over
    expect(kept.length).toBeGreaterThan(30)
    const memory = new Set(kept.map(({ bytes }) => bytes.buffer))
    const held = Array.from(memory, ({ byteLength }) => byteLength).reduce((sum, size) => sum + size, 0)
    expect(held).toBeLessThan(300_000)
  })
})
