import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { logos } from './logos.ts'

/** What may be shipped with our own licence, without a condition that the console would have to meet. */
const allowed = ['CC0-1.0']

test.each(Object.entries(logos))(
  'the logo of %s is free to ship, and of a service there is',
  (id, { license, path, hex }) => {
    // The collection is CC0-1.0; an icon that is not says so.
    expect(allowed).toContain(license?.type ?? 'CC0-1.0')
    expect(existsSync(new URL(`../../../server/catalogue/services/${id}.json`, import.meta.url))).toBe(true)
    expect(path).toMatch(/^[Mm][\d\sa-zA-Z.,-]+$/)
    expect(hex).toMatch(/^[0-9A-F]{6}$/)
  },
)
