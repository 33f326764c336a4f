import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mooringHere as mooring } from '../../../test/mooring.ts'
import { sendJson, standIn, type StandIn } from '../../../test/stand_in.ts'

/** A server that imports two drafts from anything. */
async function importing(): Promise<StandIn> {
  const server = await standIn()
  server.first = ({ target }, response) => {
    if (target !== '/v1/services/import') return false
    sendJson(response, 200, {
      services: [
        { name: 'Books - oauth', stage: 'draft', auth: { type: 'oauth2' }, baseUrl: 'https://api.example.com' },
        { name: 'Books - key', stage: 'draft', auth: { type: 'api_key' } },
      ],
      notes: ['The scheme x was\u001b[31m left out.'],
      missing: [{ service: 0, path: 'auth.clientId', code: 'required', message: 'Fill this in.' }],
    })
    return true
  }
  return server
}

const folder = mkdtempSync(join(tmpdir(), 'mooring-import-'))
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

describe.concurrent('services import', () => {
  test('shows the drafts, what they lack and the notes, and stores nothing', async () => {
    await using server = await importing()
    const ran = await mooring(['services', 'import', file('a.yaml', 'openapi: 3.0.0\n')], { url: server.url })
    expect(ran.code).toBe(0)
    expect(ran.stdout).toMatch(
      /1 +Books - oauth +oauth2 +https:\/\/api\.example\.com +auth\.clientId\n2 +Books - key +api_key/,
    )
    expect(ran.stderr).toContain('- The scheme x was [31m left out.')
    expect(ran.stderr).toContain('Nothing was stored.')
    expect(server.seen.map(({ method, target }) => `${method} ${target}`)).toEqual(['POST /v1/services/import'])
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ openapi: 'openapi: 3.0.0\n' })
  })

  test('--create stores the drafts, --only some of them', async () => {
    await using server = await importing()
    const ran = await mooring(['services', 'import', '-', '--create', '--only', '2'], {
      url: server.url,
      stdin: "curl https://api.example.com -H 'X-Api-Key: abc'",
    })
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('Stored as a draft')])
    const [asked, made, more] = server.seen
    expect(Object.keys(JSON.parse(asked?.body ?? ''))).toEqual(['curl'])
    expect(made).toMatchObject({ target: '/v1/services', body: expect.stringContaining('Books - key') })
    expect(more).toBeUndefined()
  })

  test.each<[string[], string, string]>([
    [['https://api.example.com/openapi.json'], '', 'url'],
    [['https://a.example/.well-known/openid-configuration'], '', 'issuer'],
    [['https://a.example', '--as', 'issuer'], '', 'issuer'],
    [['https://a.example/mcp', '--as', 'mcp'], '', 'mcp'],
    [['-'], 'https://a.example/x\n', 'url'],
    [['-'], '\n/usr/bin/curl https://a.example', 'curl'],
    [['-'], '{"info":{"_postman_id":"1"}}', 'postman'],
    [['-'], '{"swagger":"2.0"}', 'openapi'],
    [['-', '--as', 'postman'], '{}', 'postman'],
  ])('%j with %j is %s', async (args, stdin, kind) => {
    await using server = await importing()
    expect((await mooring(['services', 'import', ...args], { url: server.url, stdin })).code).toBe(0)
    expect(Object.keys(JSON.parse(server.seen[0]?.body ?? ''))).toEqual([kind])
  })

  test('--register is for MCP servers, and never loses what was registered', async () => {
    await using server = await importing()
    const run = (...args: string[]) =>
      mooring(['services', 'import', 'https://a.example', ...args], { url: server.url })
    expect(await run('--register')).toMatchObject({ code: 2, stderr: expect.stringContaining('for an MCP server') })
    expect(await run('--as', 'mcp', '--register')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--create'),
    })
    expect(server.seen).toEqual([])
    expect((await run('--as', 'mcp', '--register', '--create', '--only', '1')).code).toBe(0)
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ mcp: 'https://a.example', register: true })
  })

  test.each([
    [['nowhere.yaml'], 1, 'Cannot read nowhere.yaml'],
    [['https://a.example', '--as', 'soap'], 2, '--as takes one of'],
    [['https://a.example', '--only', '3'], 2, '--only takes a number from 1 to 2'],
  ])('%j ends with %i', async (args, code, says) => {
    await using server = await importing()
    expect(await mooring(['services', 'import', ...args], { url: server.url })).toMatchObject({
      code,
      stderr: expect.stringContaining(says),
    })
  })
})
