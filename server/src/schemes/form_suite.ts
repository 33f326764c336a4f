/** What holds for the form of every authentication type: it asks for all that the schema takes, and nothing else. */
import { fieldErrors, type FormField } from '@mooring/contract'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyScheme } from './scheme.ts'

type Schema = z.core.JSONSchema.BaseSchema

/** Each list of fields with the schema of the object that they fill in. */
interface Level {
  path: string
  fields: FormField[]
  schema: Schema
}

export function formSuite(scheme: AnyScheme): void {
  const levels = levelsOf({ path: 'auth', fields: scheme.form, schema: z.toJSONSchema(scheme.fields, { io: 'input' }) })
  const all = levels.flatMap(({ path, fields, schema }) => fields.map((field) => ({ path, field, fields, schema })))

  describe('its form', () => {
    test('asks for every field of the schema, in its order, and for no other', () => {
      for (const { fields, schema } of levels) {
        const asked = Object.entries(schema.properties ?? {}).filter(([, each]) => read(each)['form'] !== false)
        expect(fields.filter(({ fixed }) => fixed === undefined).map(({ name }) => name)).toEqual(
          asked.map(([name]) => name),
        )
      }
    })

    test('has a title for every field, unique among those that are shown together', () => {
      for (const { fields } of levels) {
        for (const field of fields) {
          expect(field.title, field.name).toMatch(/^\S.*$/)
          const same = fields.filter((other) => other !== field && other.title === field.title)
          expect(same.filter((other) => shownTogether(field, other)).map(({ name }) => name)).toEqual([])
        }
      }
    })

    test('offers exactly the values that the schema takes', () => {
      for (const { field, schema } of all.filter((each) => each.field.kind === 'choice')) {
        const choices = field.choices?.map(({ value }) => value) ?? []
        expect(choices.length).toBeGreaterThan(1)
        expect(choices).toEqual(withoutNull(read(schema.properties?.[field.name])).enum)
        expect(new Set(field.choices?.map(({ label }) => label)).size).toBe(choices.length)
      }
    })

    test('shows fields, and wants them, by values that a sibling can hold', () => {
      for (const { field, fields } of all) {
        for (const condition of [field.shownWhen, field.optionalWhen].filter((each) => each !== undefined)) {
          const sibling = fields.find(({ name }) => name === condition.field)
          expect(condition.in.length, field.name).toBeGreaterThan(0)
          expect(sibling?.choices?.map(({ value }) => value) ?? []).toEqual(expect.arrayContaining(condition.in))
        }
      }
    })

    test('has defaults that the schema takes', () => {
      for (const field of scheme.form.filter((each) => each.default !== undefined)) {
        expect(scheme.fields.shape[field.name]?.safeParse(field.default).error, field.name).toBeUndefined()
      }
    })

    test('wants what ready asks for, whatever is chosen', () => {
      const conditions = scheme.form.flatMap(({ shownWhen, optionalWhen }) => [shownWhen, optionalWhen])
      const deciding = scheme.form.filter(({ name }) => conditions.some((condition) => condition?.field === name))
      for (const chosen of choicesOf(deciding)) {
        const holds = (condition: FormField['shownWhen']): boolean =>
          condition?.in.includes(chosen[condition.field] ?? '') === true
        const wanted = scheme.form.filter(
          (field) => field.required && (!field.shownWhen || holds(field.shownWhen)) && !holds(field.optionalWhen),
        )
        expect(wanted.map(({ name }) => name).toSorted(), JSON.stringify(chosen)).toEqual(lacking(scheme, chosen))
      }
    })

    test('keeps secrets secret', () => {
      const secret = (field: FormField): boolean =>
        field.kind === 'group' ? (field.fields ?? []).every(secret) : field.kind === 'secret'
      // What the type makes for itself is for nobody to fill in.
      const asked = scheme.secretFields.filter((name) => scheme.fields.shape[name]?.meta()?.form !== false)
      for (const name of asked) {
        expect(scheme.form.filter((field) => field.name === name).map(secret), name).toEqual([true])
      }
    })
  })
}

function levelsOf(level: Level): Level[] {
  return [
    level,
    ...level.fields.flatMap((field) => {
      const schema = withoutNull(read(level.schema.properties?.[field.name]))
      const inner = field.kind === 'list' ? read(schema.items) : schema
      return field.fields === undefined
        ? []
        : levelsOf({ path: `${level.path}.${field.name}`, fields: field.fields, schema: inner })
    }),
  ]
}

function shownTogether(one: FormField, other: FormField): boolean {
  const [a, b] = [one.shownWhen, other.shownWhen]
  return a === undefined || b === undefined || a.field !== b.field || a.in.some((value) => b.in.includes(value))
}

/** Every combination of values that these choices can hold. */
function choicesOf([first, ...rest]: FormField[]): Record<string, string>[] {
  if (first === undefined) return [{}]
  return choicesOf(rest).flatMap((others) =>
    (first.choices ?? []).map(({ value }) => ({ ...others, [first.name]: value })),
  )
}

/** The fields that a definition which holds only these choices still lacks for ready. */
function lacking(scheme: AnyScheme, chosen: Record<string, string>): string[] {
  const parsed = scheme.fields.safeParse(chosen, { reportInput: true })
  const errors = [
    ...(parsed.success ? [] : fieldErrors(parsed.error.issues, [], chosen)),
    ...scheme.check(chosen, 'ready'),
  ]
  return [...new Set(errors.filter(({ code }) => code === 'required').map(({ path }) => path))].toSorted()
}

function withoutNull(schema: Schema): Schema {
  return read(schema.anyOf?.find((each) => read(each).type !== 'null') ?? schema)
}

function read(value: unknown): Schema {
  return isSchema(value) ? value : {}
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null
}
