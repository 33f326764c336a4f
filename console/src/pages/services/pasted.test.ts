import { describe, expect, test } from 'vitest'
import { readPasted } from './pasted.ts'

describe('a pasted list of scopes', () => {
  test('is split at commas, blanks and line ends, with names made from the values', () => {
    expect(readPasted('crm.read,crm.write\n  https://api.example/x ;openid', [])).toEqual([
      { value: 'crm.read', name: 'crm_read', problem: undefined },
      { value: 'crm.write', name: 'crm_write', problem: undefined },
      { value: 'https://api.example/x', name: 'https://api_example/x', problem: undefined },
      { value: 'openid', name: 'openid', problem: undefined },
    ])
  })

  test('leaves out the quotes and brackets of code', () => {
    expect(readPasted(`["read", 'write']`, []).map(({ value }) => value)).toEqual(['read', 'write'])
  })

  test('says why one is not added', () => {
    const problems = readPasted('read write write a"b', ['read']).map(({ problem }) => problem)
    expect(problems).toEqual([
      'The service has this scope already.',
      undefined,
      'It is in what you pasted twice.',
      expect.stringMatching(/^Use printable ASCII/),
    ])
  })

  test('R-174 has room for fifty in all; what is left out for another reason takes none', () => {
    const present = Array.from({ length: 48 }, (_, index) => `s${index}`)
    const problems = readPasted('s1 a b c', present).map(({ problem }) => problem)
    expect(problems).toEqual([
      'The service has this scope already.',
      undefined,
      undefined,
      'A service holds at most 50 scopes.',
    ])
  })
})
