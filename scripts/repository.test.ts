import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { checkRepository } from './repository.ts'

const roots: string[] = []

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

function check(path: string, text: string): string[] {
  const root = mkdtempSync(join(tmpdir(), 'repository-'))
  roots.push(root)
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  return checkRepository(root, [path, 'deleted.ts'])
}

/** Joined here so that this file does not break the rules it tests. */
const parts = (...strings: string[]) => strings.join('')

/** A lock file that wants `@a/c` and has `@a/<name>`. */
const lock = (name: string) =>
  JSON.stringify({
    packages: {
      'node_modules/a': { optionalDependencies: { '@a/c': '1.0.0' } },
      [`node_modules/a/node_modules/@a/${name}`]: { optional: true },
    },
  })

describe('checkRepository', () => {
  test.each([
    ['package-lock.json', '{\n"resolved": "https://registry.example/zod.tgz"}', 'package-lock.json:2 has'],
    ['docs/a.md', `see ${parts('/', 'work', '/', 'x')}`, 'true on one machine only'],
    ['a.ts', `'${parts('/', 'root', '/')}'`, 'true on one machine only'],
    ['a.json', `"file://${parts('/', 'home', '/')}me"`, 'true on one machine only'],
    ['a.ts', parts('// TO', 'DO later'), 'what is left to do'],
    ['a.md', parts('FIX', 'ME'), 'what is left to do'],
    ['a.test.ts', parts('test.', 'only("x")'), 'proves nothing'],
    ['server/test/journey.ts', parts('describe.', 'skip.each([])'), 'proves nothing'],
    ['node_modules/a/index.js', '', 'not tracked'],
    ['large.txt', 'a'.repeat(1_000_001), 'a clone stays small'],
    ['package-lock.json', lock('b'), 'lacks @a/c, wanted by node_modules/a'],
  ])('finds what does not belong: %s %#', (path, text, expected) => {
    expect(check(path, text)).toEqual([expect.stringContaining(expected)])
  })

  test.each([
    ['package-lock.json', '{"resolved": "contract", "url": "https://github.com/sponsors"}'],
    ['package-lock.json', lock('c')],
    ['a.md', 'https://example.com/home/docs and GET /api/work/1 and Todoist'],
    ['a.ts', 'stream.skip(1)'],
    ['a.test.ts', 'test.skipIf(noDatabase)("x", () => {})'],
    ['a.png', parts('\0 TO', 'DO')],
  ])('leaves alone: %s %#', (path, text) => {
    expect(check(path, text)).toEqual([])
  })
})
