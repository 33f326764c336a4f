import { expect, test } from 'vitest'
import { browserAt, goodPassword, setUpOwner } from './people.ts'
import { startServer } from './harness.ts'
import { bootstrapKey, newFolder, serving, startProcess, until } from './processes.ts'

const linkIn = (text: string): string | undefined => /\S+\/setup#token=([\w-]{43})/.exec(text)?.[1]

test.each(['1', '2'])(
  'a start without accounts prints a link, new each time; sessions work in all of %s processes and outlive them',
  async (workers) => {
    const environment = {
      MOORING_DATA_DIR: newFolder(),
      MOORING_WORKERS: workers,
      MOORING_BOOTSTRAP_API_KEY: bootstrapKey,
    }
    const first = startProcess(environment)
    await serving(first, workers === '1' ? 'serving' : 'supervising')
    const unused = await until(() => linkIn(first.stdout()), 'the link')
    first.child.kill('SIGTERM')
    expect(await first.ended).toEqual({ code: 0, signal: null })

    const second = startProcess(environment)
    const url = await serving(second, workers === '1' ? 'serving' : 'supervising')
    const token = await until(() => linkIn(second.stdout()), 'the link')
    expect(token).not.toBe(unused)
    const input = { name: 'Olga', email: 'olga@example.com', password: goodPassword }
    const olga = browserAt(url)
    expect((await olga.bare('POST', '/v1/setup', { ...input, token: unused })).status).toBe(404)
    expect((await olga.bare('POST', '/v1/setup', { ...input, token })).status).toBe(201)
    // A connection of its own for each, so that the workers take turns.
    const alone = { connection: 'close' }
    for (let turn = 0; turn < 6; turn++)
      expect((await olga.call('GET', '/v1/session', undefined, alone)).body).toMatchObject({ user: { name: 'Olga' } })
    for (const line of second.log()) expect(JSON.stringify(line)).not.toContain(token)
    second.child.kill('SIGTERM')
    await second.ended

    const third = startProcess(environment)
    const again = browserAt(await serving(third, workers === '1' ? 'serving' : 'supervising'), olga.cookies)
    expect((await again.call('GET', '/v1/session')).body).toMatchObject({ user: { name: 'Olga' } })
    expect(linkIn(third.stdout())).toBeUndefined()
  },
)

test('S-54 over https the cookie is marked Secure and bound to its host', async () => {
  const server = await startServer({ environment: { MOORING_PUBLIC_URL: 'https://mooring.example.com' } })
  try {
    const owner = await setUpOwner(server)
    expect([...owner.cookies.keys()]).toEqual(['__Host-mooring_session'])
    const { email, password } = { email: 'olga@example.com', password: goodPassword }
    const answer = await owner.bare('POST', '/v1/session', { email, password })
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-.+; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/)
    const plain = browserAt(
      server.url,
      new Map([['mooring_session', owner.cookies.get('__Host-mooring_session') ?? '']]),
    )
    expect((await plain.call('GET', '/v1/session')).status).toBe(401)
  } finally {
    await server.stop()
  }
})

test('the address of a session is the proxy’s, unless the proxy is trusted', async () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' }
  for (const [proxies, address] of [
    ['', '127.0.0.1'],
    ['127.0.0.0/8', '198.51.100.7'],
    ['127.0.0.1,198.51.100.0/24', '203.0.113.9'],
  ] as const) {
    const server = await startServer({ environment: { MOORING_TRUSTED_PROXIES: proxies } })
    try {
      const owner = await setUpOwner(server)
      await owner.bare('POST', '/v1/session', { email: 'olga@example.com', password: goodPassword }, forwarded)
      expect((await owner.call('GET', '/v1/sessions')).body['items']).toMatchObject([{ address, current: true }])
    } finally {
      await server.stop()
    }
  }
})
