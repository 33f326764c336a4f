/** Values to ask with: as a schema wants them, nearly so, and as nobody should send them. */
import * as fc from 'fast-check'

export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  propertyNames?: JsonSchema
  items?: JsonSchema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  pattern?: string
  format?: string
  default?: unknown
}

/** Values that fields of a name are given, so that some requests get past the first check. */
export type Hints = (name: string) => fc.Arbitrary<unknown> | undefined

const nasty = [
  '',
  ' ',
  '\0',
  'a\0b',
  'x\r\nX-Injected: 1',
  'x\r\n\r\nHTTP/1.1 200 OK\r\n',
  '../../../../etc/passwd',
  '..%2f..%2fadmin',
  '%2e%2e/',
  '%00',
  '%',
  '%zz',
  '%ff%fe',
  "' or 1=1 --",
  '"; drop table services; --',
  '{"$gt":""}',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '{{7*7}}${7*7}<%= 7*7 %>',
  '\u202Egnp.exe',
  '\uD800',
  '\uFEFF',
  'İıſẞ',
  '👩‍👩‍👧‍👦'.repeat(50),
  'A'.repeat(5000),
  '-1',
  '0',
  '1e309',
  'NaN',
  '9007199254740993',
  '00000000000000000001',
  'true',
  'null',
  'undefined',
  '[]',
  '2026-02-30T25:61:61Z',
  '*',
  '*.*',
  '.',
  '..',
  '/',
  '\\',
  ';',
  '?a=b#c',
  'a,b,,c',
  'http://',
  'http://[::1',
  'http://169.254.169.254/latest/meta-data/',
  'http://0x7f.1/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'https://user:pass@127.0.0.1/',
  'a'.repeat(64) + '.invalid',
]

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...nasty) },
  { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z_]{1,20}$/) },
)

export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      -1,
      1.5,
      1e308,
      2 ** 53,
      -(2 ** 31),
      [],
      {},
      [[]],
      [null],
      [{}],
      { set: true },
      { type: 'oauth2' },
      { length: 1e9 },
      { toString: null },
      { constructor: { prototype: { polluted: true } } },
      Array.from({ length: 300 }, () => 'x'),
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index])),
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
)

/** Values that follow a schema of this document, as far as a schema says it. */
export function following(
  schema: JsonSchema,
  components: Record<string, JsonSchema>,
  hints: Hints,
  depth = 0,
): fc.Arbitrary<unknown> {
  const inner = (one: JsonSchema, name?: string): fc.Arbitrary<unknown> => {
    const hint = name === undefined ? undefined : hints(name)
    const own = following(one, components, hints, depth + 1)
    return hint === undefined ? own : fc.oneof({ weight: 3, arbitrary: hint }, { weight: 1, arbitrary: own })
  }
  if (schema.$ref !== undefined) {
    const target = components[schema.$ref.split('/').at(-1) ?? '']
    return target === undefined || depth > 8 ? fc.constant({}) : following(target, components, hints, depth + 1)
  }
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map((one) => inner(one)))
  if (schema.allOf !== undefined)
    return fc.tuple(...schema.allOf.map((one) => inner(one))).map((all) => Object.assign({}, ...all))
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch (type) {
    case 'string':
      return text(schema)
    case 'integer':
    case 'number':
      return fc.integer({ min: Math.max(schema.minimum ?? -5, -1e6), max: Math.min(schema.maximum ?? 1e6, 1e6) })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(inner(schema.items ?? {}), {
        minLength: Math.min(schema.minItems ?? 0, 3),
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      })
    case 'object':
      return record(schema, inner)
    case undefined:
    default:
      return hostileJson
  }
}

function text(schema: JsonSchema): fc.Arbitrary<string> {
  if (schema.format === 'date-time')
    return fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map((at) => at.toISOString())
  if (schema.format === 'email') return fc.constantFrom('a@example.com', 'olga@example.com')
  if (schema.format === 'uri') return fc.constantFrom('https://127.0.0.1/x', 'http://127.0.0.1:9/x')
  if (schema.pattern !== undefined) {
    try {
      return fc.stringMatching(new RegExp(schema.pattern, 'u'), { maxLength: schema.maxLength ?? 100 })
    } catch {
      // Look-around and Unicode classes are more than it can turn round.
      return fc.constantFrom('name', 'api.example.com', 'https://127.0.0.1/')
    }
  }
  const min = Math.min(schema.minLength ?? 0, 40)
  return fc.string({ minLength: min, maxLength: Math.max(min, Math.min(schema.maxLength ?? 20, 40)) })
}

function record(
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  inner: (schema: JsonSchema, name?: string) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inner(one, name)])),
    { requiredKeys: required.filter((name) => name in properties) },
  )
  // With every second optional field there, hardly one request would have them all right.
  const optional = Object.keys(properties).filter((name) => !required.includes(name))
  const few = fc
    .tuple(known, fc.subarray(optional, { maxLength: Math.min(2, optional.length) }))
    .map(([one, kept]) =>
      Object.fromEntries(Object.entries(one).filter(([name]) => required.includes(name) || kept.includes(name))),
    )
  const given = optional.length < 3 ? known : fc.oneof({ weight: 3, arbitrary: few }, { weight: 1, arbitrary: known })
  if (typeof additionalProperties !== 'object') return given
  const more = fc.dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), inner(additionalProperties), { maxKeys: 3 })
  return fc.tuple(given, more).map(([one, other]) => ({ ...other, ...(one as object) }))
}

/** The same with one place changed: something else there, gone, or something more beside it. */
export function mutated(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(values, fc.nat(), hostileJson, hostileText, fc.constantFrom('replace', 'remove', 'add', 'wrap'))
    .map(([value, place, other, name, how]) => {
      const copy: unknown = structuredClone(value)
      const places: [holder: object, key: string][] = []
      const walk = (one: unknown): void => {
        if (typeof one !== 'object' || one === null) return
        for (const [key, part] of Object.entries(one)) {
          places.push([one, key])
          walk(part)
        }
      }
      walk(copy)
      const chosen = places[place % Math.max(1, places.length)]
      if (chosen === undefined) return other
      const [holder, key] = chosen
      if (how === 'remove') Reflect.deleteProperty(holder, key)
      else if (how === 'replace') put(holder, key, other)
      else if (how === 'wrap') put(holder, key, [Reflect.get(holder, key)])
      else put(holder, name, other)
      return copy
    })
}

function put(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true })
}
