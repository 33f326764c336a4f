import { type ErrorCode, errorStatus, routes } from '@mooring/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../../test/harness.ts'
import { schemes } from '../schemes/index.ts'
import { openApi, type Operation } from './openapi.ts'

const document = openApi({ version: '1.2.3', publicUrl: 'https://mooring.example.com' })

interface Located {
  method: string
  path: string
  operation: Operation
}
const operations: Located[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
)
const find = (operationId: string): Operation => {
  const found = operations.find(({ operation }) => operation.operationId === operationId)
  if (found === undefined) throw new Error(`no operation ${operationId}`)
  return found.operation
}

/** Every object inside a value, with where it is. */
function* objectsIn(value: unknown, at = '#'): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield [at, { ...value }]
  for (const [key, inner] of Object.entries(value)) {
    yield* objectsIn(inner, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
  }
}

function resolve(pointer: string): unknown {
  let found: unknown = document
  for (const part of pointer.slice(2).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined
  }
  return found
}

const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']
/** Keywords of JSON Schema 2020-12 and of OpenAPI 3.1 in use, and two notes of ours about fields. */
const keywords: Record<string, (value: unknown) => boolean> = {
  $ref: (value) => typeof value === 'string' && value.startsWith('#/components/schemas/'),
  type: (value) => [value].flat().every((each) => typeof each === 'string' && types.includes(each)),
  properties: isSchemaMap,
  required: (value) => Array.isArray(value) && new Set(value).size === value.length,
  additionalProperties: isSchema,
  propertyNames: isSchema,
  items: isSchema,
  anyOf: isSchemaList,
  oneOf: isSchemaList,
  enum: (value) => Array.isArray(value) && value.length > 0,
  const: () => true,
  default: () => true,
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  minimum: (value) => typeof value === 'number',
  maximum: (value) => typeof value === 'number',
  pattern: (value) => typeof value === 'string' && new RegExp(value, 'u') instanceof RegExp,
  format: (value) => typeof value === 'string',
  title: (value) => typeof value === 'string',
  description: (value) => typeof value === 'string',
  writeOnly: (value) => value === true,
  discriminator: (value) => typeof value === 'object',
  secret: (value) => value === true,
  advanced: (value) => value === true,
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0
}
function isSchemaMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isSchema)
}
function isSchemaList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isSchema)
}
function isSchema(value: unknown): boolean {
  if (typeof value === 'boolean') return true
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(([key, inner]) => {
    if (keywords[key]?.(inner) === true) return true
    throw new Error(`${key}: ${JSON.stringify(inner)} is no schema keyword`)
  })
}

describe('the OpenAPI document', () => {
  test('has every route of the contract under its name', () => {
    for (const [name, route] of Object.entries(routes)) {
      expect(document.paths[route.path]?.[route.method.toLowerCase()]?.operationId).toBe(name)
    }
  })

  test('names every operation once and puts it under a tag that is there', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const tags = document.tags.map((tag) => tag.name)
    for (const { operation } of operations) expect(tags).toContain(operation.tags[0])
    expect(tags.filter((tag) => !operations.some(({ operation }) => operation.tags[0] === tag))).toEqual([])
  })

  test('declares every parameter of a path, and no other as one', () => {
    for (const { path, operation } of operations) {
      const named = Array.from(path.matchAll(/\{([^}]+)\}/g), (match) => match[1])
      const declared = operation.parameters.filter((each) => each.in === 'path')
      expect(declared.map((each) => each.name)).toEqual(named)
      expect(declared.every((each) => each.required)).toBe(true)
      const places = operation.parameters.map((each) => `${each.in} ${each.name.toLowerCase()}`)
      expect(new Set(places).size).toBe(places.length)
    }
  })

  test('has a target for every reference, and no schema that none leads to', () => {
    const references = [...objectsIn(document)].flatMap(([, object]) =>
      typeof object['$ref'] === 'string' ? [object['$ref']] : [],
    )
    expect(references.filter((reference) => resolve(reference) === undefined)).toEqual([])
    const unused = Object.keys(document.components.schemas).filter(
      (name) => !references.includes(`#/components/schemas/${name}`),
    )
    expect(unused).toEqual([])
  })

  test('holds only schemas that can be compiled', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) expect(isSchema(schema), name).toBe(true)
    for (const [at, object] of objectsIn(document.paths)) {
      if ('schema' in object) expect(isSchema(object['schema']), at).toBe(true)
    }
  })

  test('has required fields that exist, and closed requests but open replies', () => {
    for (const [at, object] of objectsIn(document.components.schemas)) {
      const { required, properties } = object
      if (!Array.isArray(required) || typeof properties !== 'object' || properties === null) continue
      expect(Object.keys(properties), at).toEqual(expect.arrayContaining(required))
    }
    expect(document.components.schemas['ServiceInput']?.additionalProperties).toBe(false)
    expect(document.components.schemas['Service']?.additionalProperties).toBeUndefined()
  })

  test('has one auth for each registered type, told apart by type, of which a draft may lack the rest', () => {
    const auth = document.components.schemas['Auth']
    expect(auth?.oneOf).toEqual(schemes.map(({ type }) => ({ $ref: `#/components/schemas/Auth_${type}` })))
    expect(auth?.['discriminator']).toEqual({
      propertyName: 'type',
      mapping: Object.fromEntries(schemes.map(({ type }) => [type, `#/components/schemas/Auth_${type}`])),
    })
    for (const { type } of schemes) {
      expect(document.components.schemas[`Auth_${type}`]).toMatchObject({
        properties: { type: { const: type } },
        required: ['type'],
        additionalProperties: false,
      })
    }
    for (const name of ['ServiceInput', 'ServicePatch']) {
      expect(document.components.schemas[name]?.properties?.['auth']).toEqual({ $ref: '#/components/schemas/Auth' })
    }
  })

  test('marks secrets as never read, and says the presets of fields', () => {
    expect(document.components.schemas['Auth_oauth2']?.properties).toMatchObject({
      clientSecret: { writeOnly: true },
      expiryTime: { default: 3600, minimum: 900, maximum: 86_400 },
    })
  })

  test('answers with problems of the right status, and misses no code of the catalogue', () => {
    const seen = new Set<ErrorCode>()
    for (const { operation } of operations) {
      for (const code of operation['x-error-codes']) {
        seen.add(code)
        const reply = operation.responses[String(errorStatus[code])]
        expect(reply?.description).toContain(code)
        expect(reply?.content?.['application/problem+json']?.schema.$ref).toBe('#/components/schemas/Problem')
      }
    }
    expect(Object.keys(errorStatus).filter((code) => !seen.has(code as ErrorCode))).toEqual([])
  })

  test('says X-Request-Id on every reply, and Idempotency-Key where something is created', () => {
    for (const { operation } of operations) {
      const takesKey = operation.parameters.some((each) => each.name === 'Idempotency-Key')
      // A session belongs to one browser: what needs no caller is not given again.
      const open = operation.security !== undefined
      expect(takesKey, operation.operationId).toBe('201' in operation.responses && !open)
      for (const reply of Object.values(operation.responses)) expect(reply.headers).toHaveProperty('X-Request-Id')
    }
    expect(find('createConnection').responses['201']?.headers).toHaveProperty('Idempotency-Replayed')
    expect(find('proxyPost').responses['502']?.headers).toHaveProperty('Mooring-Error')
  })
})

describe('a server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  const reads = operations.filter(({ method }) => method === 'get')
  const urlOf = (path: string): string => server.url + path.replaceAll(/\{[^}]+\}/g, 'x')

  test('S-50 answers every documented GET with 401 without a key, but for those that need none', async () => {
    for (const { path, operation } of reads) {
      const response = await fetch(urlOf(path), { redirect: 'manual' })
      await response.body?.cancel()
      expect(response.headers.get('x-request-id'), path).toMatch(/^req_/)
      if (operation.security === undefined) expect(response.status, path).toBe(401)
      else expect(Object.keys(operation.responses), path).toContain(String(response.status))
    }
    expect(reads.filter(({ operation }) => operation.security !== undefined).map(({ path }) => path)).toEqual([
      '/v1/sign-in',
      '/connect/{token}',
      '/connect/s/{token}',
      '/connect/s/{token}/{connection}',
      '/oauth/callback/{callbackId}',
      '/oauth/jwks/{callbackId}',
      '/oidc/start',
      '/oidc/callback',
      '/healthz',
      '/readyz',
      '/docs',
      '/docs/errors',
      '/docs/settings',
    ])
  })

  test('publishes the document to whoever has a key, whatever its role, with its own address', async () => {
    const viewer = await server.call('POST', '/v1/api-keys', { name: 'Reader', role: 'viewer' })
    const { status, body } = await server.call('GET', '/v1/openapi.json', undefined, {
      authorization: `Bearer ${String(viewer.body['key'])}`,
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      ...JSON.parse(JSON.stringify(openApi({ version: 'test', publicUrl: server.mooring.publicUrl }))),
    })
  })

  test('gives the first reply again for a repeated Idempotency-Key, as documented', async () => {
    const create = () => server.call('POST', '/v1/services', { name: 'Once' }, { 'idempotency-key': 'document-test' })
    const [first, second] = [await create(), await create()]
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
  })
})
