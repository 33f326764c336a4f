import { readFileSync } from 'node:fs'
import { errorStatus } from '@mooring/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../../test/harness.ts'
import { settings } from '../config.ts'
import { documentedSettings } from './documents.ts'
import { documentedErrors } from './error_help.ts'
import { openApi } from './openapi.ts'
import { escape } from './pages.ts'
import { prose, reference, table } from './reference.ts'

/** The rows of a guide's table, cell by cell, without its head. */
function rowsOf(file: string): string[][] {
  const text = readFileSync(new URL(`../../../docs/reference/${file}`, import.meta.url), 'utf8')
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(2, -2).split(' | '))
}

describe('the written reference', () => {
  test('has every error code as the catalogue says it, and no other', () => {
    expect(rowsOf('errors.md')).toEqual(
      documentedErrors.map(({ code, status, meaning, remedy }) => [`\`${code}\``, String(status), meaning, remedy]),
    )
    expect(documentedErrors.map(({ code }) => code)).toEqual(Object.keys(errorStatus))
  })

  test('has every setting as the server reads it, and no other', () => {
    expect(rowsOf('settings.md')).toEqual(
      documentedSettings.map(({ name, doc, takes, default: preset, secret }) => [
        `\`${name}\``,
        doc,
        takes,
        preset,
        secret ? `yes: \`${name}_FILE\`` : 'no',
      ]),
    )
    expect(documentedSettings.map(({ name }) => name)).toEqual(Object.keys(settings))
  })
})

describe('the pages', () => {
  let server: TestServer
  const pages = new Map<string, { status: number; text: string; headers: Headers }>()
  const paths = ['/docs', '/docs/errors', '/docs/settings']
  beforeAll(async () => {
    server = await startServer()
    for (const path of paths) {
      const response = await fetch(server.url + path)
      pages.set(path, { status: response.status, text: await response.text(), headers: response.headers })
    }
  })
  afterAll(() => server.stop())
  const textOf = (path: string): string => pages.get(path)?.text ?? ''

  test.each(paths)('%s has one h1, landmarks, scoped table heads and no script', (path) => {
    const text = textOf(path)
    expect(pages.get(path)?.status).toBe(200)
    expect(text.match(/<h1[ >]/g)).toHaveLength(1)
    expect(text).toMatch(/<html lang="en">/)
    expect(text.match(/<main[ >]/g)).toHaveLength(1)
    expect(text).toContain('<nav class="pages" aria-label="Documents">')
    expect(text.match(/<th(?! scope="(?:col|row)")[ >]/g)).toBeNull()
    expect(text).not.toMatch(/<script|<style| style=| on[a-z]+="/i)
    expect(pages.get(path)?.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(pages.get(path)?.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each(paths)('%s uses each id once, and every link of it leads somewhere', (path) => {
    const ids = (text: string): string[] => Array.from(text.matchAll(/ id="([^"]+)"/g), (match) => match[1] ?? '')
    const own = ids(textOf(path))
    expect(new Set(own).size).toBe(own.length)
    const links = Array.from(textOf(path).matchAll(/href="([^"]+)"/g), (match) => match[1] ?? '')
    const broken = links.filter((link) => {
      const [target = '', id] = link.split('#')
      if (target === '/assets/page.css') return false
      const text = textOf(target === '' ? path : target)
      return text === '' || (id !== undefined && !ids(text).includes(id))
    })
    expect(broken).toEqual([])
  })

  test('a problem document points to where its code is explained', async () => {
    const { body } = await server.call('GET', '/v1/services/nothing')
    const [path = '', id] = String(body['type']).split('#')
    expect(textOf(path)).toContain(`id="${id}"`)
  })

  test('they are for reading only, and tables that are wide have a box of their own', async () => {
    expect((await fetch(`${server.url}/docs`, { method: 'POST' })).status).toBe(404)
    expect(textOf('/docs').match(/<table>/g)?.length).toBe(
      textOf('/docs').match(/class="scroll"[^>]*><table>/g)?.length,
    )
  })

  test('the reference shows each operation with its fields, limits and codes', () => {
    const text = textOf('/docs')
    for (const operation of Object.values(openApi({ version: 'x', publicUrl: 'http://x' }).paths).flatMap(
      Object.values,
    )) {
      expect(text).toContain(escape(operation.summary))
    }
    expect(text).toMatch(/<th scope="row"><code>linkName<\/code><\/th><td>string<\/td><td>1 to 50 characters/)
    expect(text).toContain('<code>expiryTime</code></th><td>number</td><td>900 to 86400; default <code>3600</code>')
    expect(text).toContain('href="/docs/errors#link_name_taken"')
  })
})

describe('writing tables', () => {
  test('text cannot become markup, and columns that say nothing are left out', () => {
    expect(prose('<b> `a<b`')).toBe('&#60;b&#62; <code>a&#60;b</code>')
    const html = table(
      'A "table"',
      ['One', 'Two', '<Three>'],
      [
        ['1', '', '3'],
        ['4', '', '6'],
      ],
    )
    expect(html).toContain('aria-label="A &#34;table&#34;"')
    expect(html).toContain('<tr><th scope="col">One</th><th scope="col">&#60;Three&#62;</th></tr>')
    expect(html).toContain('<tr><th scope="row">4</th><td>6</td></tr>')
    expect(table('Empty', ['One'], [])).toBe('')
  })

  test('a description in the document is text on the page', () => {
    const document = openApi({ version: 'x', publicUrl: 'http://x' })
    document.info.description = '<img src=x>'
    expect(reference(document)).not.toContain('<img')
  })
})
