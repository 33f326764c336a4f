import { statSync } from 'node:fs'
import * as icons from 'simple-icons'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fill, placeholdersIn } from '../schemes/placeholders.ts'
import { asksOf, entries, findEntry, templateOf } from './entry.ts'
import { CatalogueFile, entriesIn, readData, serviceFiles, WholeEntry } from './file.ts'
import { descriptionOf, guideOf, serviceNameOf } from './guide.ts'
import { logos } from './logo.ts'

const files = serviceFiles()
const whole = files.flatMap((file) => entriesIn(CatalogueFile.parse(readData(`services/${file}`))))

/** What is wrong with each that something is wrong with. */
function wrong<T>(all: Iterable<T>, name: (one: T) => string, judge: (one: T) => (string | false)[]): string[] {
  return [...all].flatMap((one) => judge(one).flatMap((what) => (what === false ? [] : [`${name(one)}: ${what}`])))
}

/** What an authentication type asks of whoever connects, where the texts of `auth` are made of it. */
function promptedIn({ prompts }: Record<string, unknown>): string[] {
  return z
    .array(z.looseObject({ key: z.string() }))
    .parse(prompts ?? [])
    .map(({ key }) => key)
}

/** What connecting takes from the provider. */
function learnedIn({ learn }: Record<string, unknown>): string[] {
  return z
    .array(z.looseObject({ to: z.string() }))
    .parse(learn ?? [])
    .map(({ to }) => to)
}

describe('the files of ready-made services', () => {
  test('hold what their schema says, presets spelled out, and so does each entry made whole', () => {
    const found = wrong(
      whole,
      ({ id }) => id,
      (entry) => {
        const parsed = WholeEntry.safeParse(entry)
        if (!parsed.success) return [z.prettifyError(parsed.error)]
        return [
          JSON.stringify(parsed.data.service) !== JSON.stringify({ ...parsed.data.service, ...entry.service }) &&
            'a preset is not written',
        ]
      },
    )
    expect(found).toEqual([])
  })

  test('are named after their first entry, and no id is there twice', () => {
    const ids = whole.map(({ id }) => id)
    const former = whole.flatMap(({ formerIds = [] }) => formerIds)
    expect(new Set([...ids, ...former]).size).toBe(ids.length + former.length)
    const first = files.map((file) => `${CatalogueFile.parse(readData(`services/${file}`)).entries[0]?.id ?? ''}.json`)
    expect(first).toEqual(files)
  })

  test('declare every placeholder that they use, and use every one that they declare', () => {
    const found = wrong(
      entries().values(),
      ({ id }) => id,
      (entry) => {
        const { placeholders = [], ...texts } = templateOf(entry)
        const brought = asksOf(entry).filter(({ secret }) => !secret)
        const used = new Set(placeholdersIn(JSON.stringify(texts)))
        const declared = placeholders.map(({ name }) => name)
        return [
          ...[...used]
            .filter(
              (name) =>
                ![
                  ...declared,
                  ...brought.map(({ field }) => field),
                  ...promptedIn(texts.auth),
                  ...learnedIn(texts.auth),
                  'nonce',
                  'token',
                ].includes(name),
            )
            .map((name) => `{${name}} is not declared`),
          ...declared.filter((name) => !used.has(name)).map((name) => `{${name}} is not used`),
          ...placeholders
            .filter(({ example = '', pattern = '' }) => !new RegExp(`^(?:${pattern})$`, 'u').test(example))
            .map(({ name }) => `the example of {${name}} breaks its pattern`),
        ]
      },
    )
    expect(found).toEqual([])
  })

  test('send no credential elsewhere than to a whole host that stands in the file or in a pattern', () => {
    const found = wrong(
      entries().values(),
      ({ id }) => id,
      (entry) => {
        const { hosts = [], placeholders = [], baseUrl } = templateOf(entry)
        const examples = Object.fromEntries([
          ...placeholders.map(({ name, example = '' }) => [name, example]),
          ...learnedIn(entry.service.auth).map((name) => [
            name,
            baseUrl?.startsWith('{') === true ? 'https://x.example' : 'x',
          ]),
        ])
        return [
          ...placeholders.filter(({ pattern }) => pattern === undefined).map(({ name }) => `{${name}} has no pattern`),
          !URL.canParse(fill(baseUrl ?? '', examples)) && 'its base URL is none',
          hosts.some((host) => host.includes('*')) && 'a host with a wildcard',
        ]
      },
    )
    expect(found).toEqual([])
  })

  test('list popular services that are there', () => {
    const popular = z.array(z.string()).parse(readData('popular.json'))
    expect(popular.filter((id) => findEntry(id)?.verified !== true)).toEqual([])
    expect(new Set(popular).size).toBe(popular.length)
  })

  test('are small', () => {
    const sizes = [...files.map((file) => `services/${file}`), 'logos.json'].map((file) => {
      return statSync(new URL(`../../catalogue/${file}`, import.meta.url)).size
    })
    expect(Math.max(...sizes)).toBeLessThan(500_000)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_000_000)
  })
})

describe('the words of an entry', () => {
  test('are a guide in four parts, a description and a name that a service may have', () => {
    const found = wrong(
      entries().values(),
      ({ id }) => id,
      (entry) => {
        const guide = guideOf(entry)
        const lines = Object.values(guide).flat()
        return [
          Object.values(guide).some((part) => part.length === 0) && 'a part of the guide is empty',
          ...lines.filter((line) => !/^\S.{8,500}\.$/.test(line)).map((line) => `this line of the guide: ${line}`),
          new Set(lines).size < lines.length && 'a line of the guide is there twice',
          /undefined|null|\{\w+\}/.test(lines.join()) && 'a gap in the guide',
          !WholeEntry.shape.description.safeParse(descriptionOf(entry)).success &&
            `the description ${descriptionOf(entry)}`,
          !/^[\p{L}\p{N}_][\p{L}\p{M}\p{N} *_\-@/!:|&~\\+]{0,49}$/u.test(serviceNameOf(entry)) && serviceNameOf(entry),
        ]
      },
    )
    expect(found).toEqual([])
  })

  test('make no claim that the facts do not hold: without a redirect no callback URL is spoken of', () => {
    const lines = (id: string): string => {
      const entry = findEntry(id)
      return entry === undefined ? '' : Object.values(guideOf(entry)).flat().join('\n')
    }
    expect(lines('asana')).toContain('callback URL')
    expect(lines('crowdstrike')).not.toContain('callback URL')
    expect(lines('sendgrid')).toContain('Create or look up the API key at Twilio SendGrid')
    expect(lines('acuity-scheduling')).toContain('Tokens do not expire.')
  })
})

describe('logos', () => {
  const drawn = new Map(Object.values(icons).flatMap((icon) => ('slug' in icon ? [[icon.slug, icon] as const] : [])))

  test('are free to ship: drawings of Simple Icons that carry no licence of their own, unchanged', () => {
    const found = wrong(
      Object.entries(logos()),
      ([name]) => name,
      ([name, { hex, path }]) => {
        const icon = drawn.get(name)
        if (icon === undefined) return ['Simple Icons has no such drawing']
        return [
          // The collection is CC0-1.0; an icon that is not says so.
          (icon.license?.type ?? 'CC0-1.0') !== 'CC0-1.0' && `its licence is ${icon.license?.type}`,
          (icon.hex !== hex || icon.path !== path) && 'it was changed',
        ]
      },
    )
    expect(found).toEqual([])
  })

  test('are there for each entry that names one, and none is there for nobody', () => {
    const named = new Set(whole.flatMap(({ logo }) => logo ?? []))
    expect([...named].toSorted()).toEqual(Object.keys(logos()).toSorted())
  })
})
