import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mooring } from '../../test/mooring.ts'
import { aConnection, anAttempt, aService, type StandIn, standIn } from '../../test/stand_in.ts'

const token = [{ key: 'token', label: 'Bearer Token', secret: true, required: true }]
const requests = (server: StandIn): string[] => server.seen.map(({ method, target }) => `${method} ${target.slice(3)}`)

describe.concurrent('connect', () => {
  test('authorizes the connection of that name', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine'))
    server.prompts.set('mine', token)
    const ran = await mooring(['connect', 'mine', '--credential', 'token=s3cret'], { url: server.url })
    expect(ran).toMatchObject({ code: 0, stdout: '✓ Active: mine\n' })
    expect(requests(server)).toEqual([
      'GET /connections/mine',
      'GET /connections/mine/prompt',
      'POST /connections/mine/authorize',
    ])
    expect(JSON.parse(server.seen[2]?.body ?? '')).toEqual({ credentials: { token: 's3cret' } })
  })

  test('makes one of the service of that name, for the user and scopes given', async () => {
    await using server = await standIn()
    server.services.set('books', aService('books', { name: 'Books' }))
    server.prompts.set('books', [])
    const ran = await mooring(['connect', 'books', '--user', 'ada', '--scopes', 'read,write', '--json'], {
      url: server.url,
    })
    expect(ran.code).toBe(0)
    expect(JSON.parse(ran.stdout)).toMatchObject({ linkName: 'books', status: 'active' })
    expect(JSON.parse(server.seen.find(({ method }) => method === 'POST')?.body ?? '')).toEqual({
      name: 'Books',
      linkName: 'books',
      service: 'books',
      scopes: ['read', 'write'],
      authorizationLevel: 'per_user',
    })
    expect(JSON.parse(server.seen.at(-1)?.body ?? '')).toEqual({ user: 'ada' })
  })

  test('makes another one when it is given a name', async () => {
    await using server = await standIn()
    server.services.set('books', aService('books'))
    server.connections.set('books', aConnection('books'))
    server.prompts.set('books', [])
    await mooring(['connect', 'books', '--name', 'Second'], { url: server.url })
    expect(requests(server).slice(0, 2)).toEqual(['GET /services/books', 'POST /connections'])
    expect(JSON.parse(server.seen[1]?.body ?? '')).toEqual({ name: 'Second', service: 'books' })
  })

  test('asks for new scopes on a connection that is there', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine', { scopes: ['read'] }))
    server.prompts.set('mine', [])
    await mooring(['connect', 'mine', '--scopes', 'read', '--scopes', 'write'], { url: server.url })
    expect(server.seen[1]).toMatchObject({ method: 'PATCH', body: JSON.stringify({ scopes: ['read', 'write'] }) })
  })

  test('ends with 4 where there is neither', async () => {
    await using server = await standIn()
    const ran = await mooring(['connect', 'nothing'], { url: server.url })
    expect(ran).toMatchObject({ code: 4, stdout: '' })
    expect(ran.stderr).toContain('There is no connection and no service called nothing.\nSee: mooring services list')
  })

  test('takes the credential from stdin or a file, so that it is in no history', async () => {
    await using server = await standIn()
    const cwd = mkdtempSync(join(tmpdir(), 'mooring-connect-'))
    writeFileSync(join(cwd, 'token.txt'), 'from file\n')
    server.connections.set('mine', aConnection('mine'))
    server.prompts.set('mine', token)
    const stdin = await mooring(['connect', 'mine', '--credentials-stdin'], {
      url: server.url,
      stdin: '{"token":"piped"}',
    })
    const file = await mooring(['connect', 'mine', '--credential', 'token=@token.txt'], { url: server.url, cwd })
    expect([stdin.code, file.code]).toEqual([0, 0])
    const sent = server.seen.filter(({ target }) => target.endsWith('/authorize')).map(({ body }) => body)
    expect(sent).toEqual(['{"credentials":{"token":"piped"}}', '{"credentials":{"token":"from file"}}'])
  })

  test('does not repeat what stdin held when it is no JSON', async () => {
    const ran = await mooring(['connect', 'mine', '--credentials-stdin'], {
      url: 'http://127.0.0.1:9',
      stdin: 'my-secret',
    })
    expect(ran.code).toBe(1)
    expect(ran.stderr).toBe('mooring: What stdin holds is not JSON.\n')
  })

  test('names what is needed where there is no terminal to ask at', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine'))
    server.prompts.set('mine', token)
    const ran = await mooring(['connect', 'mine'], { url: server.url })
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('mine needs token, and there is no terminal')
  })
})

describe.concurrent('connect in the browser', () => {
  const step = (name: string, ok = true): { at: string; step: string; ok: boolean; detail: string } => ({
    at: '2026-01-01T00:00:00Z',
    step: name,
    ok,
    detail: 'as it should',
  })

  test('prints the page, waits, tells each step once and the result', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine'))
    server.attempts.push(
      anAttempt('waiting', { steps: [step('opened')] }),
      anAttempt('succeeded', { steps: [step('opened'), step('token received')] }),
    )
    const ran = await mooring(['connect', 'mine', '--no-open'], { url: server.url })
    expect(ran).toMatchObject({ code: 0, stdout: '✓ Active: mine\n' })
    expect(ran.stderr).toContain('http://localhost:4280/connect/tok?a=1&b=2\n')
    expect(ran.stderr.match(/✓ opened: as it should/g)).toHaveLength(1)
    expect(ran.stderr).toContain('✓ token received: as it should')
  })

  test('prints the code to enter on another device, and where, and waits', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine'))
    const device = {
      userCode: 'ABCD-EFGH',
      verificationUri: 'https://provider.example/device',
      verificationUriComplete: 'https://provider.example/device?user_code=ABCD-EFGH',
      intervalSeconds: 5,
    }
    server.attempts.push(anAttempt('waiting', { device }), anAttempt('succeeded'))
    const ran = await mooring(['connect', 'mine', '--no-open'], { url: server.url })
    expect(ran).toMatchObject({ code: 0, stdout: '✓ Active: mine\n' })
    expect(ran.stderr).toContain('  ABCD-EFGH\nhere, on any device:\n  https://provider.example/device\n')
  })

  test('a refusal shows the diagnosis and ends with 5', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine'))
    const diagnosis = { code: 'access_denied', title: 'Refused', detail: 'The person said no.', hint: 'Ask again.' }
    server.attempts.push(anAttempt('failed', { steps: [step('returned', false)], diagnosis }))
    const ran = await mooring(['connect', 'mine', '--no-open'], { url: server.url })
    expect([ran.code, ran.stdout]).toEqual([5, ''])
    expect(ran.stderr).toContain('✗ returned: as it should')
    expect(ran.stderr).toContain('✗ Refused\n  The person said no.\n  Fix: Ask again.\n')
  })

  test('a failure of the provider ends with 6, an attempt nobody finished with 5', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine'))
    const diagnosis = { code: 'provider_error', title: 'Broken', detail: 'It answered 500.', hint: null }
    server.attempts.push(anAttempt('failed', { diagnosis }))
    expect((await mooring(['connect', 'mine'], { url: server.url })).code).toBe(6)
    server.attempts.splice(0, 1, anAttempt('expired'))
    expect(await mooring(['connect', 'mine'], { url: server.url })).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('Nobody finished in time.'),
    })
  })

  test('opens the browser with the URL as one argument, and not with --no-open or in CI', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine'))
    server.attempts.push(anAttempt('waiting'), anAttempt('succeeded'))
    const cwd = mkdtempSync(join(tmpdir(), 'mooring-browser-'))
    const browser = join(cwd, 'browser')
    writeFileSync(browser, `#!/bin/sh\nprintf '%s|' "$@" > ${join(cwd, 'opened')}\n`)
    chmodSync(browser, 0o755)
    const run = async (args: string[], CI: string): Promise<number | null> =>
      (await mooring(['connect', 'mine', ...args], { url: server.url, cwd, env: { CI, BROWSER: browser } })).code
    expect(await run([], '1')).toBe(0)
    expect(await run(['--no-open'], '')).toBe(0)
    expect(existsSync(join(cwd, 'opened'))).toBe(false)
    server.attempts.unshift(anAttempt('waiting'))
    expect(await run([], '')).toBe(0)
    expect(readFileSync(join(cwd, 'opened'), 'utf8')).toBe('http://localhost:4280/connect/tok?a=1&b=2|')
  })
})
