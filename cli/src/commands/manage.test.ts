import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mooringHere as mooring } from '../../test/mooring.ts'
import { aConnection, aService, standIn } from '../../test/stand_in.ts'

describe.concurrent('services create', () => {
  test('puts options on top of the file, and JSON, text and files at dotted paths', async () => {
    await using server = await standIn()
    const cwd = mkdtempSync(join(tmpdir(), 'mooring-create-'))
    writeFileSync(join(cwd, 'books.json'), JSON.stringify({ name: 'From file', auth: { type: 'x', keep: 1 } }))
    writeFileSync(join(cwd, 'secret.txt'), 's3cret\n')
    const ran = await mooring(
      `services create -f ${cwd}/books.json --name Books --auth-type oauth2 --ready
        --set auth.clientId=a=b --set auth.clientSecret=@${cwd}/secret.txt --set auth.expiryTime:=1800
        --set auth.parameters.0.key=appid --host a.example.com --host b.example.com
        --scope read --base-url https://a.example.com`.split(/\s+/),
      { url: server.url },
    )
    expect(ran.code).toBe(0)
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      name: 'Books',
      auth: {
        type: 'oauth2',
        keep: 1,
        clientId: 'a=b',
        clientSecret: 's3cret',
        expiryTime: 1800,
        parameters: [{ key: 'appid' }],
      },
      hosts: ['a.example.com', 'b.example.com'],
      scopes: ['read'],
      baseUrl: 'https://a.example.com',
      stage: 'ready',
    })
    expect(ran.stderr).toContain('Connect it with: mooring connect made')
  })

  test('takes a ready-made one with what it asks for', async () => {
    await using server = await standIn()
    const ran = await mooring(
      ['services', 'create', '--from', 'github', '--set', 'auth.clientId=a', '--set', 'auth.clientSecret=b'],
      { url: server.url },
    )
    expect(ran.code, ran.stderr).toBe(0)
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      from: 'github',
      auth: { clientId: 'a', clientSecret: 'b' },
    })
  })

  test('reads stdin', async () => {
    await using server = await standIn()
    const ran = await mooring(['services', 'create', '--file', '-', '--json'], {
      url: server.url,
      stdin: '{"name":"Piped"}',
    })
    expect(JSON.parse(ran.stdout)).toMatchObject({ name: 'Piped', stage: 'draft' })
  })

  test.each([
    [['--auth-type', 'bearer'], 2, 'Name the service'],
    [['--name', 'x', '--set', 'auth'], 2, '--set takes key=value'],
    [['--name', 'x', '--set', 'a..b=1'], 2, 'dotted path'],
    [['--name', 'x', '--set', '__proto__.x=1'], 2, 'dotted path'],
    [['--name', 'x', '--set', 'auth.pkce:=maybe'], 2, 'is not JSON'],
    [['--file', 'nowhere.json'], 1, 'Cannot read nowhere.json (ENOENT)'],
  ])('%j ends with %i', async (args, code, says) => {
    const ran = await mooring(['services', 'create', ...args], { url: 'http://127.0.0.1:9' })
    expect(ran.code).toBe(code)
    expect(ran.stderr).toContain(says)
  })
})

describe.concurrent('scopes, types, keys', () => {
  test('scopes are removed by value and added, and what is left is shown', async () => {
    await using server = await standIn()
    const scopes = [{ id: 'sc_1', name: 'Read', value: 'read' }]
    server.services.set('books', aService('books', { scopes }))
    const ran = await mooring(['services', 'scopes', 'books', '--remove', 'read', '--add', 'write'], {
      url: server.url,
    })
    expect(ran.stdout).toMatch(/^SCOPE +NAME +ID\nread +Read +sc_1\n$/)
    expect(server.seen.map(({ method, body }) => `${method} ${body}`)).toEqual([
      'GET ',
      'DELETE {"ids":["sc_1"]}',
      'POST {"value":"write"}',
      'GET ',
    ])
    expect((await mooring(['services', 'scopes', 'books', '--remove', 'nope'], { url: server.url })).code).toBe(4)
  })

  test('the fields of a type are shown as --set takes them', async () => {
    await using server = await standIn()
    const ran = await mooring(['services', 'types', '--fields', 'bearer'], { url: server.url })
    expect(ran.stdout).toContain('auth.tokenPrefix')
    expect((await mooring(['services', 'types', '--fields', 'nope'], { url: server.url })).code).toBe(4)
  })

  test('a new key is all there is on stdout, the warning on stderr', async () => {
    await using server = await standIn()
    const ran = await mooring(
      ['keys', 'create', '--name', 'ci', '--role', 'invoke', '--connection', 'a', '--connection', 'b'],
      { url: server.url },
    )
    expect([ran.code, ran.stdout]).toEqual([0, 'mk_the_new_key\n'])
    expect(ran.stderr).toContain('This is the only time the key is shown.')
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ name: 'ci', role: 'invoke', connections: ['a', 'b'] })
    expect((await mooring(['keys', 'create', '--name', 'ci', '--role', 'king'], { url: server.url })).code).toBe(2)
  })

  test.each([
    [['keys', 'delete', 'key_1'], 'DELETE /v1/api-keys/key_1'],
    [['services', 'delete', 'books', '--force'], 'DELETE /v1/services/books?force=true'],
    [['services', 'clone', 'books', '--secrets'], 'POST /v1/services/books/clone?secrets=true'],
    [['connections', 'delete', 'mine'], 'DELETE /v1/connections/mine'],
    [['connections', 'refresh', 'mine', '--user', 'a b'], 'POST /v1/connections/mine/refresh?user=a+b'],
    [
      ['credentials', 'mine', '--url', 'https://api.example.com/x?y', '--method', 'PUT', '--user', 'ada'],
      'GET /v1/connections/mine/credentials?user=ada&url=https%3A%2F%2Fapi.example.com%2Fx%3Fy&method=PUT',
    ],
  ])('%j asks for %s', async (args, expected) => {
    await using server = await standIn()
    server.services.set('books', aService('books'))
    server.connections.set('mine', aConnection('mine'))
    expect((await mooring(args, { url: server.url })).code).toBe(0)
    expect(server.seen.map(({ method, target }) => `${method} ${target}`)).toEqual([expected])
  })

  test('credentials are printed in clear where no terminal shows them', async () => {
    await using server = await standIn()
    server.connections.set('mine', aConnection('mine'))
    const ran = await mooring(['credentials', 'mine'], { url: server.url })
    expect(ran.stdout).toMatch(/header +Authorization +Bearer secret-token\n/)
  })

  test('users list shows people, and password-link prints the link alone', async () => {
    await using server = await standIn()
    expect((await mooring(['users', 'list'], { url: server.url })).stdout).toMatch(/usr_1 +Ana +Ana@example.com +owner/)
    const ran = await mooring(['users', 'password-link', 'ANA@example.com'], { url: server.url })
    expect([ran.code, ran.stdout]).toEqual([0, 'http://localhost:4280/reset#token=usr_1\n'])
    const nobody = await mooring(['users', 'password-link', 'bo@example.com'], { url: server.url })
    expect([nobody.code, nobody.stdout]).toEqual([4, ''])
  })

  test('connections create passes on what is given', async () => {
    await using server = await standIn()
    await mooring(
      [
        'connections',
        'create',
        '--name',
        'Mine',
        '--service',
        'books',
        '--parameter',
        'domain=acme',
        '--per-user',
        '--scope',
        'r',
      ],
      { url: server.url },
    )
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      name: 'Mine',
      service: 'books',
      parameters: { domain: 'acme' },
      authorizationLevel: 'per_user',
      scopes: ['r'],
    })
  })
})
