import type { Invocation } from '@mooring/sdk'
import { expect, test } from 'vitest'
import { answerOf, size } from './answer_body.ts'

function answer(more: Partial<Invocation>): Invocation {
  const url = 'https://api.example.com/v1/items?x=1'
  return { status: 200, headers: {}, body: '', bodyFormat: 'text', durationMs: 1, attempts: 1, url, ...more }
}

test('JSON is laid out, text stays as it is, and both can be saved whole', async () => {
  const json = answerOf(answer({ body: { a: [1] }, bodyFormat: 'json' }))
  expect(json).toMatchObject({ text: '{\n  "a": [\n    1\n  ]\n}', isJson: true, fileName: 'items.json' })
  const text = answerOf(answer({ body: '<b>é</b>', headers: { 'content-type': 'text/html' } }))
  expect([text.text, text.bytes, text.fileName, await text.blob().text()]).toEqual([
    '<b>é</b>',
    9,
    'items.txt',
    '<b>é</b>',
  ])
})

test('bytes are counted and saved as they are; only pixels are shown as an image', async () => {
  const body = Buffer.from([0, 255, 128]).toString('base64')
  const bytes = answerOf(answer({ body, bodyFormat: 'base64', url: 'https://a.example/x/logo.png' }))
  expect([bytes.text, bytes.bytes, bytes.image, bytes.fileName]).toEqual([undefined, 3, undefined, 'logo.png'])
  expect(new Uint8Array(await bytes.blob().arrayBuffer())).toEqual(new Uint8Array([0, 255, 128]))
  const headers = { 'content-type': 'image/png; x=y' }
  expect(answerOf(answer({ body, bodyFormat: 'base64', headers })).image).toBe(`data:image/png;base64,${body}`)
  const svg = { 'content-type': 'image/svg+xml' }
  expect(answerOf(answer({ body, bodyFormat: 'base64', headers: svg })).image).toBeUndefined()
})

test('sizes are told short', () => {
  expect([999, 1400, 25_400, 3_000_000].map(size)).toEqual(['999 B', '1.4 KB', '25 KB', '3.0 MB'])
})
