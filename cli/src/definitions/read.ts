/** Definitions in files: YAML or JSON, one or several documents a file, each with its place for messages. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, LineCounter, parseAllDocuments } from 'yaml'
import { Failure } from '../failure.ts'
import { readText } from '../input.ts'
import { reason } from '../profile.ts'

export type Fields = Record<string, unknown>

/** One definition as it was written, references included. */
export interface Entry {
  kind: 'service' | 'connection'
  linkName: string
  value: Fields
  /** `services/books.yaml:12`, for a dotted path in it. */
  at: (path: string) => string
}

/** What is wrong in a file. */
export interface Wrong {
  /** File and line. */
  where: string
  /** The field, dotted; empty for the whole. */
  path: string
  message: string
}

/** What is asked of a document of YAML. */
interface Parsed {
  contents: unknown
  getIn: (path: Iterable<unknown>, keepScalar: boolean) => unknown
}

const isDefinition = (name: string): boolean => /\.(?:ya?ml|json)$/i.test(name)

/** Everything below a folder, a single file, or stdin for `-`. In the order of the files' names. */
export async function readEntries(
  place: string,
  stdin: NodeJS.ReadableStream,
): Promise<{ entries: Entry[]; wrong: Wrong[] }> {
  const entries: Entry[] = []
  const wrong: Wrong[] = []
  for (const file of place === '-' ? ['-'] : filesAt(place)) {
    const name = file === '-' ? 'stdin' : file
    for (const found of readFile(name, await readText(file, stdin))) {
      if ('message' in found) wrong.push(found)
      else entries.push(found)
    }
  }
  const known = new Map<string, string>()
  for (const { kind, linkName, at } of entries) {
    const key = `${kind} ${linkName}`
    const first = known.get(key)
    if (first !== undefined)
      wrong.push({ where: at('linkName'), path: 'linkName', message: `There is the ${key} already, in ${first}.` })
    known.set(key, first ?? at('linkName'))
  }
  if (entries.length === 0 && wrong.length === 0) throw new Failure(`There is no definition in ${place}.`)
  return { entries, wrong }
}

function filesAt(place: string): string[] {
  try {
    if (!statSync(place).isDirectory()) return [place]
    const names = readdirSync(place, { recursive: true, encoding: 'utf8' })
    return names
      .filter((name) => isDefinition(name) && !/(?:^|[\\/])[.]/.test(name))
      .toSorted()
      .map((name) => join(place, name))
  } catch (cause) {
    throw new Failure(`Cannot read ${place} (${reason(cause)}).`, { cause })
  }
}

function readFile(file: string, text: string): (Entry | Wrong)[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: true })
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document): (Entry | Wrong)[] => {
    const errors = document.errors.map((error): Wrong => {
      const line = lines.linePos(error.pos[0]).line
      // The parser's own words quote the line, which may hold a secret.
      return { where: `${file}:${line}`, path: '', message: `This is not YAML (${error.code}).` }
    })
    if (errors.length > 0) return errors
    if (document.contents === null) return []
    const at = (path: string): string => {
      const parts = path === '' ? [] : path.split('.')
      for (; parts.length > 0; parts.pop()) {
        const start = rangeOf(keyOrItem(document, parts))
        if (start !== undefined) return `${file}:${lines.linePos(start).line}`
      }
      return `${file}:${lines.linePos(rangeOf(document.contents) ?? 0).line}`
    }
    const value: unknown = isMap(document.contents) ? document.toJS({ maxAliasCount: 100 }) : undefined
    if (typeof value !== 'object' || value === null)
      return [{ where: at(''), path: '', message: 'A definition is an object: kind, linkName and so on.' }]
    const fields: Fields = { ...value }
    const { kind, linkName } = fields
    if (kind !== 'service' && kind !== 'connection')
      return [{ where: at('kind'), path: 'kind', message: 'Write kind: service or kind: connection.' }]
    if (typeof linkName !== 'string' || linkName === '')
      return [
        { where: at('linkName'), path: 'linkName', message: 'Give the link name, by which it is known everywhere.' },
      ]
    return [{ kind, linkName, value: fields, at }]
  })
}

/** Where a field begins: its name in an object, itself in a list. */
function keyOrItem(document: Parsed, parts: string[]): unknown {
  const keys = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  const holder: unknown = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true)
  if (!isMap(holder)) return document.getIn(keys, true)
  return holder.items.find(({ key }) => String(key) === parts.at(-1))?.key
}

function rangeOf(node: unknown): number | undefined {
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined
}
