/** Documents as people have them, and what becomes of each: `docs/reference/import.md` says it, this holds it to it. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Imported, routes } from '@mooring/contract'
import { startServer, type TestServer } from './harness.ts'
import { bodyFor, type Example, examples } from './import_world.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const [, table = ''] = readFileSync(new URL('../../docs/reference/import.md', import.meta.url), 'utf8').split(
  '## Examples',
)
const rows = new Map(
  table.split('\n').flatMap((line): [string, string[]][] => {
    const cells = line.split('|').map((cell) => cell.trim())
    const [, name] = /^`(.+)`$/.exec(cells[1] ?? '') ?? []
    return name === undefined ? [] : [[name, cells.slice(2, -1)]]
  }),
)

/** Values that stand in the examples in a credential's place. */
const planted = [
  'pm-secret-9b2c4d6e8f',
  'pm-token-1a3c5e7f9b',
  'pm-key-0011223344',
  'pm-pass-55667788',
  'pm-aws-99887766',
  'pm-consumer-1122',
  'YOUR-TOKEN',
  '4eC39HqLyjWDarjtT1zdp7dc',
  '5f4dcc3b5aa765d61d8327deb882cf99',
  's3ss10n-5f4dcc3b5aa7',
  'def0123456789',
  'wJalrXUtnFEMI',
  'AKIAIOSFODNN7EXAMPLE',
]

async function imported(example: Example): Promise<{ result: Imported; text: string }> {
  const { body, provider } = await bodyFor(example)
  const answer = await server.call('POST', '/v1/services/import', body)
  expect(answer.status, answer.text).toBe(200)
  const text =
    provider === undefined
      ? answer.text
      : answer.text
          .replaceAll(provider.origin, 'https://provider.example')
          .replaceAll(new URL(provider.origin).host, 'provider.example')
  await provider?.[Symbol.asyncDispose]()
  return { result: routes.importServices.reply.parse(JSON.parse(text)), text }
}

function rowOf({ services, notes, missing }: Imported): string[] {
  const cell = (parts: string[]): string => (parts.length === 0 ? '–' : parts.join('<br>').replaceAll('|', '\\|'))
  const drafts = services.map(({ name, auth, scopes = [] }, index) => {
    const grant = typeof auth?.['grantType'] === 'string' ? ` ${auth['grantType']}` : ''
    const scoped = scopes.length === 0 ? '' : `, scopes: ${scopes.length}`
    const open = missing.filter(({ service }) => service === index).map(({ path }) => `\`${path}\``)
    return `${name}: ${auth?.type ?? 'no type'}${grant}${scoped}${open.length === 0 ? '' : `; lacks ${open.join(', ')}`}`
  })
  return [cell(drafts), cell(notes)]
}

describe.concurrent('the reference says what becomes of', () => {
  test.each(examples)('$name', async (example) => {
    const { result, text } = await imported(example)
    for (const secret of planted) expect(text).not.toContain(secret)
    for (const draft of result.services) {
      const made = await server.call('POST', '/v1/services', draft)
      expect(made.status, made.text).toBe(201)
    }
    const row = rowOf(result)
    expect(rows.get(example.name), `its row is: | \`${example.name}\` | ${row.join(' | ')} |`).toEqual(row)
  })

  test('every document, and no other', () => {
    expect([...rows.keys()].toSorted()).toEqual(examples.map(({ name }) => name))
    expect(examples.length).toBeGreaterThanOrEqual(20)
  })

  test('nothing of a credential is in what was logged', () => {
    for (const secret of planted) expect(server.logged()).not.toContain(secret)
  })
})
