/** The OpenAPI 3.1 document, written from the schemas that validate requests. */
import { isDeepStrictEqual } from 'node:util'
import {
  Auth,
  type ErrorCode,
  errorStatus,
  Problem,
  type Route,
  type RouteName,
  routes,
  ScopeInput,
} from '@mooring/contract'
import { z } from 'zod'
import { sessionCookie } from '../access/cookie.ts'
import { schemes } from '../schemes/index.ts'
import { notes, type Parameter, parameterNotes, queryNotes, type Schema, tagOf, tags } from './operations.ts'
import { type OtherRoute, otherRoutes } from './other_operations.ts'

type Content = Record<string, { schema: Schema }>

export interface Reply {
  description: string
  headers: Record<string, { $ref: string }>
  content?: Content
}

export interface Operation {
  operationId: string
  summary: string
  description?: string
  tags: [string]
  /** Empty: nobody need be known. Absent: the document's own, an API key or a session. */
  security?: []
  parameters: Parameter[]
  requestBody?: { required: boolean; content: Content }
  responses: Record<string, Reply>
  /** Every error code it may answer with. */
  'x-error-codes': ErrorCode[]
}

export interface OpenApi {
  openapi: '3.1.0'
  info: {
    title: string
    version: string
    summary: string
    description: string
    license: { name: string; identifier: string }
  }
  servers: { url: string }[]
  security: Record<string, string[]>[]
  tags: readonly { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: {
    securitySchemes: Record<string, object>
    headers: Record<string, { description: string; schema: Schema }>
    schemas: Record<string, Schema>
  }
  /** Every error code with its status. */
  'x-error-codes': typeof errorStatus
}

const inComponents = (name: string): string => `#/components/schemas/${name}`

/** Every route of the contract and beside it, every authentication type's `auth`, every error code. */
export function openApi({ version, publicUrl }: { version: string; publicUrl: string }): OpenApi {
  const schemas: Record<string, Schema> = {}
  const schemaOf = collectingInto(schemas)
  const paths: OpenApi['paths'] = {}
  for (const [name, route] of Object.entries(routes)) {
    const path = (paths[route.path] ??= {})
    path[route.method.toLowerCase()] = contractOperation(name, route, schemaOf)
  }
  for (const route of otherRoutes) {
    for (const method of route.methods) {
      const path = (paths[route.path] ??= {})
      path[method] = otherOperation(route, method)
    }
  }
  schemaOf(Problem, 'output')
  Object.assign(schemas, authSchemas(schemaOf))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mooring',
      version,
      summary: 'Keeps connections to other APIs live.',
      description:
        'JSON in and out. Times are RFC 3339, in UTC; durations are whole seconds. Errors are problem documents (RFC 9457) with a stable `code`. Unknown fields are refused.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    security: [{ apiKey: [] }, { session: [] }],
    tags,
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, mk_…' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie(publicUrl),
          description:
            'A person who is signed in. A write brings `csrfToken` of `GET /v1/session` in the header `X-CSRF-Token`.',
        },
      },
      headers: {
        'X-Request-Id': {
          description: 'Names this request in the log and in problem documents.',
          schema: { type: 'string' },
        },
        'Retry-After': {
          description: 'Seconds to wait before trying again, where known.',
          schema: { type: 'integer' },
        },
        'Idempotency-Replayed': {
          description: '`true` where this is the first reply, given again.',
          schema: { type: 'string', enum: ['true'] },
        },
        'Mooring-Error': {
          description: "The code: the answer is Mooring's own, not the API's.",
          schema: { type: 'string' },
        },
      },
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a.localeCompare(b))),
    },
    'x-error-codes': errorStatus,
  }
}

type SchemaOf = (schema: z.ZodType, io: 'input' | 'output') => Schema

/** JSON Schema of a zod schema; those with an `id` are put into `schemas` and referred to. */
function collectingInto(schemas: Record<string, Schema>): SchemaOf {
  return (schema, io) => {
    const {
      $schema: _,
      $defs = {},
      ...own
    } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => adjust(zodSchema, jsonSchema, io),
    })
    relocate(own)
    for (const [id, definition] of Object.entries($defs)) {
      relocate(definition)
      const known = schemas[id]
      if (known !== undefined && !isDeepStrictEqual(known, definition)) throw new Error(`two schemas are named ${id}`)
      schemas[id] = definition
    }
    return { ...own }
  }
}

/** What zod cannot know of a schema. */
function adjust(zodSchema: z.core.$ZodTypes, jsonSchema: Schema, io: 'input' | 'output'): void {
  const replace = (by: Schema): void => {
    for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
    Object.assign(jsonSchema, by)
  }
  if (zodSchema === Auth) replace({ $ref: inComponents(io === 'input' ? 'Auth' : 'StoredAuth') })
  // A preprocessed scope may also be written as its value alone.
  if (zodSchema._zod.def.type === 'pipe' && zodSchema._zod.def.out === ScopeInput) {
    replace({ anyOf: [{ type: 'string', minLength: 1, maxLength: 500 }, { ...jsonSchema }] })
  }
  // Zod leaves out the preset of a field that also takes an empty string for it.
  if (zodSchema._zod.def.type === 'default') jsonSchema.default ??= zodSchema._zod.def.defaultValue
  delete jsonSchema['form']
  if (jsonSchema['secret'] === true) jsonSchema.writeOnly = true
  // Replies may gain fields; only requests are closed.
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
}

/** `#/$defs/X` becomes `#/components/schemas/X`, in place. */
function relocate(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if ('$ref' in value && typeof value.$ref === 'string') value.$ref = value.$ref.replace('#/$defs/', inComponents(''))
  for (const inner of Object.values(value)) relocate(inner)
}

/** `auth`: one schema an authentication type, told apart by `type`. A draft may lack the rest. */
function authSchemas(schemaOf: SchemaOf): Record<string, Schema> {
  const types = schemes.map((scheme) => scheme.type)
  const nameOf = (type: string): string => `Auth_${type}`
  return {
    Auth: {
      description:
        'How the API authenticates; `type` says which of these it is. A draft may lack any other field, and marking the service as ready tells which are missing.',
      oneOf: types.map((type) => ({ $ref: inComponents(nameOf(type)) })),
      discriminator: {
        propertyName: 'type',
        mapping: Object.fromEntries(types.map((type) => [type, inComponents(nameOf(type))])),
      },
    },
    StoredAuth: {
      description: 'As it was given, defaults filled in. In the place of a stored secret there is `{"set": true}`.',
      type: 'object',
      properties: { type: { type: 'string', enum: types } },
      required: ['type'],
      additionalProperties: true,
    },
    ...Object.fromEntries(
      schemes.map((scheme) => {
        const { properties, required: _, ...rest } = schemaOf(scheme.fields, 'input')
        return [
          nameOf(scheme.type),
          {
            title: scheme.title,
            description: scheme.summary,
            ...rest,
            properties: { type: { const: scheme.type }, ...properties },
            required: ['type'],
          },
        ]
      }),
    ),
  }
}

function contractOperation(name: string, route: Route, schemaOf: SchemaOf): Operation {
  const { codes = [], description }: { codes?: ErrorCode[]; description?: string } = isRouteName(name)
    ? (notes[name] ?? {})
    : {}
  const open = route.open === true
  // What an open route creates is a session, whose reply is not given twice.
  const creates = route.status === 201 && !open
  const inPath = Array.from(route.path.matchAll(/\{([a-zA-Z]+)\}/g), (match) => match[1] ?? '')
  const all: ErrorCode[] = [
    ...(open ? unkeyed : keyed),
    ...(inPath.length > 0 ? (['not_found'] as const) : []),
    ...(route.body === undefined ? [] : (['malformed_request', 'too_large', 'unsupported_media_type'] as const)),
    ...(route.body === undefined && route.query === undefined && !creates ? [] : (['validation_failed'] as const)),
    ...codes,
  ]
  return {
    operationId: name,
    summary: route.summary,
    ...(description === undefined ? {} : { description }),
    tags: [tagOf(name, route.path)],
    ...(open ? { security: [] } : {}),
    parameters: [
      ...inPath.map((each) => parameter(each, 'path', true, { type: 'string' }, parameterNotes)),
      ...(route.query === undefined ? [] : queryParameters(schemaOf(route.query, 'input'))),
      ...(creates ? [idempotencyKey] : []),
    ],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: route.bodyOptional !== true,
            content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
          },
        }),
    responses: {
      [String(route.status)]: {
        description: route.reply === null ? 'Done.' : route.summary,
        headers: headers(creates ? ['Idempotency-Replayed'] : []),
        ...(route.reply === null ? {} : { content: replyContent(name, route, schemaOf(route.reply, 'output')) }),
      },
      ...problems(all),
    },
    'x-error-codes': sorted(all),
  }
}

/** Any route of the contract that wants none: a write from another site is refused. */
const unkeyed: ErrorCode[] = ['forbidden', 'rate_limited', 'internal_error', 'unavailable']

/** Any route that wants a key or a session. */
const keyed: ErrorCode[] = ['unauthenticated', 'forbidden', 'rate_limited', 'internal_error', 'unavailable']

const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A repeat with the same key within 24 hours gets the first reply.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

/** Events also come as a stream, files as YAML. */
function replyContent(name: string, route: Route, schema: Schema): Content {
  const json: Content = { 'application/json': { schema } }
  if (route.yaml === true) return { ...json, 'application/yaml': { schema } }
  return name === 'listEvents' ? { ...json, 'text/event-stream': { schema: { type: 'string' } } } : json
}

function otherOperation(route: OtherRoute, method: string): Operation {
  const codes = route.open === true ? [] : [...keyed, ...(route.codes ?? [])]
  const only = route.methods.length === 1
  const bodiless = method === 'get' || method === 'head'
  return {
    operationId: only ? route.operationId : `${route.operationId}${method.charAt(0).toUpperCase()}${method.slice(1)}`,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    tags: [route.tag],
    ...(route.open === true ? { security: [] } : {}),
    parameters: route.parameters ?? [],
    ...(route.takes === undefined || bodiless
      ? {}
      : { requestBody: { required: only, content: contentOf(route.takes) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.replies).map(([status, { description, content }]) => [
          status,
          { description, headers: headers([]), ...(content === undefined ? {} : { content: contentOf(content) }) },
        ]),
      ),
      ...problems(codes, route.tag === 'Calls' ? ['Mooring-Error'] : []),
    },
    'x-error-codes': sorted(codes),
  }
}

function contentOf(schemas: Record<string, Schema>): Content {
  return Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, { schema }]))
}

/** One reply a status, naming the codes that come with it. */
function problems(codes: ErrorCode[], more: string[] = []): Record<string, Reply> {
  const byStatus = Map.groupBy(sorted(codes), (code) => errorStatus[code])
  return Object.fromEntries(
    Array.from(byStatus, ([status, its]) => [
      String(status),
      {
        description: its.map((code) => `\`${code}\``).join(', '),
        headers: headers([...([429, 502, 503].includes(status) ? ['Retry-After'] : []), ...more]),
        content: {
          'application/problem+json': {
            schema: { $ref: inComponents('Problem'), properties: { code: { enum: its }, status: { const: status } } },
          },
        },
      },
    ]),
  )
}

/** In the order of the catalogue, each once. */
function sorted(codes: ErrorCode[]): ErrorCode[] {
  const named: ReadonlySet<string> = new Set(codes)
  return Object.keys(errorStatus).filter((code): code is ErrorCode => named.has(code))
}

function headers(names: string[]): Reply['headers'] {
  return Object.fromEntries(['X-Request-Id', ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

function queryParameters({ properties = {}, required = [] }: Schema): Parameter[] {
  return Object.entries(properties).map(([name, schema]) =>
    parameter(name, 'query', required.includes(name), typeof schema === 'boolean' ? {} : schema, queryNotes),
  )
}

function parameter(
  name: string,
  place: Parameter['in'],
  required: boolean,
  schema: Schema,
  meanings: Record<string, string>,
): Parameter {
  const description = meanings[name]
  return { name, in: place, required, ...(description === undefined ? {} : { description }), schema }
}

function isRouteName(name: string): name is RouteName {
  return Object.hasOwn(routes, name)
}
