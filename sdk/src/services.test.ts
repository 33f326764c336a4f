import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { sendProblem, standIn } from '../test/stand_in.ts'
import { createClient } from './client.ts'

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const jpeg = Uint8Array.from([0xff, 0xd8, 0xff])

test.each([
  ['bytes of a PNG', png, 'image/png'],
  ['bytes of a JPEG', jpeg, 'image/jpeg'],
  ['a typed Blob', new Blob([png], { type: 'image/jpeg' }), 'image/jpeg'],
  ['an untyped Blob', new Blob([png]), 'image/png'],
])('a logo goes out as it is: %s', async (_, image, type) => {
  let body = Buffer.alloc(0)
  await using server = await standIn(async (request, response) => {
    body = await buffer(request)
    response.writeHead(204).end()
  })
  await createClient({ url: server.url }).services.setLogo('books', image)
  expect(server.seen[0]).toMatchObject({
    method: 'PUT',
    target: '/v1/services/books/logo',
    headers: { 'content-type': type },
  })
  expect(body.length).toBe(image instanceof Blob ? image.size : image.length)
})

test('a logo comes back with its type', async () => {
  await using server = await standIn((_, response) => {
    response.writeHead(200, { 'content-type': 'image/png' }).end(png)
  })
  const logo = await createClient({ url: server.url }).services.logo('books')
  expect([logo.type, new Uint8Array(await logo.arrayBuffer())]).toEqual(['image/png', png])
})

test('a refused logo says why', async () => {
  await using server = await standIn((_, response) => sendProblem(response, 415, 'unsupported_media_type'))
  const call = createClient({ url: server.url }).services.setLogo('books', png)
  await expect(call).rejects.toMatchObject({ code: 'unsupported_media_type' })
})
