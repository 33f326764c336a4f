/**
 * What holds for every authentication type. A scheme's test calls `schemeSuite` with definitions that cover its ways of
 * sending a credential; what is particular to the scheme is tested beside it.
 */
import { type FieldError, fieldErrors } from '@mooring/contract'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { MooringError } from '../errors.ts'
import { formSuite } from './form_suite.ts'
import { header } from './request.ts'
import type { AnyScheme, Applied, OutgoingRequest, Outlook } from './scheme.ts'

export interface SchemeSample {
  /** Says which way of sending this is: `header`, `form`. Part of the tests' names. */
  name: string
  /** A whole `auth` without its type. Values of its secrets are looked for where they must not be. */
  definition: Record<string, unknown>
  /**
   * What `read` takes. Values of at least eight characters are looked for in what goes out, so they should occur
   * nowhere by chance.
   */
  credentialValues: Record<string, string>
  /** What `complete` makes of them by a request, where the scheme has it. Its texts are looked for as well. */
  completed?: Record<string, unknown>
  /** Where the API must have spoken before anything can be sent: gives `challenged` such an answer. */
  learn?: (applied: Applied) => void
  /** Where the call differs from a GET without a body: a form needs another method. */
  request?: { method: string; headers: string[]; body: Uint8Array | null }
}

export interface SchemeSuite {
  scheme: AnyScheme
  /** Paths that an empty definition lacks, in any order: what a person must fill in before `ready`. */
  required: string[]
  samples: SchemeSample[]
}

/** What stands around an `auth` in a preview. */
export const outlook: Outlook = {
  callbackUrl: 'https://mooring.example/oauth/callback/x',
  scopes: ['read', 'write'],
  scopeDelimiter: 'comma',
  call: { method: 'GET', url: 'https://api.example.com/me', headers: { 'X-Version': '2' } },
}

const now = Date.UTC(2026, 0, 31, 12)
const callers = 'callers-own-value'

export function schemeSuite({ scheme, required, samples }: SchemeSuite): void {
  describe(`${scheme.type}, as every scheme`, () => {
    test('has a type, a title, a summary and a title for every field', () => {
      expect(scheme.type).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(scheme.title).not.toBe('')
      expect(scheme.summary).toMatch(/^[A-Z].*\.$/)
      const untitled = Object.entries(scheme.fields.shape)
        .filter(([, field]) => typeof field.meta()?.title !== 'string')
        .map(([name]) => name)
      expect(untitled).toEqual([])
    })

    test('writes its fields as JSON Schema', () => {
      const schema = z.toJSONSchema(scheme.fields, { io: 'input' })
      expect(Object.keys(schema.properties ?? {})).toEqual(Object.keys(scheme.fields.shape))
    })

    test('says nothing about an empty draft and describes it', () => {
      expect(scheme.partialFields.safeParse({}).success).toBe(true)
      expect(scheme.check({}, 'draft')).toEqual([])
      expect(scheme.endpoints({})).toEqual({})
      expect(scheme.describe({}, outlook)).toBeInstanceOf(Array)
    })

    test('tells every field that an empty definition lacks for ready', () => {
      expect([...new Set(lacking(scheme).map(({ path }) => path))].toSorted()).toEqual(required.toSorted())
    })

    test('refuses fields that it does not have', () => {
      const parsed = scheme.partialFields.safeParse({ notAField: 1 })
      expect(parsed.error && fieldErrors(parsed.error.issues)).toMatchObject([
        { path: 'notAField', code: 'unknown_field' },
      ])
    })

    formSuite(scheme)

    describe.each(samples)('$name', (sample) => {
      const values = sample.credentialValues
      const planted = texts([values, sample.completed])

      test('is a definition that is ready', () => {
        const parsed = scheme.fields.safeParse(sample.definition)
        expect(parsed.error).toBeUndefined()
        expect(scheme.check(sample.definition, 'ready')).toEqual([])
        expect(scheme.partialFields.safeParse(parsed.data).success).toBe(true)
        expect(scheme.fields.parse(JSON.parse(JSON.stringify(parsed.data)))).toEqual(parsed.data)
      })

      test('S-44 shows no secret in its description and its prompt', () => {
        const shown = JSON.stringify([scheme.describe(sample.definition, outlook), scheme.prompt(sample.definition)])
        const secrets = scheme.secretFields.flatMap((name) => texts(sample.definition[name]))
        expect(secrets.filter((secret) => shown.includes(secret))).toEqual([])
        // Whatever else goes out, the calls do, with what the service adds to all of them.
        const every = scheme.describe(sample.definition, outlook).find(({ title }) => title === 'Every request')
        expect(every?.lines[0]).toMatch(/^(GET|POST) https:\/\/api\.example\.com\/me(\?|$)/)
        expect(every?.lines).toContain('X-Version: 2')
        expect(JSON.stringify(every)).toContain('••••••')
      })

      test('takes what its prompt asks for and names what is missing', () => {
        const asked = scheme.prompt(sample.definition)
        const missing = asked.filter((field) => field.required).map((field) => field.key)
        const read = scheme.read(sample.definition, {}, now)
        // A grant from elsewhere can be brought to a scheme that asks for nothing; its fields are its own to name.
        if (asked.length > 0) expect('errors' in read && read.errors.map(({ path }) => path)).toEqual(missing)
        for (const { label, key } of asked) expect([label, key]).not.toContain('')
      })

      test('S-12, S-37 puts planted values only where it says, and something in every such place', () => {
        const applied = prepare(scheme, sample)
        const request = requestOf(sample)
        applied.inject(request, now)
        expect(planted).not.toEqual([])
        for (const name of applied.headers) expect(header(request, name), name).toBeTruthy()
        for (const name of applied.parameters) expect(request.url.searchParams.has(name), name).toBe(true)
        expect(placesOf(request, planted).filter((place) => !listed(applied).includes(place))).toEqual([])
      })

      test('S-37 leaves one of each when it injects twice', () => {
        const applied = prepare(scheme, sample)
        const request = requestOf(sample)
        applied.inject(request, now)
        const places = countsOf(request)
        applied.inject(request, now)
        expect(countsOf(request)).toEqual(places)
        for (const name of applied.headers) expect(places[`header ${name}`], name).toBe(1)
        for (const name of applied.parameters) expect(places[`parameter ${name}`], name).toBe(1)
      })

      test("S-37 replaces the caller's own value in the credential's place", () => {
        const applied = prepare(scheme, sample)
        const clean = requestOf(sample)
        applied.inject(clean, now)
        const request = requestOf(sample)
        for (const name of applied.headers) {
          const value = name === 'cookie' ? cookieOf(clean) : callers
          request.headers.push(name.toUpperCase(), value, name, value)
        }
        for (const name of applied.parameters) {
          request.url.searchParams.append(name, callers)
          request.url.searchParams.append(name, callers)
        }
        if (applied.bodyUse === 'form' && request.body) {
          const form = new URLSearchParams(Buffer.from(clean.body ?? []).toString())
          for (const name of new Set(form.keys())) if (planted.includes(form.get(name) ?? '')) form.set(name, callers)
          request.body = Buffer.from(`${form.toString()}&${form.toString()}`)
        }
        applied.inject(request, now)
        expect(placesOf(request, [callers])).toEqual([])
      })

      test('S-37 lets no line break through, whatever the credential holds', () => {
        const text = fc.string({ unit: fc.integer({ max: 0x2ff, min: 0 }).map((code) => String.fromCharCode(code)) })
        const definition = scheme.fields.parse(sample.definition)
        const credential = credentialOf(scheme, sample)
        const broken = fc.tuple(text, fc.constantFrom('\r\n', '\n', '\r', '\0', '\r\nx-injected: 1'), text)
        fc.assert(
          fc.property(
            fc.oneof(
              text,
              broken.map((parts) => parts.join('')),
            ),
            fc.constantFrom(...Object.keys(values)),
            (value, key) => {
              const brought = scheme.read(definition, { ...values, [key]: value }, now)
              if ('grant' in brought) expectWhole(sample, scheme.apply(definition, brought.grant.credential))
            },
          ),
          { numRuns: 30 },
        )
        fc.assert(
          fc.property(
            broken.map((parts) => parts.join('')),
            (value) => {
              let applied: Applied
              try {
                applied = scheme.apply(definition, withEveryText(credential, value))
              } catch {
                return // not a credential to this scheme
              }
              expectWhole(sample, applied)
            },
          ),
          { numRuns: 30 },
        )
      })
    })
  })
}

/** What both the fields and the rules over several of them say about nothing at all. */
function lacking(scheme: AnyScheme): FieldError[] {
  const parsed = scheme.fields.safeParse({})
  return [...(parsed.error ? fieldErrors(parsed.error.issues, [], {}) : []), ...scheme.check({}, 'ready')]
}

function credentialOf(scheme: AnyScheme, sample: SchemeSample): unknown {
  const read = scheme.read(sample.definition, sample.credentialValues, now)
  if ('errors' in read) throw new Error(`The sample ${sample.name} is refused: ${JSON.stringify(read.errors)}`)
  return sample.completed ?? read.grant.credential
}

function prepare(scheme: AnyScheme, sample: SchemeSample): Applied {
  const applied = scheme.apply(sample.definition, credentialOf(scheme, sample))
  sample.learn?.(applied)
  return applied
}

function requestOf({ request }: SchemeSample): OutgoingRequest {
  return {
    method: request?.method ?? 'GET',
    url: new URL('https://api.example.com/v1/items?kept=1'),
    headers: request ? [...request.headers] : ['accept', '*/*'],
    body: request?.body ?? null,
  }
}

/** Injects, unless the scheme refuses, and looks at what would go on the wire. */
function expectWhole(sample: SchemeSample, applied: Applied): void {
  const request = requestOf(sample)
  sample.learn?.(applied)
  try {
    applied.inject(request, now)
  } catch (error) {
    expect(error).toBeInstanceOf(MooringError)
    return
  }
  expect(request.headers.filter((text) => /[\0\r\n]/.test(text))).toEqual([])
  expect(request.url.href).not.toMatch(/[\0\r\n]/)
  expect(request.headers.length % 2).toBe(0)
}

/** A copy in which every string is this one. */
function withEveryText(value: unknown, text: string): unknown {
  if (typeof value === 'string') return text
  if (Array.isArray(value)) return value.map((each) => withEveryText(each, text))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withEveryText(each, text)]))
}

/** Every string inside, of a length that does not occur by chance. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= 8 ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : []
}

function listed({ headers, parameters, bodyUse }: Applied): string[] {
  return [
    ...headers.map((name) => `header ${name}`),
    ...parameters.map((name) => `parameter ${name}`),
    ...(bodyUse === 'none' ? [] : ['body']),
  ]
}

/** Where any of these occur: `header authorization`, `parameter key`, `path`, `body`. Base64 is looked into. */
function placesOf(request: OutgoingRequest, planted: string[]): string[] {
  const holds = (text: string): boolean =>
    planted.some((value) => `${text} ${decoded(text)}`.includes(value) || text.includes(encodeURIComponent(value)))
  const places: string[] = []
  for (let index = 0; index < request.headers.length; index += 2) {
    if (holds(request.headers[index + 1] ?? '')) places.push(`header ${request.headers[index]?.toLowerCase()}`)
  }
  for (const [name, value] of request.url.searchParams) if (holds(value)) places.push(`parameter ${name}`)
  if (holds(request.url.origin + request.url.pathname)) places.push('path')
  if (request.body && holds(Buffer.from(request.body).toString())) places.push('body')
  return places
}

function decoded(text: string): string {
  return (text.match(/[A-Za-z0-9+/]{8,}={0,2}/g) ?? []).map((word) => Buffer.from(word, 'base64').toString()).join(' ')
}

/** How often each header, query parameter and form field is there. */
function countsOf(request: OutgoingRequest): Record<string, number> {
  const counts: Record<string, number> = {}
  const add = (place: string): void => {
    counts[place] = (counts[place] ?? 0) + 1
  }
  for (let index = 0; index < request.headers.length; index += 2) add(`header ${request.headers[index]?.toLowerCase()}`)
  for (const name of request.url.searchParams.keys()) add(`parameter ${name}`)
  for (const name of cookieOf(request).split('; ')) add(`cookie ${name.split('=', 1)[0]}`)
  if (request.body)
    for (const name of new URLSearchParams(Buffer.from(request.body).toString()).keys()) add(`form ${name}`)
  return counts
}

/** The cookie header with every value made the caller's. */
function cookieOf(request: OutgoingRequest): string {
  return (header(request, 'cookie') ?? '').replace(/=[^;]*/g, `=${callers}`)
}
