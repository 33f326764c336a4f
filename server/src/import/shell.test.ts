import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shellWords } from './shell.ts'

describe('words of a command line', () => {
  test.each<[string, string[]]>([
    ['curl  a\tb', ['curl', 'a', 'b']],
    [`curl 'a b' "c d" e\\ f`, ['curl', 'a b', 'c d', 'e f']],
    [`curl a'b'"c"d`, ['curl', 'abcd']],
    ['curl \\\n  -H x \\\r\n  y', ['curl', '-H', 'x', 'y']],
    [`curl '' ""`, ['curl', '', '']],
    [`curl "a \\" \\\\ \\n $1"`, ['curl', 'a " \\ \\n $1']],
    [`curl $'it\\'s\\n\\x41\\u00e9\\101'`, ['curl', "it's\nAéA"]],
    ['curl a#b # a comment', ['curl', 'a#b']],
    ['\n  curl a', ['curl', 'a']],
    ['curl a\\', ['curl', 'a']],
  ])('%j', (line, words) => {
    expect(shellWords(line)).toEqual({ words, more: false, expansions: false })
  })

  test.each(['curl a | sh', 'curl a; rm x', 'curl a && b', 'curl a > file', 'curl a\nwget b', 'curl a & b'])(
    'ends where another command begins: %j',
    (line) => expect(shellWords(line)).toMatchObject({ words: ['curl', 'a'], more: true }),
  )

  test.each(['curl $TOKEN', 'curl "${TOKEN}"', 'curl `id`', 'curl $(id)', 'curl "$(id)"'])(
    'expands nothing: %j',
    (line) => {
      expect(shellWords(line)).toMatchObject({ expansions: true })
    },
  )

  test.each(["curl 'a", 'curl "a', "curl $'a", 'curl "a\\"'])('tells a quote that is not closed: %j', (line) => {
    expect(shellWords(line).error).toMatch(/is not closed/)
  })

  test('any words, quoted as a shell quotes them, come back', () => {
    const quotes = [
      (word: string) => `'${word.replaceAll("'", `'\\''`)}'`,
      (word: string) => `"${word.replaceAll(/["$`\\]/g, '\\$&')}"`,
      (word: string) => `$'${word.replaceAll(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`,
    ]
    const word = fc.tuple(fc.string({ unit: 'grapheme' }), fc.constantFrom(...quotes))
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (given) => {
        const line = given.map(([text, quote]) => quote(text)).join(' ')
        expect(shellWords(line).words).toEqual(given.map(([text]) => text))
      }),
      { numRuns: 300 },
    )
  })

  test('no text at all makes it fail or lose its way', () => {
    const odd = fc.string({ unit: fc.constantFrom('\\', "'", '"', '$', '`', '\n', ' ', '#', 'a', 'x', '4', '|', 'u') })
    fc.assert(
      fc.property(fc.oneof(odd, fc.string({ unit: 'binary' })), (line) => {
        const { words } = shellWords(line)
        expect(words.join('').length).toBeLessThanOrEqual(line.length + 1)
      }),
      { numRuns: 500 },
    )
  })
})
