/** Definitions as files: what an installation holds of services and connections, without any secret. */
import { z } from 'zod'
import { ConnectionInput, Credentials } from './connection.ts'
import * as field from './fields.ts'
import { ServiceInput, Stage } from './service.ts'

/** Of the format of these files; another number is another format. */
const version = z.literal(1, { error: 'This program reads files of version 1.' })

/**
 * A service as a file. In the place of a secret stands `{"set": true}` where one is stored; in a file that is kept a
 * reference, such as `${env:BOOKS_SECRET}`. What is left out is as in a new service.
 */
export const ServiceFile = z
  .strictObject({
    kind: z.literal('service'),
    version,
    linkName: field.linkName,
    ...ServiceInput.omit({ linkName: true, callbackId: true, stage: true }).shape,
    stage: Stage.default('draft'),
  })
  .meta({ id: 'ServiceFile' })
export type ServiceFile = z.output<typeof ServiceFile>

/** A connection as a file: what is authorized, never the grant itself. */
export const ConnectionFile = z
  .strictObject({
    kind: z.literal('connection'),
    version,
    linkName: field.linkName,
    ...ConnectionInput.omit({ linkName: true, credentials: true }).shape,
    /** A ready service, by its link name. */
    service: field.linkName,
    enabled: z.boolean().optional(),
    /** In a file that is kept: references to the values that authorize it where it is new. Never exported. */
    credentials: Credentials.optional(),
  })
  .meta({ id: 'ConnectionFile' })
export type ConnectionFile = z.output<typeof ConnectionFile>

interface Shape {
  default?: unknown
  properties?: Record<string, unknown>
  items?: unknown
  anyOf?: unknown
}

/**
 * A value without what its JSON Schema presets, inside of objects and lists as well, so that two that mean the same are
 * the same. Undefined where nothing is left.
 */
export function withoutPresets(value: unknown, schema: unknown): unknown {
  const shape = shapeOf(schema, value)
  if (value === null || value === undefined || value === '' || same(value, shape.default)) {
    // An empty text may say something of its own: no prefix, say.
    return value === '' && typeof shape.default === 'string' && shape.default !== '' ? value : undefined
  }
  if (Array.isArray(value)) return value.map((item: unknown) => withoutPresets(item, shape.items) ?? item)
  if (typeof value !== 'object') return value
  if (shape.properties === undefined) return value
  const { properties } = shape
  const entries = Object.entries(value)
    .map(([name, inner]: [string, unknown]): [string, unknown] => [name, withoutPresets(inner, properties[name])])
    .filter(([, inner]) => inner !== undefined)
  return entries.length === 0 && shape.default !== undefined ? undefined : Object.fromEntries(entries)
}

/** Of a schema with alternatives the one for this kind of value, with the preset of the whole. */
function shapeOf(schema: unknown, value: unknown): Shape {
  if (typeof schema !== 'object' || schema === null) return {}
  const shape: Shape = schema
  if (!Array.isArray(shape.anyOf)) return shape
  const wanted = Array.isArray(value) ? 'items' : 'properties'
  const inner = shape.anyOf.find(
    (each: unknown) => typeof each === 'object' && each !== null && wanted in each,
  ) as unknown
  return { ...shapeOf(inner, value), ...('default' in shape ? { default: shape.default } : {}) }
}

/** Whether two values of JSON say the same, whatever the order of their names. */
export function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
