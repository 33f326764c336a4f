import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { mark, pageStyle } from './page_style.ts'
import { page } from './pages.ts'

const read = (path: string): string => readFileSync(new URL(`../../../console/src/${path}`, import.meta.url), 'utf8')
const tokensOf = (css: string): Map<string, string> =>
  new Map(
    [...css.matchAll(/--([a-z0-9-]+): (light-dark\([^)]*\));/g)].map(([, name = '', value = '']) => [name, value]),
  )

describe('the small pages look like the console', () => {
  test('in every colour that they have', () => {
    const ours = tokensOf(pageStyle)
    const theirs = tokensOf(read('styles.css'))
    expect(ours.size).toBeGreaterThan(15)
    for (const [name, value] of ours) expect([name, value]).toEqual([name, theirs.get(name)])
  })

  test('and in no other', () => {
    const rest = pageStyle.replaceAll(/--[a-z0-9-]+: light-dark\([^)]*\);/g, '')
    expect(rest).not.toMatch(/#[0-9a-f]{3,8}\b(?![^{]*\{)/i)
    for (const [, name = ''] of rest.matchAll(/var\(--([a-z0-9-]+)\)/g))
      expect(tokensOf(pageStyle).has(name), name).toBe(true)
  })

  test('in the mark', () => {
    const colours = (text: string): string[] =>
      [...new Set(text.match(/#[0-9a-f]{6}/g))].toSorted((a, b) => (a < b ? -1 : 1))
    expect(colours(mark)).toEqual(colours(read('layout/mark.tsx')))
  })
})

describe('a page', () => {
  test('has a script only where it has something to tell, which is escaped', () => {
    expect(page('T', '<h1>T</h1>')).not.toContain('<script')
    const told = page('T', '<h1>T</h1>', { told: { attempt: 'a"><b' } })
    expect(told).toContain('<main data-attempt="a&#34;&#62;&#60;b">')
    expect(told.match(/<script/g)).toHaveLength(1)
  })

  test('has no style and no handler inside', () => {
    expect(page('T', '<h1>T</h1>', { width: 'medium' })).not.toMatch(/<style|\sstyle=|\son\w+=/)
  })
})
