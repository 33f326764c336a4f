/** Ready-made services as the rest of the server holds them. Files are read on first use, and words are made when asked for. */
import type { CatalogueEntry, FormField, ServiceInput } from '@mooring/contract'
import { z } from 'zod'
import { findScheme } from '../schemes/index.ts'
import { readData, readEntries, serviceFiles, type WholeEntry } from './file.ts'

export interface Entry extends WholeEntry {
  /** True where a source confirmed how it authenticates. */
  verified: boolean
  /** Its place among the services that most people look for, from 0; infinite elsewhere. */
  popular: number
}

export type Asked = CatalogueEntry['asks'][number]

/** What a service of the entry is made of. */
export type Template = Pick<
  ServiceInput,
  'hosts' | 'baseUrl' | 'probe' | 'scopes' | 'scopeDelimiter' | 'headers' | 'placeholders'
> & { auth: NonNullable<ServiceInput['auth']> }

let all: ReadonlyMap<string, Entry> | undefined
let popular: ReadonlyMap<string, number> | undefined
/** By any id that an entry has or had. */
const found = new Map<string, Entry>()

/** Every entry that can be used, by id. Takes some 50 ms the first time. */
export function entries(): ReadonlyMap<string, Entry> {
  all ??= new Map(
    serviceFiles()
      .flatMap(readEntries)
      .filter(isUsable)
      .map((entry) => [entry.id, found.get(entry.id) ?? entryOf(entry)]),
  )
  return all
}

/** By its id, or by one it had before. Reads one file where that is enough. */
export function findEntry(id: string): Entry | undefined {
  const known = found.get(id) ?? all?.get(id)
  if (known !== undefined) return known
  const file = `${id}.json`
  const entry =
    all === undefined && serviceFiles().includes(file)
      ? readEntries(file)
          .filter((one) => one.id === id && isUsable(one))
          .map(entryOf)[0]
      : [...entries().values()].find((one) => one.id === id || one.formerIds?.includes(id))
  if (entry !== undefined) found.set(id, entry)
  return entry
}

/** What it still lacks keeps it from being offered. */
export function isUsable({ lacks }: WholeEntry): boolean {
  return lacks === undefined
}

function entryOf(whole: WholeEntry): Entry {
  const { confidence, sources } = whole
  popular ??= new Map(
    z
      .array(z.string())
      .parse(readData('popular.json'))
      .map((id, place) => [id, place]),
  )
  return {
    ...whole,
    verified: confidence !== 'low' && !sources.auth.includes('general knowledge'),
    popular: popular.get(whole.id) ?? Number.POSITIVE_INFINITY,
  }
}

export function templateOf({ service }: Entry): Template {
  const { scopes = {}, hosts, baseUrl } = service
  return {
    ...service,
    scopes: Object.entries(scopes).map(([value, name]) => ({ name, value })),
    hosts: hosts ?? [hostIn(baseUrl)],
  }
}

/** The host as it is written, with its placeholders and port. */
function hostIn(url: string): string {
  return /^(?:https:\/\/)?([^/?]+)/.exec(url)?.[1] ?? url
}

/** What its user brings: the fields of the form that nobody can do without, less what the entry says itself. */
export function asksOf({ service, labels = {} }: Entry): Asked[] {
  const { type, ...auth } = service.auth
  const form = findScheme(type)?.form ?? []
  const holds = ({ field, in: values }: { field: string; in: string[] }): boolean =>
    values.includes(String(auth[field] ?? form.find(({ name }) => name === field)?.default))
  const isNeeded = ({ optionalWhen }: FormField): boolean => optionalWhen === undefined || !holds(optionalWhen)
  const isAsked = (one: FormField): boolean =>
    one.required &&
    one.fixed === undefined &&
    auth[one.name] === undefined &&
    (one.shownWhen === undefined || holds(one.shownWhen)) &&
    (isNeeded(one) || !one.advanced)
  return form.filter(isAsked).map((one) => ({
    field: one.name,
    label: labels[one.name] ?? one.title,
    secret: one.kind === 'secret',
    required: isNeeded(one),
    ...(one.example === undefined ? {} : { example: one.example }),
  }))
}
