import { describe, expect, test } from 'vitest'
import { holdsLiteral, referenceFor, resolve } from './references.ts'

describe('references', () => {
  test('are filled in anywhere in a value, and what is not known is told by its path', () => {
    const value = { a: 'x-${env:ONE}-${env:TWO}', list: ['${env:NONE}', { b: '${prompt:Your key}' }], n: 1 }
    expect(resolve(value, { ONE: '1', TWO: '2' })).toEqual({
      value: { a: 'x-1-2', list: ['${env:NONE}', { b: '${prompt:Your key}' }], n: 1 },
      unset: [
        { path: 'list.0', name: 'NONE', asked: false },
        { path: 'list.1.b', name: 'Your key', asked: true },
      ],
    })
  })

  test('an answer goes before the environment, an empty variable is none', () => {
    const answers = new Map([['key ONE', 'typed']])
    expect(resolve({ key: '${env:ONE}' }, { ONE: 'env' }, answers).value).toEqual({ key: 'typed' })
    expect(resolve('${env:ONE}', { ONE: '' }).unset).toHaveLength(1)
  })

  test('what they bring is not looked at for references in turn', () => {
    expect(resolve('${env:ONE}', { ONE: '${env:TWO}', TWO: '2' }).value).toBe('${env:TWO}')
  })

  test.each([
    ['${env:A}', false],
    ['Bearer ${env:A}', false],
    ['abc', true],
    ['${ENV:A}', true],
    [{ username: '${env:A}', password: 'abc' }, true],
    [4711, true],
    ['', false],
    [null, false],
  ])('%j is a literal: %s', (value, literal) => {
    expect(holdsLiteral(value)).toBe(literal)
  })

  test('are named after what they stand for', () => {
    expect(referenceFor('my_books', 'clientSecret')).toBe('${env:MY_BOOKS_CLIENT_SECRET}')
    expect(referenceFor('books', 'X-Api-Key')).toBe('${env:BOOKS_X_API_KEY}')
  })
})
