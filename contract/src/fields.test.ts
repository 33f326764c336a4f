import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import * as field from './fields.ts'
import { linkNameFrom, scopeNameFrom } from './fields.ts'
import { fieldErrors } from './issues.ts'

function codes(rule: z.ZodType, value: unknown): string[] {
  const parsed = rule.safeParse(value)
  return parsed.error ? fieldErrors(parsed.error.issues).map(({ code }) => code) : []
}

const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
const lettersAndDigits = ascii.filter((character) => /[A-Za-z0-9]/.test(character))
const fromOtherScripts = ['é', 'Ж', '名', 'ط', 'क', 'ी', '٣', '𝒜', '𐐷']
const nameSpecials = Array.from(' *_-@/!:|&~\\+')
const nameForbidden = [
  ...ascii.filter((character) => ![...lettersAndDigits, ...nameSpecials].includes(character)),
  '…',
  '🔑',
  '\u200b',
  '\u00a0',
]

function strings(units: string[], min: number, max: number): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...units), { minLength: min, maxLength: max }).map((list) => list.join(''))
}

describe.each([
  {
    name: 'displayName (R-060 … R-064)',
    rule: field.displayName,
    max: 50,
    first: ['_'],
    notFirst: [' ', '-', '@', '\\'],
  },
  {
    name: 'parameterName (R-087, R-088)',
    rule: field.parameterName,
    max: 50,
    first: [],
    notFirst: ['_', ' ', '*', '+'],
  },
  { name: 'scopeName (R-172, R-173)', rule: field.scopeName, max: 100, first: [], notFirst: ['_', ' ', '/', '~'] },
])('$name', ({ rule, max, first, notFirst }) => {
  const firsts = [...lettersAndDigits, 'é', 'Ж', '名', 'ط', '٣', '𝒜', ...first]
  const inner = [...lettersAndDigits, ...fromOtherScripts, ...nameSpecials]

  test('takes letters and digits of any language, spaces and the listed characters, up to its length', () => {
    fc.assert(
      fc.property(fc.constantFrom(...firsts), strings(inner, 0, max - 1), (start, rest) => {
        expect(codes(rule, start + rest)).toEqual([])
      }),
    )
  })

  test('refuses any other character, wherever it stands', () => {
    fc.assert(
      fc.property(strings(inner, 0, 20), fc.constantFrom(...nameForbidden), strings(inner, 0, 20), (a, bad, b) => {
        expect(codes(rule, `a${a}${bad}${b}`)).toEqual(['invalid_format'])
      }),
    )
  })

  test('refuses a first character that may only follow', () => {
    for (const start of notFirst) {
      expect(codes(rule, `${start}a`)).toEqual(['invalid_format'])
      expect(codes(rule, `a${start}`)).toEqual([])
    }
  })

  test('counts characters, not code units', () => {
    expect(codes(rule, '')).toEqual(['required'])
    expect(codes(rule, '𝒜'.repeat(max))).toEqual([])
    expect(codes(rule, '𝒜'.repeat(max + 1))).toEqual(['too_long'])
  })
})

describe('linkName (R-070 … R-072)', () => {
  test('is what its pattern says, for every string', () => {
    const near = strings(['a', 'Z', '7', '_', '-', ' ', 'é', '\n'], 0, 55)
    fc.assert(
      fc.property(fc.oneof(near, strings(['a', '_', '9'], 45, 55), fc.string()), (value) => {
        expect(codes(field.linkName, value).length === 0).toBe(
          /^[A-Za-z][A-Za-z0-9_]{0,49}$/.test(value) && !/\n/.test(value),
        )
      }),
    )
  })

  test.each(['1a', '_a', 'a-b', 'a b', 'é', 'a\n', ''])('refuses %j', (value) => {
    expect(codes(field.linkName, value)).not.toEqual([])
  })
})

describe('description (R-067, R-068)', () => {
  test('takes its characters and line breaks, up to 255', () => {
    const inner = [...lettersAndDigits, ...fromOtherScripts, ...Array.from(' ,.()-_*@/\\!:|~&\n\t')]
    fc.assert(
      fc.property(strings(inner, 0, 255), (value) => {
        expect(codes(field.description, value)).toEqual([])
      }),
    )
    expect(codes(field.description, 'a'.repeat(256))).toEqual(['too_long'])
  })

  test.each(['+', '"', "'", '<', '>', ';', '#', '%', '?', '=', '{', '\0', '🔑'])('refuses %j', (character) => {
    expect(codes(field.description, `Reads ${character} things`)).toEqual(['invalid_format'])
  })
})

describe('scopeValue (RFC 6749 section 3.3)', () => {
  test('takes printable ASCII but space, quote and backslash', () => {
    for (const character of ascii) {
      const allowed = /[!-~]/.test(character) && character !== '"' && character !== '\\'
      expect(codes(field.scopeValue, `a${character}`), JSON.stringify(character)).toEqual(
        allowed ? [] : ['invalid_format'],
      )
    }
    expect(codes(field.scopeValue, 'https://www.googleapis.com/auth/drive.readonly')).toEqual([])
    expect(codes(field.scopeValue, 'a'.repeat(500))).toEqual([])
    expect(codes(field.scopeValue, 'a'.repeat(501))).toEqual(['too_long'])
  })
})

describe('credential (R-112 … R-114)', () => {
  test('takes printable ASCII with single spaces inside, the exclamation mark too', () => {
    const word = strings(
      ascii.filter((character) => /[!-~]/.test(character)),
      1,
      30,
    )
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        expect(codes(field.credential, words.join(' '))).toEqual([])
        expect(codes(field.credential, ` ${words.join(' ')}`)).toEqual(['invalid_format'])
        expect(codes(field.credential, `${words.join(' ')} `)).toEqual(['invalid_format'])
        expect(codes(field.credential, `${words.join(' ')}  x`)).toEqual(['invalid_format'])
      }),
    )
    expect(codes(field.credential, 'a!b')).toEqual([])
  })

  test.each(['a\tb', 'a\nb', 'a\r\n', 'é', 'a\0', '\x7f', ''])('refuses %j', (value) => {
    expect(codes(field.credential, value)).not.toEqual([])
  })
})

describe('unicodeCredential', () => {
  test('takes any characters but control characters and halves of one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        expect(codes(field.unicodeCredential, value).length === 0).toBe(!/\p{Cc}/u.test(value))
      }),
    )
    for (const value of ['a\n', '\0', 'a\x7f', '\x85', '\ud800', 'a\udc00']) {
      expect(codes(field.unicodeCredential, value), JSON.stringify(value)).toEqual(['invalid_format'])
    }
    expect(codes(field.unicodeCredential, ' p  ')).toEqual([])
  })
})

describe('parameterKey', () => {
  test('takes printable ASCII without spaces, but no name that an object cannot hold', () => {
    for (const key of ['appid', 'X-Api-Key', 'q[key]', 'a.b:c', 'constructor', '~']) {
      expect(codes(field.parameterKey, key), key).toEqual([])
    }
    for (const key of ['a b', 'é', 'a\n', '__proto__'])
      expect(codes(field.parameterKey, key), key).toEqual(['invalid_format'])
    expect(codes(field.parameterKey, 'a'.repeat(101))).toEqual(['too_long'])
  })
})

describe('expiryTime (R-155 … R-157)', () => {
  test('takes whole seconds from 900 to 86400 and nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (seconds) => {
        expect(codes(field.expiryTime, seconds).length === 0).toBe(seconds >= 900 && seconds <= 86_400)
      }),
    )
    expect([899, 900, 86_400, 86_401].map((seconds) => codes(field.expiryTime, seconds))).toEqual([
      ['too_small'],
      [],
      [],
      ['too_large'],
    ])
    expect(codes(field.expiryTime, 900.5)).toEqual(['invalid_format'])
    for (const value of ['3600', null, Number.NaN, Infinity, true])
      expect(codes(field.expiryTime, value)).toEqual(['invalid_type'])
    expect(codes(field.expiryTime, undefined)).toEqual(['required'])
  })

  test('says its limits', () => {
    expect(field.expiryTime.safeParse('soon').error?.issues[0]?.message).toBe(
      'Use a whole number of seconds from 900 to 86400.',
    )
  })
})

test('bearerName takes letters and digits only (R-154)', () => {
  for (const value of ['Bearer', 'OAuth2', '1']) expect(codes(field.bearerName, value)).toEqual([])
  for (const value of ['Zoho-oauthtoken', 'Bearer ', 'a_b', 'é', 'a\n']) {
    expect(codes(field.bearerName, value), value).toEqual(['invalid_format'])
  }
  expect(codes(field.bearerName, '')).toEqual(['required'])
})

test('awsRegion takes regions as AWS writes them (R-202)', () => {
  for (const value of ['us-east-1', 'eu-west-2', 'us-gov-west-1', 'ap-southeast-12', 'us-isob-east-1', 'aws-global']) {
    expect(codes(field.awsRegion, value), value).toEqual([])
  }
  for (const value of [
    'US-EAST-1',
    'us-east',
    'us-east-1a',
    'us_east_1',
    'useast1',
    'aws-global-1 ',
    'us-east-1\n',
    'global',
  ]) {
    expect(codes(field.awsRegion, value), value).toEqual(['invalid_format'])
  }
})

test('headerValue and headerName let no line break through', () => {
  for (const bad of ['a\r\nb: c', 'a\n', '\0', 'a\x7f', 'Ж'])
    expect(codes(field.headerValue, bad)).toEqual(['invalid_format'])
  for (const bad of ['a:', 'a b', 'a\n', 'é', '']) expect(codes(field.headerName, bad)).not.toEqual([])
  expect(codes(field.headerValue, '2022-06-28')).toEqual([])
  expect(codes(field.headerName, 'Notion-Version')).toEqual([])
})

describe('linkNameFrom', () => {
  const names = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    strings([...lettersAndDigits, ...nameSpecials, 'é', 'Ж'], 0, 70),
  )

  test('R-069 always gives a valid link name in lower case, also past any number of taken ones', () => {
    fc.assert(
      fc.property(names, fc.nat({ max: 120 }), (name, used) => {
        const taken = new Set<string>()
        for (let n = 0; n <= used; n++) {
          const made = linkNameFrom(name, (candidate) => taken.has(candidate))
          expect(codes(field.linkName, made)).toEqual([])
          expect(made).toBe(made.toLowerCase())
          expect(taken.has(made)).toBe(false)
          taken.add(made)
        }
      }),
    )
  })

  test('leaves a valid lower-case link name as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9_]{0,49}$/), (name) => {
        expect(linkNameFrom(name)).toBe(name)
      }),
    )
  })

  test.each([
    ['Zoho Books (EU)', 'zoho_books__eu_'],
    ['42 things', 'things'],
    ['_private', 'private'],
    ['2024', 'c_2024'],
    ['***', 'c____'],
    ['名前', 'c___'],
    ['A'.repeat(60), 'a'.repeat(50)],
  ])('makes %j into %j', (name, made) => {
    expect(linkNameFrom(name)).toBe(made)
  })

  test('numbers a taken name, within 50 characters', () => {
    const taken = new Set(['books', 'books_1', 'a'.repeat(50)])
    expect(linkNameFrom('Books', (candidate) => taken.has(candidate))).toBe('books_2')
    expect(linkNameFrom('a'.repeat(50), (candidate) => taken.has(candidate))).toBe(`${'a'.repeat(48)}_1`)
  })
})

describe('scopeNameFrom', () => {
  test('R-175 always gives a valid scope name', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), strings(['𝒜', 'a', '.'], 90, 120), strings(ascii, 0, 500)),
        (value) => {
          expect(codes(field.scopeName, scopeNameFrom(value))).toEqual([])
        },
      ),
    )
  })

  test.each([
    ['ZohoBooks.invoices.READ', 'ZohoBooks_invoices_READ'],
    ['https://www.googleapis.com/auth/drive', 'https://www_googleapis_com/auth/drive'],
    ['.default', 's_default'],
    ['user:email', 'user:email'],
    ['', 's'],
  ])('makes %j into %j', (value, name) => {
    expect(scopeNameFrom(value)).toBe(name)
  })
})
