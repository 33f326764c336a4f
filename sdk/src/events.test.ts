import { describe, expect, test } from 'vitest'
import { sendJson, sendProblem, standIn } from '../test/stand_in.ts'
import { createClient } from './client.ts'
import { readServerSentEvents } from './event_stream.ts'

async function parse(...pieces: string[]): Promise<{ id: string | undefined; data: string }[]> {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece))
      controller.close()
    },
  })
  return Array.fromAsync(readServerSentEvents(body))
}

describe('server-sent events', () => {
  test('are read whatever the line ends, and however the pieces fall', async () => {
    expect(await parse('id: 1\r', '\ndata: a\r\n\r\n: note\nda', 'ta:b\ndata:  c\n\ndata: d\r\rdata: cut off')).toEqual(
      [
        { id: '1', data: 'a' },
        { id: '1', data: 'b\n c' },
        { id: '1', data: 'd' },
      ],
    )
  })

  test('keep characters that fall between two pieces', async () => {
    const bytes = new TextEncoder().encode('data: ü\n\n')
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 7))
        controller.enqueue(bytes.slice(7))
        controller.close()
      },
    })
    expect(await Array.fromAsync(readServerSentEvents(body))).toEqual([{ id: undefined, data: 'ü' }])
  })
})

const head = { 'content-type': 'text/event-stream' }
const line = (id: string): string => `id: ${id}\ndata: {"id":"${id}","type":"service.ready"}\n\n`

describe('events.stream', () => {
  test('takes a broken stream up again after the last event seen', async () => {
    await using server = await standIn((request, response) => {
      response.writeHead(200, head)
      if (request.url?.includes('after=e1')) response.write(line('e2'))
      else response.write(line('e1'), () => response.destroy())
    })
    const seen: string[] = []
    for await (const event of createClient({ url: server.url }).events.stream({ after: 'e0' })) {
      seen.push(event.id)
      if (seen.length === 2) break
    }
    expect(seen).toEqual(['e1', 'e2'])
    expect(server.seen.map(({ target }) => target)).toEqual(['/v1/events?after=e0', '/v1/events?after=e1'])
    expect(server.seen[0]?.headers.accept).toBe('text/event-stream')
  })

  test('lets go of the connection when nobody reads on', async () => {
    const closed = Promise.withResolvers<void>()
    await using server = await standIn((_, response) => {
      response.writeHead(200, head).write(line('e1'))
      response.once('close', () => closed.resolve())
    })
    for await (const event of createClient({ url: server.url }).events.stream()) {
      expect(event.id).toBe('e1')
      break
    }
    await closed.promise
  })

  test('says at once when the first try is refused', async () => {
    await using server = await standIn((_, response) => sendProblem(response, 401, 'unauthenticated'))
    const first = createClient({ url: server.url }).events.stream()[Symbol.asyncIterator]().next()
    await expect(first).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('refuses an answer that is no stream', async () => {
    await using server = await standIn((_, response) => sendJson(response, 200, { items: [], nextCursor: null }))
    const first = createClient({ url: server.url }).events.stream()[Symbol.asyncIterator]().next()
    await expect(first).rejects.toMatchObject({ code: 'unexpected_answer' })
  })

  test('ends with its signal', async () => {
    await using server = await standIn((_, response) => void response.writeHead(200, head).write(line('e1')))
    const read = async (): Promise<void> => {
      for await (const event of createClient({ url: server.url }).events.stream({ signal: AbortSignal.timeout(60) })) {
        expect(event.id).toBe('e1')
      }
    }
    await expect(read()).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})
