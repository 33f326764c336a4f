/** The page of the provider specifics and the fields say the same. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { oauth2 } from '../oauth2.ts'
import { isObject } from '../answer.ts'
import { section } from './field.ts'

const page = readFileSync(new URL('../../../../docs/reference/oauth2-options.md', import.meta.url), 'utf8')
const lines = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  )
const optionOf = (cells: string[]): string => (cells[0] ?? '').replaceAll('`', '')

test('every option of the section has its line, and every line its option', () => {
  const declared = oauth2.form.filter((field) => field.section === section).map(({ name }) => name)
  expect(lines.map(optionOf).toSorted()).toEqual(declared.toSorted())
})

test.each(lines.map((cells) => [optionOf(cells), cells] as const))(
  '%s is told in full, with an example that is taken',
  (option, cells) => {
    expect(cells.map((cell) => cell !== '')).toEqual([true, true, true, true, true])
    const example: unknown = JSON.parse((cells[2] ?? '').replaceAll('`', '').replaceAll('\\|', '|'))
    if (!isObject(example)) throw new Error('the example is no object')
    expect(Object.keys(example)).toContain(option)
    expect(oauth2.partialFields.safeParse(example).success).toBe(true)
    expect(oauth2.check(example, 'draft')).toEqual([])
  },
)
