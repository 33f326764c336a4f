import { describe, expect, test } from 'vitest'
import { mooringHere as mooring } from '../test/mooring.ts'
import { aConnection, aService, sendJson, sendProblem, standIn } from '../test/stand_in.ts'

describe.concurrent('what went wrong is an exit code and a sentence', () => {
  test.each([
    [401, 'unauthenticated', 3],
    [403, 'forbidden', 3],
    [403, 'host_not_allowed', 1],
    [404, 'not_found', 4],
    [409, 'connection_not_active', 5],
    [409, 'reauthorization_required', 5],
    [409, 'link_name_taken', 1],
    [422, 'validation_failed', 1],
    [502, 'provider_error', 6],
    [504, 'upstream_timeout', 6],
    [500, 'internal_error', 1],
  ])('%i %s ends with %i', async (status, code, expected) => {
    await using server = await standIn()
    server.first = (_, response) => {
      sendProblem(response, status, code, { hint: 'Do this.' })
      return true
    }
    const ran = await mooring(['connections', 'refresh', 'books'], { url: server.url })
    expect(ran.code).toBe(expected)
    expect(ran.stdout).toBe('')
    expect(ran.stderr).toContain(`mooring: It was ${code}.\nDo this.\n`)
  })

  test('a server that is not there ends with 7 and how to start it', async () => {
    const server = await standIn()
    await server[Symbol.asyncDispose]()
    const ran = await mooring(['whoami'], { url: server.url })
    expect(ran.code).toBe(7)
    expect(ran.stderr).toBe(
      `mooring: No answer from ${server.url} (ECONNREFUSED).\nIs it running? Start it with: npm start\n`,
    )
  })

  test('something else at the address ends with 7', async () => {
    await using server = await standIn()
    server.first = (_, response) => {
      response.writeHead(200).end('<h1>hello</h1>')
      return true
    }
    expect((await mooring(['whoami'], { url: server.url })).code).toBe(7)
  })

  test('wrong fields are shown next to their paths', async () => {
    await using server = await standIn()
    server.services.set('books', aService('books'))
    server.first = (_, response) => {
      sendProblem(response, 422, 'validation_failed', {
        detail: 'Two fields are wrong.',
        errors: [
          { path: 'auth.clientId', code: 'required', message: 'Fill this in.' },
          { path: 'hosts', code: 'required', message: 'Add a host\u001b[31m.' },
        ],
      })
      return true
    }
    const { stderr } = await mooring(['services', 'ready', 'books'], { url: server.url })
    expect(stderr).toBe(
      'mooring: Two fields are wrong.\n  auth.clientId  Fill this in.\n  hosts          Add a host [31m.\n',
    )
  })

  test('--json puts the problem document on stderr and nothing on stdout', async () => {
    await using server = await standIn()
    const ran = await mooring(['connections', 'show', 'nothing', '--json'], { url: server.url })
    expect([ran.code, ran.stdout]).toEqual([4, ''])
    expect(JSON.parse(ran.stderr)).toMatchObject({ code: 'not_found', status: 404, requestId: 'req_1' })
  })
})

describe.concurrent('every reading command', () => {
  test.each([
    ['whoami'],
    ['services list'],
    ['services show books'],
    ['services scopes books'],
    ['services types'],
    ['services clone books'],
    ['services ready books'],
    ['connections list'],
    ['connections show mine'],
    ['connections enable mine'],
    ['connections disable mine'],
    ['connections refresh mine'],
    ['connections test mine'],
    ['connections revoke mine'],
    ['connections activity mine'],
    ['connections attempts mine'],
    ['credentials mine'],
    ['keys list'],
  ])('%s prints the API’s JSON with --json, and words without colour otherwise', async (line) => {
    await using server = await standIn()
    let sent = ''
    server.services.set('books', aService('books'))
    server.connections.set('mine', aConnection('mine', { status: 'active', expiresAt: '2126-01-01T00:00:00Z' }))
    const [json, words] = await Promise.all([
      mooring([...line.split(' '), '--json'], { url: server.url }),
      mooring(line.split(' '), { url: server.url }),
    ])
    // The stand-in again, asked the same question in the plainest way.
    const last = server.seen.at(-1)
    const plain = await fetch(server.url + (last?.target ?? ''), {
      method: last?.method ?? 'GET',
      headers: { authorization: last?.headers.authorization ?? '' },
      ...(last?.body ? { body: last.body } : {}),
    })
    sent = await plain.text()
    expect([json.code, json.stderr]).toEqual([0, ''])
    expect(JSON.parse(json.stdout)).toEqual(JSON.parse(sent))
    expect(words.code).toBe(0)
    expect(words.stdout + words.stderr).not.toBe('')
    expect(words.stdout + words.stderr).not.toContain('\u001b')
    expect(() => JSON.parse(words.stdout)).toThrow(SyntaxError)
  })
})

describe.concurrent('tables and details', () => {
  test('line up, whatever is in them, and cannot steer the terminal', async () => {
    await using server = await standIn()
    server.services.set('a', aService('a', { name: 'Ä\u0301 long name\u001b]0;evil\u0007' }))
    server.services.set('a_longer_one', aService('a_longer_one', { name: 'B', stage: 'draft', connectionCount: 3 }))
    const { stdout } = await mooring(['services', 'list'], { url: server.url })
    const [head = '', first = '', second = ''] = stdout.split('\n')
    expect(head).toMatch(/^LINK NAME +NAME +STAGE +TYPE +CONNECTIONS$/)
    const column = head.indexOf('STAGE')
    expect(Array.from(new Intl.Segmenter().segment(first))[column]?.segment).toBe('✓')
    expect(second.slice(column)).toMatch(/^○ Draft +bearer +3$/)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).not.toContain('\u0007')
  })

  test('nothing to show is said on stderr', async () => {
    await using server = await standIn()
    const ran = await mooring(['connections', 'list'], { url: server.url })
    expect([ran.code, ran.stdout]).toEqual([0, ''])
    expect(ran.stderr).toBe('No connections. Make one with: mooring connect <service>\n')
  })

  test('a list passes its filters on and says how to see more', async () => {
    await using server = await standIn()
    server.first = (_, response) => {
      sendJson(response, 200, { items: [aConnection('mine')], nextCursor: 'abc' })
      return true
    }
    const ran = await mooring(
      ['connections', 'list', '-q', 'min', '--service', 'books', '--status', 'created', '-n', '1', '--cursor', 'xyz'],
      { url: server.url },
    )
    expect(server.seen[0]?.target).toBe('/v1/connections?limit=1&cursor=xyz&query=min&service=books&status=created')
    expect(ran.stderr).toBe('More: --cursor abc\n')
  })

  test('colour is there when it is forced, and gone with NO_COLOR and --no-color', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine', { status: 'active' }))
    const run = async (args: string[], env: Record<string, string>): Promise<string> =>
      (await mooring(['connections', 'list', ...args], { url: server.url, env: { MOORING_URL: server.url, ...env } }))
        .stdout
    const key = { FORCE_COLOR: '1' }
    expect(await run([], key)).toContain('\u001b[32m✓ Active')
    expect(await run(['--no-color'], key)).not.toContain('\u001b')
    expect(await run([], { ...key, NO_COLOR: '1' })).not.toContain('\u001b')
  })

  test('a failed test of a connection ends with 6', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine', { status: 'reauthorization_required' }))
    const ran = await mooring(['connections', 'test', 'mine'], { url: server.url })
    expect([ran.code, ran.stdout]).toEqual([6, '✗ Tried. (HTTP 200, 12 ms)\n'])
  })
})
