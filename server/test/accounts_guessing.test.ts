/** Waits after wrong passwords, by a clock that stands still between the tries: how long a try takes plays no part. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from './harness.ts'
import { browserAt, emailOf, goodPassword, invited, type Person, setUpOwner } from './people.ts'

let server: TestServer
let owner: Person
let time = 0
const now = (): number => time

beforeAll(async () => {
  time = Date.now()
  server = await startServer({ now })
  owner = await setUpOwner(server)
})
afterAll(() => server.stop())

describe('S-46 guessing', () => {
  const guess = (email: string, password = 'not the password') =>
    browserAt(server.url).bare('POST', '/v1/session', { email, password })

  test('a password makes the account wait, the right one too, and an unknown account alike', async () => {
    await invited(server, owner, 'Target', 'viewer')
    for (const name of ['Target', 'Unknown']) {
      const statuses: number[] = []
      for (let tries = 0; tries < 6; tries++) statuses.push((await guess(emailOf(name))).status)
      expect([name, statuses]).toEqual([name, [401, 401, 401, 401, 401, 429]])
      const waiting = await guess(emailOf(name).toUpperCase(), goodPassword)
      expect(waiting.body).toMatchObject({ status: 429, code: 'rate_limited' })
      expect(waiting.headers.get('retry-after')).toBe('1')
    }
    expect((await guess(emailOf('Olga'), goodPassword)).status).toBe(201)
  })

  test('waits longer each time, in every process', async () => {
    const { store } = server.installation
    const other = await startServer({ dir: server.dir, now })
    try {
      time += 1000
      expect((await guess(emailOf('Target'))).status).toBe(401)
      const there = await browserAt(other.url).bare('POST', '/v1/session', {
        email: emailOf('Target'),
        password: goodPassword,
      })
      expect([there.status, there.headers.get('retry-after')]).toEqual([429, '2'])
    } finally {
      await other.stop()
    }
    expect(await store.signInTries.prune(time + 1)).toBeGreaterThan(0)
    expect((await guess(emailOf('Target'), goodPassword)).status).toBe(201)
  })

  test('many at once is no way around it', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => guess('many@example.com')))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 5 }, () => 401),
      ...Array.from({ length: 7 }, () => 429),
    ])
  })
})
