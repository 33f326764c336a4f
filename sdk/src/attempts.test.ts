import type { Attempt } from '@mooring/contract'
import { describe, expect, test } from 'vitest'
import { sendJson, sendProblem, standIn } from '../test/stand_in.ts'
import { createClient } from './client.ts'

const attempt = (state: Attempt['state']): Attempt => ({
  id: 'at1',
  state,
  user: null,
  steps: [],
  diagnosis: null,
  question: null,
  device: null,
  createdAt: '2026-01-01T00:00:00Z',
  expiresAt: '2026-01-01T00:10:00Z',
})

describe('waitForAttempt', () => {
  test.each(['succeeded', 'failed', 'expired'] as const)('answers with an attempt that %s', async (state) => {
    let looks = 0
    await using server = await standIn((_, response) => {
      looks += 1
      sendJson(response, 200, attempt(looks < 3 ? 'waiting' : state))
    })
    const seen: string[] = []
    const ended = await createClient({ url: server.url }).connections.waitForAttempt('books', 'at1', {
      intervalMs: 5,
      onLook: (look) => seen.push(look.state),
    })
    expect(ended.state).toBe(state)
    expect(seen).toEqual(['waiting', 'waiting', state])
    expect(server.seen[0]?.target).toBe('/v1/connections/books/attempts/at1')
  })

  test('gives up when the time given is over', async () => {
    await using server = await standIn((_, response) => sendJson(response, 200, attempt('waiting')))
    const wait = createClient({ url: server.url }).connections.waitForAttempt('books', 'at1', {
      timeoutMs: 40,
      intervalMs: 10,
    })
    await expect(wait).rejects.toMatchObject({ code: 'wait_timeout' })
  })

  test('ends with its signal', async () => {
    await using server = await standIn((_, response) => sendJson(response, 200, attempt('waiting')))
    const wait = createClient({ url: server.url }).connections.waitForAttempt('books', 'at1', {
      signal: AbortSignal.timeout(50),
      intervalMs: 10_000,
    })
    await expect(wait).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('survives a hiccup of the server, but not an answer that will not change', async () => {
    let looks = 0
    await using server = await standIn((_, response) => {
      looks += 1
      if (looks === 1) sendProblem(response, 503, 'unavailable')
      else sendProblem(response, 404, 'not_found')
    })
    const wait = createClient({ url: server.url }).connections.waitForAttempt('books', 'at1', { intervalMs: 5 })
    await expect(wait).rejects.toMatchObject({ code: 'not_found' })
    expect(looks).toBe(2)
  })
})
