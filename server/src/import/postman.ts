/** A Postman collection (format v2.0 and v2.1): its authorization blocks, and where its requests go. */
import { readDocument, wrong } from './document.ts'
import type { Found, Way } from './draft.ts'
import { type Notes, quoted } from './notes.ts'
import { placesOf, type ServerUrl } from './places.ts'
import { wayOf } from './postman_auth.ts'
import { looksSecret, namesCredential } from './secret_looks.ts'
import type { DocumentKind, Source } from './source.ts'
import { type Fields, fieldsIn, isFields, listIn, textIn } from './values.ts'

const mostItems = 20_000
const mostServers = 20
/** Of characters. */
const longestUrl = 4096
/** A variable in a text. Blanks around its name are no part of it. */
const variable = /\{\{([^{}]{1,200})\}\}/g

export const postmanCollection: DocumentKind = {
  title: 'a Postman collection',
  recognises: (document) => isCollection(collectionIn(document)),

  async found(document, { path }, { notes }): Promise<Found> {
    const collection = collectionIn(document)
    if (!isCollection(collection)) {
      throw wrong(path, 'This is no Postman collection v2.0 or v2.1: info.schema does not say so, or it has no item.')
    }
    const info = fieldsIn(collection['info'])
    const items = itemsOf(collection, notes)
    const variables = variablesOf(collection)
    const ways: Way[] = []
    const known = new Set<string>()
    for (const holder of [collection, ...items, ...items.map((item) => fieldsIn(item['request']))]) {
      const auth = fieldsIn(holder['auth'])
      const type = textIn(auth['type'])
      if (type === undefined || type === 'noauth') continue
      const way = wayOf(type, auth, (text) => filledIn(text, variables), notes)
      const key = JSON.stringify(way?.auth ?? type)
      if (way !== undefined && !known.has(key)) ways.push(way)
      known.add(key)
    }
    if (ways.length === 0) notes.add('The collection holds no authorization that could be taken over.')
    return {
      name: textIn(info['name']) ?? 'Imported collection',
      description: textIn(info['description']) ?? textIn(fieldsIn(info['description'])['content']),
      ...placesOf(serversOf(items, variables, notes), notes),
      ways,
    }
  },
}

export const postman: Source = {
  kind: 'postman',
  async read({ postman: given = '' }, tools) {
    return postmanCollection.found(await readDocument(given, 'postman'), { path: 'postman' }, tools)
  },
}

/** As a file holds it, or as the Postman API wraps it. */
function collectionIn(document: Fields): Fields {
  return isFields(document['collection']) ? document['collection'] : document
}

function isCollection(collection: Fields): boolean {
  const schema = textIn(fieldsIn(collection['info'])['schema']) ?? ''
  return /\/collection\/v2\.[01]/.test(schema) || (isFields(collection['info']) && Array.isArray(collection['item']))
}

/** Folders and requests, at any depth, in their order. */
function itemsOf(collection: Fields, notes: Notes): Fields[] {
  const found: Fields[] = []
  const waiting = listIn(collection['item']).toReversed()
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.length >= mostItems) {
      notes.add(`Of the requests the first ${mostItems} were looked at.`)
      break
    }
    const item = fieldsIn(next)
    found.push(item)
    waiting.push(...listIn(item['item']).toReversed())
  }
  return found
}

/** Those that are no credentials, by name. */
function variablesOf(collection: Fields): Map<string, string> {
  const variables = new Map<string, string>()
  for (const each of listIn(collection['variable'])) {
    const { key, id, value, type } = fieldsIn(each)
    const name = textIn(key) ?? textIn(id)
    const text = textIn(value)
    if (name === undefined || text === undefined || type === 'secret' || namesCredential(name)) continue
    if (/^https?:/i.test(text) || !looksSecret(text)) variables.set(name, text)
  }
  return variables
}

/** `{{name}}` by its value, as far as there is one. Values may hold names in turn. */
function filledIn(text: string, variables: Map<string, string>): string {
  let filled = text
  for (let round = 0; round < 5 && filled.includes('{{') && filled.length < 10_000; round++) {
    filled = filled.replaceAll(variable, (whole, name: string) => variables.get(name.trim()) ?? whole)
  }
  return filled
}

/** Most used first. A variable at the start of a URL is a base URL with its path; elsewhere the origin is. */
function serversOf(items: Fields[], variables: Map<string, string>, notes: Notes): ServerUrl[] {
  const counts = new Map<string, number>()
  for (const item of items) {
    const { url } = fieldsIn(item['request'])
    const raw = textIn(url) ?? textIn(fieldsIn(url)['raw'])
    if (raw === undefined || raw.length > longestUrl) continue
    const [start, inner] = /^\{\{([^{}]{1,200})\}\}/.exec(raw) ?? []
    const name = inner?.trim()
    const value = filledIn(start ?? raw, variables)
    if (name !== undefined && value.startsWith('{{')) {
      notes.add(`The base URL is in the variable ${quoted(name)}, which has no value in the collection; fill it in.`)
      continue
    }
    const whole = /^https?:\/\//i.test(value) ? value : `https://${value}`
    const base = start === undefined ? /^https?:\/\/[^/?#]+/i.exec(whole)?.[0] : whole.replace(/[?#].*$/, '')
    if (base !== undefined) counts.set(base, (counts.get(base) ?? 0) + 1)
  }
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, mostServers)
    .map(([url]) => ({ url: url.replaceAll(variable, (_, name: string) => `{${name.trim()}}`), variables: undefined }))
}
