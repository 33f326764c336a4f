import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))

test.each(sources)('%s loads nothing but the SDK, so that it runs in any runtime', (name) => {
  const text = readFileSync(`${import.meta.dirname}/${name}`, 'utf8')
  const loaded = [
    ...text.matchAll(/^(?:import|export)\s(?!type\b)[^'"]*?from '([^']+)'|import\('([^']+)'\)|^import '([^']+)'/gm),
  ]
  expect(
    loaded.map(([, from, dynamic, bare]) => from ?? dynamic ?? bare).filter((from) => !from?.startsWith('./')),
  ).toEqual([])
  expect(text).not.toMatch(/\bBuffer\b|(?<!\.)\bprocess\.\w/)
})
