/** What fuzzing has found, each on its own. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callRaw, define, head } from './call_upstream.ts'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

test('a request that expects what nobody knows is told so in a problem document with its id', async () => {
  for (const path of ['/v1/services', '/v1/proxy/none/x']) {
    const answer = await callRaw(server, head('GET', path, 'Expect: x'))
    expect([answer.status, answer.all('content-type'), answer.all('x-request-id').length]).toEqual([
      417,
      ['application/problem+json'],
      1,
    ])
    expect(JSON.parse(answer.body.toString())).toMatchObject({ status: 417, code: 'malformed_request' })
  }
})

test('a request that does not fit as a whole is told so in `errors` as well', async () => {
  await define(server, 'plain', 'https://api.example.com')
  const answer = await server.call('POST', '/v1/connections/plain/refresh')
  expect([answer.status, answer.body['errors']]).toEqual([
    422,
    [{ path: '', code: 'not_possible', message: answer.body['detail'] }],
  ])
})
