import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mooring, type RunOptions } from '../../test/mooring.ts'
import { apiKey, type Seen, sendProblem, standIn } from '../../test/stand_in.ts'

async function sentBy(args: string[], options: RunOptions = {}): Promise<Seen> {
  await using server = await standIn()
  server.upstream = (_, response) => void response.end('ok')
  const ran = await mooring(['call', 'books', ...args], { url: server.url, ...options })
  expect(ran).toEqual({ code: 0, stdout: 'ok', stderr: '' })
  const [seen] = server.seen
  if (seen === undefined) throw new Error('nothing was sent')
  return seen
}

const folder = (): string => mkdtempSync(join(tmpdir(), 'mooring-call-'))

describe.concurrent('what is sent', () => {
  test('a GET of a path', async () => {
    const seen = await sentBy(['/items?a=1&b=%2F'])
    expect(seen).toMatchObject({ method: 'GET', target: '/v1/proxy/books/items?a=1&b=%2F', body: '' })
    expect(seen.headers.authorization).toBe(`Bearer ${apiKey}`)
    expect(seen.headers['mooring-user']).toBeUndefined()
  })

  test('method, headers, user, timeout and retries', async () => {
    const seen = await sentBy([
      'https://api.example.com/x',
      '-X',
      'DELETE',
      '-H',
      'Accept: text/csv',
      '-H',
      'X-A:  1 ',
      '--user',
      'ada',
      '--timeout',
      '9',
      '--retry',
      '2',
    ])
    expect(seen).toMatchObject({
      method: 'DELETE',
      target: '/v1/proxy/books/https://api.example.com/x',
      headers: { accept: 'text/csv', 'x-a': '1', 'mooring-user': 'ada', 'mooring-timeout': '9', 'mooring-retry': '2' },
    })
  })

  test.each<[string[], string, string]>([
    [['-d', 'a=1', '-d', 'b=2'], 'a=1&b=2', 'application/x-www-form-urlencoded'],
    [['-d', 'a=1', '--data-urlencode', 'q=x y&z'], 'a=1&q=x+y%26z', 'application/x-www-form-urlencoded'],
    [['--json', '{"a":1}'], '{"a":1}', 'application/json'],
    [['--json', '{}', '-H', 'Content-Type: application/vnd.x+json'], '{}', 'application/vnd.x+json'],
  ])('%j', async (args, body, type) => {
    expect(await sentBy(['/x', ...args])).toMatchObject({ method: 'POST', body, headers: { 'content-type': type } })
  })

  test('stdin and files as they are', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, 'body.txt'), 'line\r\nend\n')
    expect((await sentBy(['/x', '-d', '@body.txt'], { cwd })).body).toBe('line\r\nend\n')
    expect((await sentBy(['/x', '--json', '@-'], { stdin: '{"from":"stdin"}' })).body).toBe('{"from":"stdin"}')
  })

  test('a multipart form with a file', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, 'photo.png'), 'PNG')
    const seen = await sentBy(['/x', '-F', 'title=A b', '--form', 'photo=@photo.png'], { cwd })
    expect(seen.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(seen.body).toMatch(/name="title"\r\n\r\nA b\r\n/)
    expect(seen.body).toMatch(/name="photo"; filename="photo.png"\r\n[^]*PNG\r\n/)
  })
})

describe.concurrent('what is shown', () => {
  test('status and headers with -i, any status with 0', async () => {
    await using server = await standIn()
    server.upstream = (_, response) => void response.writeHead(404, { 'x-a': '1' }).end('gone')
    const ran = await mooring(['call', 'books', '/x', '-i'], { url: server.url })
    expect(ran.code).toBe(0)
    expect(ran.stdout).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[^]*x-a: 1\r\n\r\ngone$/)
  })

  test('with --fail 22 for 400 and more, the body all the same', async () => {
    await using server = await standIn()
    server.upstream = (_, response) => void response.writeHead(400).end('bad')
    expect(await mooring(['call', 'books', '/x', '--fail'], { url: server.url })).toMatchObject({
      code: 22,
      stdout: 'bad',
    })
  })

  test('bytes as they are, in a file with -o', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256)
    const cwd = folder()
    await using server = await standIn()
    server.upstream = (_, response) => void response.end(bytes)
    const ran = await mooring(['call', 'books', '/x', '-o', 'out.bin'], { url: server.url, cwd })
    expect(ran).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(new Uint8Array(readFileSync(join(cwd, 'out.bin')))).toEqual(bytes)
  })

  test('each piece when it comes', async () => {
    await using server = await standIn()
    const shown = Promise.withResolvers<void>()
    server.upstream = (_, response) => {
      response.write('first')
      void shown.promise.then(() => response.end('second'))
    }
    const ran = await mooring(['call', 'books', '/x'], {
      url: server.url,
      started: (child) => child.stdout?.once('data', () => shown.resolve()),
    })
    expect(ran.stdout).toBe('firstsecond')
  })

  test('what Mooring could not do, with its exit code', async () => {
    await using server = await standIn()
    server.upstream = (_, response) => sendProblem(response, 409, 'reauthorization_required')
    const ran = await mooring(['call', 'books', '/x', '--json', '{}'], { url: server.url })
    expect(ran).toMatchObject({ code: 5, stdout: '', stderr: 'mooring: It was reauthorization_required.\n' })
  })

  test('an answer that breaks off ends with 6', async () => {
    await using server = await standIn()
    server.upstream = (_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('part', () => response.destroy())
    }
    const ran = await mooring(['call', 'books', '/x'], { url: server.url })
    expect([ran.code, ran.stdout]).toEqual([6, 'part'])
    expect(ran.stderr).toContain('The answer broke off')
  })

  test('Ctrl-C ends it with 130', async () => {
    await using server = await standIn()
    server.upstream = () => undefined
    const ran = await mooring(['call', 'books', '/slow'], {
      url: server.url,
      started: (child) => {
        const look = setInterval(() => {
          if (server.seen.length === 0) return
          clearInterval(look)
          child.kill('SIGINT')
        }, 20)
      },
    })
    expect(ran).toEqual({ code: 130, stdout: '', stderr: '' })
  })
})

describe.concurrent('mistakes end with 2 before anything is sent', () => {
  test.each([
    [['-H', 'no colon'], "-H takes 'Name: value'"],
    [['-H', 'Ünicode: secret-value'], "-H takes 'Name: value'"],
    [['-d', 'a', '--json', '{}'], 'Use one kind of body'],
    [['-d', '@a', '-d', 'b'], '-d @file sends the whole body'],
    [['-F', 'novalue'], '--form takes key=value'],
    [['-X', 'GET', '-d', 'a'], 'GET'],
    [['--timeout', 'soon'], '--timeout takes a whole number'],
  ])('%j', async (args, says) => {
    await using server = await standIn()
    const ran = await mooring(['call', 'books', '/x', ...args], { url: server.url })
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain(says)
    expect(ran.stderr).not.toContain('secret-value')
    expect(server.seen).toEqual([])
  })

  test.each(['ftp://example.com', 'https://me:hunter2@example.com/'])('the URL %s', async (url) => {
    const ran = await mooring(['call', 'books', url], { url: 'http://127.0.0.1:9' })
    expect(ran.code).toBe(2)
    expect(ran.stderr).not.toContain('hunter2')
  })
})
