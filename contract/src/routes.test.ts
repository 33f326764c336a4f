import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Route, routes } from './routes.ts'

const table: [string, Route][] = Object.entries(routes)

describe.each(table)('%s', (_, { method, path, summary, query, body, status, reply }) => {
  test('is written as JSON Schema for the OpenAPI document', () => {
    const written = [
      ...[query, body].flatMap((schema) => (schema ? [z.toJSONSchema(schema, { io: 'input' })] : [])),
      ...(reply ? [z.toJSONSchema(reply, { io: 'output' })] : []),
    ]
    expect(written.every((schema) => '$schema' in schema)).toBe(true)
  })

  test('has a summary, a path under /v1 and a status that fits its reply', () => {
    expect(summary).toMatch(/^[A-Z].*[^.]$/)
    expect(path).toMatch(/^\/v1(\/[a-z-]+|\/\{[a-z]+\})+$/)
    expect(status === 204).toBe(reply === null)
    if (method === 'GET') expect(body).toBeUndefined()
  })

  test('refuses unknown query parameters', () => {
    const parsed = (query ?? z.strictObject({})).safeParse({ 'no-such-parameter': 'x' })
    expect(parsed.error?.issues.map(({ code }) => code)).toContain('unrecognized_keys')
  })
})

test('no two routes share a method and a path', () => {
  const places = table.map(([, { method, path }]) => `${method} ${path.replaceAll(/\{[a-z]+\}/g, '{}')}`)
  expect(new Set(places).size).toBe(places.length)
})

test('limits reach the JSON Schema, so that forms can show them', () => {
  const { $defs } = z.toJSONSchema(routes.createService.body, { io: 'input' })
  expect($defs?.['ServiceInput']).toMatchObject({
    additionalProperties: false,
    required: ['name'],
    properties: { name: { maxLength: 50 }, linkName: { pattern: '^[A-Za-z][A-Za-z0-9_]{0,49}$' } },
  })
})
