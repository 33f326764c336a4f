/** `docs/reference/catalogue.md` is written here; `vitest run -u` writes it anew. */
import { expect, test } from 'vitest'
import { findScheme } from '../schemes/index.ts'
import { entries, type Entry } from './entry.ts'
import { readEntries, serviceFiles, type WholeEntry } from './file.ts'
import { flowOf } from './guide.ts'

const whole = serviceFiles().flatMap(readEntries)
const offered = [...entries().values()]
const lacking = whole.filter(({ lacks }) => lacks !== undefined)

function count<T>(all: Iterable<T>, of: (one: T) => string): [string, number][] {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(of(one), (counts.get(of(one)) ?? 0) + 1)
  return [...counts].toSorted(([one], [other]) => one.localeCompare(other))
}

function rows(cells: readonly (readonly (string | number)[])[]): string {
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

const typeOf = ({ service }: WholeEntry): string => service.auth.type
const way = (entry: Entry): string => {
  const flow = flowOf(entry)
  if (flow === 'redirect')
    return entry.renews === false
      ? 'A person signs in, tokens are not renewed'
      : 'A person signs in, tokens are renewed'
  return flow === 'acquire' ? 'An app signs in as itself' : 'Somebody brings a credential'
}

function page(): string {
  const types = count(whole, typeOf).map(([type, all]) => {
    const there = offered.filter((entry) => typeOf(entry) === type)
    return [
      findScheme(type)?.title ?? type,
      there.length,
      there.filter(({ verified }) => verified).length,
      all - there.length,
    ]
  })
  const confidence = ['high', 'medium', 'low'].map((level) => [
    level,
    offered.filter((entry) => entry.confidence === level).length,
  ])
  const lacks = lacking
    .flatMap((entry) => (entry.lacks ?? []).map((what) => [what, entry.name] as const))
    .reduce((all, [what, name]) => all.set(what, [...(all.get(what) ?? []), name]), new Map<string, string[]>())
  return `# Ready-made services

What comes in \`server/catalogue/services/\`: ${whole.length} entries of ${serviceFiles().length} services. ${offered.length} are offered; each of them
goes the whole way (authorize, call, renew, revoke) in \`server/test/catalogue_loop.test.ts\`, against a stand-in of its provider
that takes only what the entry declares. The others need something that Mooring cannot do yet. How to use one:
[Connect a default service](../guides/default-services.md). This page is written by a test
(\`server/src/catalogue/reference.test.ts\`), which fails where it is out of date.

## By authentication type

| Type | Offered | Of these verified | Not yet |
| --- | --- | --- | --- |
${rows(types)}

An entry is verified where a source confirmed how the service authenticates; the console marks the others, and shows none of
them first.

## By confidence

| Confidence | Offered |
| --- | --- |
${rows(confidence)}

\`high\`: the provider's own documents were read, or three independent catalogues agree. \`medium\`: one or two do. \`low\`: nobody
has confirmed it.

## By the way they connect

| Way | Offered |
| --- | --- |
${rows(count(offered, way))}

## Not offered yet

| What is lacking | Entries |
| --- | --- |
${rows([...lacks].toSorted(([one], [other]) => one.localeCompare(other)).map(([what, names]) => [what, names.join(', ')]))}
`
}

test('the page of ready-made services is up to date', async () => {
  await expect(page()).toMatchFileSnapshot('../../../docs/reference/catalogue.md')
})

test('every entry is offered, or says what it lacks', () => {
  expect(offered.length + lacking.length).toBe(whole.length)
})
