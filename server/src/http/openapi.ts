/** The OpenAPI 3.1 document, written from the schemas that validate requests. */
import { errorStatus, Problem, type Route, routes } from '@mooring/contract'
import { z } from 'zod'
import { schemes } from '../schemes/index.ts'

type Json = Record<string, unknown>

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

/** Every route of the contract, every authentication type's `auth`, every error code. */
export function openApi({ version, publicUrl }: { version: string; publicUrl: string }): Json {
  const paths: Record<string, Json> = {}
  for (const [operationId, route] of Object.entries(routes)) {
    const path = (paths[route.path] ??= {})
    path[route.method.toLowerCase()] = operation(operationId, route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mooring',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'Keeps connections to other APIs live.',
    },
    servers: [{ url: publicUrl }],
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, mk_…' } },
      schemas: {
        Problem: schemaOf(Problem, 'output'),
        ...Object.fromEntries(schemes.map((scheme) => [`Auth_${scheme.type}`, authSchema(scheme)])),
      },
    },
    'x-error-codes': errorStatus,
  }
}

function authSchema(scheme: (typeof schemes)[number]): Json {
  const fields = schemaOf(scheme.fields, 'input')
  const properties = typeof fields['properties'] === 'object' ? fields['properties'] : {}
  return {
    ...fields,
    title: scheme.title,
    description: scheme.summary,
    properties: { type: { const: scheme.type }, ...properties },
  }
}

function operation(operationId: string, route: Route): Json {
  const names = Array.from(route.path.matchAll(/\{([a-zA-Z]+)\}/g), (match) => match[1] ?? '')
  const query = route.query === undefined ? undefined : schemaOf(route.query, 'input')
  const queryProperties: Json = isJson(query?.['properties']) ? query['properties'] : {}
  return {
    operationId,
    summary: route.summary,
    tags: [route.path.split('/')[2] ?? ''],
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...Object.entries(queryProperties).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
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
        description: route.summary,
        ...(route.reply === null
          ? {}
          : { content: { 'application/json': { schema: schemaOf(route.reply, 'output') } } }),
      },
      default: {
        description: 'A problem document',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
