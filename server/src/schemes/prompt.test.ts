import { fields } from '@mooring/contract'
import { expect, test } from 'vitest'
import { readPrompt } from './prompt.ts'

const asked = [
  { key: 'id', label: 'Client', secret: false, required: true },
  { key: 'constructor', label: 'Builder', secret: false, required: true },
  { key: 'note', label: 'Note', secret: false, required: false },
]

function read(values: Record<string, unknown>): unknown {
  return readPrompt(asked, values, fields.credential)
}

test('R-213 takes the values asked for, and leaves out an optional one that is empty', () => {
  expect(read({ id: 'a', constructor: 'b', note: '' })).toEqual({ values: { id: 'a', constructor: 'b' } })
  expect(read({ id: 'a', constructor: 'b', note: 'c' })).toEqual({ values: { id: 'a', constructor: 'b', note: 'c' } })
})

test.each([[undefined], [null], ['']])('names a required value that is %j by its label', (value) => {
  expect(read({ id: value, constructor: 'b' })).toEqual({
    errors: [{ path: 'id', code: 'required', message: 'Fill in Client.' }],
  })
})

test('tells everything that is wrong at once, without the values', () => {
  expect(read({ id: 'planted  twice', note: 7, nope: 'planted' })).toEqual({
    errors: [
      { path: 'id', code: 'invalid_format', message: 'Remove the spaces at the ends and the doubled spaces.' },
      { path: 'constructor', code: 'required', message: 'Fill in Builder.' },
      { path: 'note', code: 'invalid_type', message: 'Write this as a string.' },
      { path: 'nope', code: 'unknown_field', message: 'This service asks for: id, constructor, note.' },
    ],
  })
})

test('says that nothing is asked where nothing is', () => {
  expect(readPrompt([], { token: 'x' }, fields.credential)).toEqual({
    errors: [{ path: 'token', code: 'unknown_field', message: 'This service asks for: nothing.' }],
  })
})
