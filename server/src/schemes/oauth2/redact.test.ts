import { describe, expect, test } from 'vitest'
import { dots } from '../description.ts'
import { redactor } from './redact.ts'

const secret = 'p&ss "w<rd/+%'
const redact = redactor([secret, 'Aa1', null])

describe('what a provider said, without secrets', () => {
  test.each([
    ['as it is', secret],
    ['percent-encoded', encodeURIComponent(secret)],
    ['as a form', new URLSearchParams({ x: secret }).toString().slice(2)],
    ['as JSON', JSON.stringify(secret).slice(1, -1)],
    ['in HTML', 'p&amp;ss &quot;w&lt;rd/+%'],
    ['in base64', Buffer.from(secret).toString('base64')],
  ])('a known secret is masked %s', (_, spelling) => {
    expect(redact(`before ${spelling} after`)).toBe(`before ${dots} after`)
  })

  test.each([
    ['a long opaque string', 'rejected ya29.a0AfH6SMBx3kd9sjfh38dhfkq0dk', 'rejected ya29.'],
    ['letters and digits mixed', 'rejected 4f8aG2kP9xQz here', 'rejected '],
    ['a token in JSON', '{"access_token":"short","x":1}', '{"access_token":"'],
    ['a code in a form', 'error=x&code=abc&y=1', 'error=x&code='],
  ])('%s is masked', (_, said, start) => {
    const text = redact(said)
    expect(text).toContain(`${start}${dots}`)
    expect(text).not.toMatch(/a0AfH6|4f8aG2|short|abc/)
  })

  test.each([
    'unsupported_response_type',
    'AADSTS7000215: Invalid client secret provided.',
    'See https://developer.example.com/docs/errors/oauth for more.',
    'The redirect_uri is not associated with this application.',
  ])('plain words stay: %s', (said) => {
    expect(redact(said)).toBe(said)
  })

  test('white space and control characters are folded, and 300 characters are kept', () => {
    expect(redact('a\r\n\t b\0c')).toBe('a b c')
    expect(redact('word '.repeat(200))).toHaveLength(300)
  })

  test('a megabyte of anything is done in no time', () => {
    const started = performance.now()
    for (const piece of ['a', 'a.', 'token', '"token', 'code=', ' ', '\0'])
      redact(piece.repeat(1_000_000 / piece.length))
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
