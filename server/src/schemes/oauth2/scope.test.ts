import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinScopes, splitScopes } from './scope.ts'

describe('scopes on the wire', () => {
  test.each([
    ['comma', 'a.read%2Cb%3Awrite'],
    ['space', 'a.read%20b%3Awrite'],
    ['plus', 'a.read+b%3Awrite'],
    ['semicolon', 'a.read%3Bb%3Awrite'],
  ] as const)('R-177 %s joins to the letter', (delimiter, wire) => {
    expect(joinScopes(['a.read', 'b:write'], delimiter)?.encoded).toBe(wire)
  })

  test('R-164 without scopes there is no parameter', () => {
    expect(joinScopes([], 'comma')).toBeUndefined()
  })

  const scope = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,30}$/)
  const wires = { comma: '%2C', space: '%20', plus: '+', semicolon: '%3B' } as const

  test('R-177 what is joined decodes to the same scopes, whatever they hold but the delimiter', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('comma', 'space', 'plus', 'semicolon'),
        fc.array(scope, { minLength: 1, maxLength: 10 }),
        (delimiter, list) => {
          const values = list.map((value) => value.replaceAll(/[,;]/g, '_'))
          const wire = joinScopes(values, delimiter)?.encoded ?? ''
          expect(wire).toMatch(/^[A-Za-z0-9\-._~%+]+$/)
          expect(wire.split(wires[delimiter]).map(decodeURIComponent)).toEqual(values)
        },
      ),
    )
  })
})

describe('granted scopes', () => {
  test.each([
    ['a b', 'comma', ['a', 'b']],
    ['a,b', 'space', ['a', 'b']],
    ['a, b ,a', 'comma', ['a', 'b']],
    ['a;b', 'semicolon', ['a', 'b']],
    ['a;b', 'comma', ['a;b']],
    ['a+b', 'plus', ['a', 'b']],
    ['a+b', 'comma', ['a+b']],
    ['', 'comma', null],
    [undefined, 'comma', null],
  ] as const)('S-13 %j with the delimiter %s is %j', (said, delimiter, scopes) => {
    expect(splitScopes(said, delimiter)).toEqual(scopes)
  })
})
