/**
 * The form of an authentication type, read from its schema and the metadata there, so that whoever draws it need not
 * know the type. What a schema cannot say stands under `form` in the metadata of its field.
 */
import type { FormField } from '@mooring/contract'
import { z } from 'zod'

export interface FormNotes {
  /** Where the schema's own kind (a text) says too little. */
  kind?: 'url'
  /** Asked for by the scheme's `check`, where the schema lets a draft go without. */
  required?: true
  /** Wanted by nobody where a sibling holds one of these values, although `required`. */
  optionalWhen?: FormField['optionalWhen']
  shownWhen?: FormField['shownWhen']
  section?: string
  /** By value: a label, with one line in plain words where the choice needs one. */
  choices?: Record<string, string | [label: string, description: string]>
  example?: string
  unit?: string
}

declare module 'zod' {
  interface GlobalMeta {
    secret?: boolean
    advanced?: boolean
    /** `false`: not for a person to fill in. */
    form?: FormNotes | false
  }
}

/** A value that the type itself decides: shown locked, before the field `before`, and no field of the schema. */
export interface FixedField {
  name: string
  title: string
  description?: string
  fixed: string
  before: string
  shownWhen?: FormField['shownWhen']
}

type Schema = z.core.JSONSchema.BaseSchema

/** The JSON Schema of what is written, presets included; `form` stays in it only for `notes: 'kept'`. */
export function inputSchema(schema: z.ZodType, notes: 'kept' | 'left out'): Schema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // Zod leaves out the preset of a field that also takes an empty string for it.
      if (zodSchema._zod.def.type === 'default') jsonSchema.default ??= zodSchema._zod.def.defaultValue
      if (notes === 'left out') delete jsonSchema['form']
    },
  })
}

/** The fields in the schema's order, each fixed one before the field that it names. */
export function formOf(schema: z.ZodType, fixed: readonly FixedField[] = []): FormField[] {
  return fieldsOf(inputSchema(schema, 'kept')).flatMap((field) => [
    ...fixed.filter(({ before }) => before === field.name).map(locked),
    field,
  ])
}

function locked({ name, title, description, fixed, shownWhen }: FixedField): FormField {
  const notes = { ...given('description', description), ...given('shownWhen', shownWhen) }
  return { name, title, ...notes, kind: 'text', required: false, advanced: false, fixed }
}

function fieldsOf({ properties = {}, required = [] }: Schema): FormField[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    isSchema(schema) && schema['form'] !== false ? [fieldOf(name, schema, required.includes(name))] : [],
  )
}

function fieldOf(name: string, outer: Schema, required: boolean): FormField {
  const schema = withoutNull(outer)
  const notes = isNotes(schema['form']) ? schema['form'] : {}
  const kind = schema['secret'] === true && schema.type === 'string' ? 'secret' : (notes.kind ?? kindOf(schema))
  const rows = isSchema(schema.items) ? schema.items : undefined
  const inner = kind === 'group' ? schema : kind === 'list' ? rows : undefined
  return {
    name,
    title: schema.title ?? '',
    ...given('description', schema.description),
    kind,
    required: required || notes.required === true,
    advanced: schema['advanced'] === true,
    ...given('section', notes.section),
    ...given('choices', choicesFor(kind, schema, notes)),
    ...given('fields', inner === undefined ? undefined : fieldsOf(inner)),
    ...given('default', outer.default ?? undefined),
    ...given('example', notes.example),
    ...given('unit', notes.unit),
    ...given('minimum', schema.minimum),
    ...given('maximum', schema.maximum),
    ...given('maxLength', schema.maxLength),
    ...given('minItems', schema.minItems),
    ...given('maxItems', schema.maxItems),
    ...given('shownWhen', notes.shownWhen),
    ...given('optionalWhen', notes.optionalWhen),
  }
}

/** What a schema that also takes null takes besides, under the metadata of the whole. */
function withoutNull(schema: Schema): Schema {
  const { anyOf, ...rest } = schema
  const other = anyOf?.find((each) => isSchema(each) && each.type !== 'null')
  return isSchema(other) ? { ...other, ...rest } : schema
}

function kindOf({ type, enum: values, properties, items }: Schema): FormField['kind'] {
  if (values !== undefined) return 'choice'
  if (type === 'boolean') return 'boolean'
  if (type === 'number' || type === 'integer') return 'number'
  if (type === 'array') return isSchema(items) && items.properties !== undefined ? 'list' : 'strings'
  if (type === 'object') return properties === undefined ? 'map' : 'group'
  return 'text'
}

/** Of one choice, and of a list that takes nothing else. */
function choicesFor(kind: FormField['kind'], schema: Schema, notes: FormNotes): FormField['choices'] {
  if (kind === 'choice') return choicesOf(schema, notes)
  const { items } = schema
  return kind === 'strings' && isSchema(items) && items.enum !== undefined ? choicesOf(items, notes) : undefined
}

function choicesOf({ enum: values = [] }: Schema, { choices = {} }: FormNotes): FormField['choices'] {
  return values.map(String).map((value) => {
    const [label, description] = [choices[value] ?? value].flat()
    return { value, label: label ?? value, ...given('description', description) }
  })
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [N in Name]: Value } | Record<string, never>
function given(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Typed where it is written; only read here. */
function isNotes(value: unknown): value is FormNotes {
  return typeof value === 'object' && value !== null
}
