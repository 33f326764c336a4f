/** Long answers to many slow callers at once, through memory that is used again: each gets its own bytes, all of them. */
import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callRaw, head, open, streaming, upstreams } from './call_upstream.ts'
import { ownerKey, startServer, type TestServer } from './harness.ts'

let server: TestServer
const { through, close } = upstreams(() => server, 'crowd')
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  await close()
})

/** A length that no read has, so that no two places of a body look alike. */
const tile = 262_147
const tiles = new Map<string, Buffer>()

/** What the body of this name repeats: each byte tells its place and whose it is. */
function tileOf(name: string): Buffer {
  const known = tiles.get(name)
  if (known !== undefined) return known
  const seed = Math.imul(Number(name) + 1, 0x85ebca6b)
  const made = Buffer.allocUnsafe(tile)
  for (let at = 0; at < tile; at++) made[at] = (Math.imul(at + 1, 0x9e3779b1) ^ seed) >>> 24
  tiles.set(name, made)
  return made
}

function isRight(name: string, from: number, bytes: Buffer): boolean {
  const wanted = tileOf(name)
  for (let at = 0; at < bytes.length;) {
    const start = (from + at) % tile
    const length = Math.min(tile - start, bytes.length - at)
    if (bytes.compare(wanted, start, start + length, at, at + length) !== 0) return false
    at += length
  }
  return true
}

/** How much of its answer each name was sent. */
const sent = new Map<string, number>()

/**
 * `/name/size/framing`. With a length it comes as fast as it is taken; in chunks it comes in parts of which several wait
 * for a slow caller at a time.
 */
function api() {
  return through(
    streaming((asked, response) => {
      const [name = '', size = '', framing] = (asked.url ?? '').slice(1).split('/')
      const bytes = tileOf(name)
      if (framing === 'length') response.setHeader('Content-Length', size)
      const most = framing === 'length' ? tile : 23_456
      let at = 0
      const send = (): void => {
        if (response.destroyed) return
        const start = at % tile
        const part = bytes.subarray(start, Math.min(tile, start + most, start + Number(size) - at))
        at += part.length
        sent.set(name, at)
        if (at >= Number(size)) response.end(part)
        else if (response.write(part)) setImmediate(send)
        else response.once('drain', send)
      }
      send()
    }),
  )
}

interface Taken {
  got: number
  wrong: number
  /** Whether it came to its end. */
  whole: boolean
}

/** Until everything between the API and this caller is full. */
async function stuck(name: string): Promise<void> {
  for (let before = -1; before !== sent.get(name);) {
    before = sent.get(name) ?? 0
    await pause(300)
  }
}

/** Reads an answer and looks at every byte; `rests`: after how many bytes it stops for a moment, each time. */
function take(path: string, rests: number): Promise<Taken> {
  const [, , , , name = ''] = path.split('/')
  const taken: Taken = { got: 0, wrong: 0, whole: false }
  return new Promise((resolve) => {
    const asked = request(server.url + path, { agent: false, headers: { authorization: `Bearer ${ownerKey}` } })
    asked.on('error', () => resolve(taken))
    asked.on('response', (answer) => {
      let until = rests
      answer.on('data', (bytes: Buffer) => {
        if (!isRight(name, taken.got, bytes)) taken.wrong++
        taken.got += bytes.length
        if (taken.got < until) return
        until += rests
        answer.pause()
        if (until === 2 * rests) void stuck(name).then(() => answer.resume())
        else setTimeout(() => answer.resume(), 5)
      })
      answer.on('end', () => {
        taken.whole = answer.complete
      })
      answer.on('error', () => undefined)
      answer.on('close', () => resolve(taken))
    })
    asked.end()
  })
}

/** Reads up to so many bytes and is gone. */
async function leave(path: string, after: number): Promise<void> {
  const caller = open(server.mooring.port)
  let got = 0
  caller.on('data', (bytes: Buffer) => {
    got += bytes.length
    if (got >= after) caller.destroy()
  })
  caller.write(head('GET', path))
  await new Promise((resolve) => caller.once('close', resolve))
}

test('25 MB to each of 20 slow callers, while others leave and small calls go on', async () => {
  const size = 25_000_000
  const { name } = await api()
  const path = (who: number, bytes: number): string =>
    `/v1/proxy/${name}/${who}/${bytes}/${who % 2 === 0 ? 'length' : 'chunked'}`
  const crowd = { over: false }
  const slow = Promise.all(
    Array.from({ length: 20 }, (_, who) => take(path(who, size), 400_000 * (1 + (who % 7)))),
  ).finally(() => {
    crowd.over = true
  })
  let left = 0
  const leaving = Array.from({ length: 6 }, async (_, index) => {
    for (let who = 100 + index; !crowd.over; who += 6) {
      await leave(path(40 + (who % 20), size), 1 + ((who * 7919 * 4099) % 3_000_000))
      left++
      await pause(20)
    }
  })
  const small: unknown[] = []
  const asking = Array.from({ length: 3 }, async (_, index) => {
    for (let who = 200 + index; !crowd.over; who += 3) {
      const bytes = (who * 7919) % 3000
      const { status, body, whole } = await callRaw(server, head('GET', path(20 + (who % 20), bytes)))
      if (status !== 200 || !whole || body.length !== bytes || !isRight(String(20 + (who % 20)), 0, body))
        small.push({ who, status, whole, length: body.length })
      await pause(5)
    }
  })
  expect(await slow).toEqual(Array.from({ length: 20 }, () => ({ got: size, wrong: 0, whole: true })))
  await Promise.all([...leaving, ...asking])
  expect(small).toEqual([])
  expect(left).toBeGreaterThan(20)
})
