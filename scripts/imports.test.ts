import { describe, expect, test } from 'vitest'
import { blankLiterals, importsOf } from './imports.ts'

const specifiers = (source: string) => importsOf(source).map((found) => found.specifier)

describe('importsOf', () => {
  test('finds every form of import with its line', () => {
    const source = [
      "import a from 'default'",
      "import { b, type C } from 'named'",
      "import * as d from 'namespace'",
      "import 'effect'",
      "import type { E } from 'types'",
      'import {',
      '  f,',
      '} from "lines"',
      "export { g } from 'again'",
      "export * from 'all'",
      "export * as h from 'as'",
      "export type { I } from 'export-types'",
      "const j = await import('dynamic')",
      "import{k}from'tight'",
      "export{l}from'tight-export'",
      'await import(`template`)',
      "const { m } = require('required')",
    ].join('\n')
    expect(importsOf(source).map(({ line, specifier }) => `${line} ${specifier}`)).toEqual([
      '1 default',
      '2 named',
      '3 namespace',
      '4 effect',
      '5 types',
      '6 lines',
      '9 again',
      '10 all',
      '11 as',
      '12 export-types',
      '13 dynamic',
      '14 tight',
      '15 tight-export',
      '16 template',
      '17 required',
    ])
  })

  test('tells type imports and dynamic imports from the others', () => {
    const source = [
      "import type { A } from 'a'",
      "import { type B } from 'b'",
      "import type from 'c'",
      "export type * from 'd'",
      "export type { E } from 'e'",
      "import('f')",
    ].join('\n')
    const found = importsOf(source)
    expect(found.filter((one) => one.typeOnly).map((one) => one.specifier)).toEqual(['a', 'd', 'e'])
    expect(found.filter((one) => one.kind === 'dynamic').map((one) => one.specifier)).toEqual(['f'])
  })

  test('ignores imports in comments, strings, templates and regular expressions', () => {
    const source = [
      "// import 'comment'",
      "/* import x from 'block' */",
      'const text = "import y from \'string\'"',
      "const page = `import z from 'template' ${value} import('still')`",
      "const pattern = /import 'regex'/",
      'const quote = /[\'"]/',
      "x.import('method')",
      "import 'real'",
    ].join('\n')
    expect(specifiers(source)).toEqual(['real'])
  })

  test('sees the code inside a template, nested ones too', () => {
    const source = "const a = `x ${await import('inner')} ${`${{ b: require('deep') }}`} import('no')`; import 'after'"
    expect(specifiers(source)).toEqual(['inner', 'deep', 'after'])
  })

  test('survives an apostrophe in JSX text, a division and an unfinished source', () => {
    expect(specifiers("const a = <p>don't</p>\nimport 'one'")).toEqual(['one'])
    expect(specifiers("const a = b / c\nimport 'two' // x / y")).toEqual(['two'])
    expect(specifiers("import 'three'\nconst a = `${")).toEqual(['three'])
    expect(specifiers("import 'four'\nconst a = 'open\\")).toEqual(['four'])
  })
})

describe('blankLiterals', () => {
  test('keeps length, lines and code', () => {
    const source = "call('a\\'b') // c\n/* d\n */ e(`f${g}h`)"
    expect(blankLiterals(source)).toBe("call('    ')     \n    \n    e(` ${g} `)")
  })
})
