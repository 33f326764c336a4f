import type { FormField } from '@mooring/sdk'
import { describe, expect, test } from 'vitest'
import { doubledNames, placeOf, titleOf, withFix, withValue } from './paths.ts'
import { type FormValues, inputOf, isRequired, isShown, valuesOf } from './values.ts'

const field = (name: string, kind: FormField['kind'], more: Partial<FormField> = {}): FormField => ({
  name,
  title: name.toUpperCase(),
  kind,
  required: false,
  advanced: false,
  ...more,
})
const choices = ['one', 'two'].map((value) => ({ value, label: value }))
const fields = [
  field('way', 'choice', { choices, default: 'one' }),
  field('where', 'text', { fixed: 'Header' }),
  field('url', 'url', { required: true, shownWhen: { field: 'way', in: ['one'] } }),
  field('prefix', 'text', { default: 'Bearer' }),
  field('secret', 'secret', { required: true, optionalWhen: { field: 'way', in: ['two'] } }),
  field('life', 'number', { default: 3600 }),
  field('constants', 'map', { default: {} }),
  field('rows', 'list', {
    minItems: 1,
    fields: [field('key', 'text', { required: true }), field('note', 'text', { default: '' })],
  }),
  field('header', 'group', { fields: [field('name', 'text'), field('format', 'text', { default: '{token}' })] }),
  field('expected', 'group', { fields: [field('password', 'secret')] }),
  field('scopes', 'strings'),
]

const empty = valuesOf(fields)
const typed = (more: FormValues): FormValues => ({ ...empty, ...more })

describe('what a form holds', () => {
  test('stands at the defaults while nothing is stored, with as many rows as there must be', () => {
    expect(empty).toEqual({
      way: 'one',
      url: '',
      prefix: 'Bearer',
      secret: '',
      life: '3600',
      constants: [],
      rows: [{ key: '', note: '' }],
      header: { name: '', format: '' },
      expected: { password: '' },
      scopes: [],
    })
  })

  test('is what is stored, without what never comes back', () => {
    const stored = {
      url: 'https://a.example/x',
      prefix: '',
      secret: { set: true },
      expected: { set: true },
      life: 900,
      constants: { a: '1' },
      rows: [{ key: 'k' }],
    }
    expect(valuesOf(fields, stored)).toMatchObject({
      url: 'https://a.example/x',
      prefix: '',
      secret: '',
      expected: undefined,
      life: '900',
      constants: [{ name: 'a', value: '1' }],
      rows: [{ key: 'k', note: '' }],
    })
  })
})

describe('what is sent', () => {
  test('leaves out what is hidden, fixed, or a secret that nobody typed', () => {
    const sent = inputOf(fields, typed({ way: 'two', url: 'https://a.example/x' }))
    expect(Object.keys(sent)).not.toEqual(expect.arrayContaining(['url']))
    expect(sent).not.toHaveProperty('where')
    expect(sent).not.toHaveProperty('secret')
    expect(sent).not.toHaveProperty('expected')
  })

  test('takes back what was emptied: a text as one, anything else as null', () => {
    const sent = inputOf(fields, typed({ prefix: '', life: '', url: '' }))
    expect(sent).toMatchObject({ prefix: '', life: null, url: null, header: null })
  })

  test('sends numbers as numbers, and what is none as it is, for the rule to judge', () => {
    expect(inputOf(fields, typed({ life: ' 900 ' }))['life']).toBe(900)
    expect(inputOf(fields, typed({ life: 'soon' }))['life']).toBe('soon')
  })

  test('leaves out of rows and groups what is empty', () => {
    const sent = inputOf(fields, typed({ rows: [{ key: 'k', note: '' }], header: { name: 'X-Token', format: '' } }))
    expect(sent).toMatchObject({ rows: [{ key: 'k' }], header: { name: 'X-Token' } })
  })

  test('removes a stored secret only where that was asked for', () => {
    expect(inputOf(fields, typed({ secret: null, expected: null }))).toMatchObject({ secret: null, expected: null })
    expect(inputOf(fields, typed({ expected: undefined }))).not.toHaveProperty('expected')
  })

  test('has the rows of a map by name, those left empty aside', () => {
    const constants = [
      { name: 'a', value: '1' },
      { name: '', value: '' },
    ]
    expect(inputOf(fields, typed({ constants }))['constants']).toEqual({ a: '1' })
  })
})

describe('conditions', () => {
  const [, , url, , secret] = fields as [FormField, FormField, FormField, FormField, FormField]

  test('look at a sibling, or at its default while it is empty', () => {
    expect(isShown(url, fields, typed({ way: '' }))).toBe(true)
    expect(isShown(url, fields, typed({ way: 'two' }))).toBe(false)
    expect(isRequired(secret, fields, typed({ way: 'one' }))).toBe(true)
    expect(isRequired(secret, fields, typed({ way: 'two' }))).toBe(false)
  })
})

describe('what is said of a path of the request', () => {
  const values = typed({
    constants: [
      { name: 'a', value: '' },
      { name: 'b.c', value: '' },
    ],
    scopes: ['read', '', 'write'],
    rows: [{ key: '' }, { key: '' }],
  })

  test.each([
    ['url', 'url'],
    ['constants.b.c', 'constants.1'],
    ['constants.gone', 'constants'],
    ['scopes.1', 'scopes.2'],
    ['rows.1.key', 'rows.1.key'],
    ['rows.7.key', 'rows'],
    ['header.name', 'header.name'],
    ['where', undefined],
    ['nonsense', undefined],
  ])('%s lands at %s', (path, place) => {
    expect(placeOf(fields, values, path)).toBe(place)
  })

  test('finds no place at a field that is hidden', () => {
    expect(placeOf(fields, withValue(values, 'way', 'two'), 'url')).toBeUndefined()
  })

  test('is told by the titles of the fields', () => {
    expect(titleOf(fields, 'rows.1.key')).toBe('ROWS 2, KEY')
    expect(titleOf(fields, 'header.name')).toBe('HEADER, NAME')
    expect(titleOf(fields, 'constants.0')).toBe('CONSTANTS 1')
  })
})

test('a fix sets fields and names in maps, and gives back what the form has no field for', () => {
  const before = typed({ constants: [{ name: 'a', value: '1' }] })
  const { values, rest } = withFix(fields, before, {
    'constants.prompt': 'consent',
    'constants.a': '2',
    life: 900,
    'other.thing': true,
  })
  expect(values['constants']).toEqual([
    { name: 'prompt', value: 'consent' },
    { name: 'a', value: '2' },
  ])
  expect(values['life']).toBe('900')
  expect(rest).toEqual({ 'other.thing': true })
})

test('a name that is in a map twice is found, since it could not be sent', () => {
  const constants = ['a', 'b', 'a', '', ''].map((name) => ({ name, value: '1' }))
  expect(doubledNames(fields, typed({ constants }))).toEqual(['constants.2'])
})
