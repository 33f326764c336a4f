import * as oauth from 'oauth4webapi'
import { expect, test } from 'vitest'
import { egressFetch } from './fetch.ts'
import { failure, makeEgress, serve } from './servers.fixture.ts'

const limits = { timeoutMs: 2_000, maxBytes: 10_000 }

test('answers with a Response: status, headers and body', async () => {
  const port = await serve((_, response) => response.writeHead(201, { 'x-one': '1' }).end('{"ok":true}'))
  const response = await egressFetch(makeEgress(), limits)(`http://127.0.0.1:${port}/`)
  expect([response.status, response.headers.get('x-one')]).toEqual([201, '1'])
  expect(await response.json()).toEqual({ ok: true })
})

test('S-35 a redirect is the answer', async () => {
  const port = await serve((_, response) => response.writeHead(303, { location: '/next' }).end())
  const response = await egressFetch(makeEgress(), limits)(`http://127.0.0.1:${port}/`, { redirect: 'manual' })
  expect([response.status, response.headers.get('location')]).toEqual([303, '/next'])
})

test('takes an answer without a body', async () => {
  const port = await serve((_, response) => response.writeHead(204).end())
  const response = await egressFetch(makeEgress(), limits)(new URL(`http://127.0.0.1:${port}/`))
  expect([response.status, response.body]).toEqual([204, null])
})

test('rejects with what egress rejects with', async () => {
  const port = await serve((_, response) => response.end(Buffer.alloc(20_000)))
  const send = egressFetch(makeEgress(), limits)
  expect((await failure(send(`http://127.0.0.1:${port}/`))).code).toBe('provider_answer_too_large')
  expect((await failure(send('http://10.0.0.1/'))).code).toBe('egress_blocked')
  const stream = new Blob(['x']).stream()
  await expect(send(`http://127.0.0.1:${port}/`, { method: 'POST', body: stream })).rejects.toThrow(TypeError)
})

test('serves oauth4webapi as its fetch', async () => {
  const seen: unknown[] = []
  const port = await serve((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen.push(request.headers['content-type'], Buffer.concat(chunks).toString())
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ access_token: 'a-token', token_type: 'bearer', expires_in: 60 }))
    })
  })
  const issuer = `http://127.0.0.1:${port}`
  const server = { issuer, token_endpoint: `${issuer}/token` }
  const client = { client_id: 'a-client' }
  const response = await oauth.clientCredentialsGrantRequest(
    server,
    client,
    oauth.None(),
    new URLSearchParams({ scope: 'read' }),
    { [oauth.customFetch]: egressFetch(makeEgress(), limits), [oauth.allowInsecureRequests]: true },
  )
  const token = await oauth.processClientCredentialsResponse(server, client, response)
  expect(token.access_token).toBe('a-token')
  expect(seen[0]).toContain('application/x-www-form-urlencoded')
  expect(seen[1]).toContain('grant_type=client_credentials')
})
