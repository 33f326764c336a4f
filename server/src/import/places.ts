/** Where an API is: base URLs with placeholders, and the hosts a credential may go to. */
import { fields as rules, type Placeholder } from '@mooring/contract'
import { isLoopbackName } from '../egress/hosts.ts'
import { parameterNameFrom } from './names.ts'
import { type Notes, quoted } from './notes.ts'
import { fieldsIn, textIn, textsIn } from './values.ts'

export interface Places {
  baseUrl?: string
  hosts: string[]
  placeholders: Placeholder[]
}

/** A URL as a document writes it, with its variables in single braces. */
export interface ServerUrl {
  url: string
  /** `default`, `enum`, `description` by name (OpenAPI, Server Variable Object). */
  variables: unknown
}

const mostHosts = 20
const mostPlaceholders = 20
/** Of one document; each operation may name its own. */
const mostServers = 500
/** Beyond this a list of choices is no pattern any more. */
const longestPattern = 200
const singleLabel = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/

/** The first https server is the base; all of them may be sent to. Those of this machine count only where alone. */
export function placesOf(servers: ServerUrl[], notes: Notes): Places {
  const placeholders = new Map<string, Placeholder>()
  const urls = servers
    .slice(0, mostServers)
    .flatMap(startsOf)
    .flatMap(({ url, variables }) => {
      const text = withPlaceholders(url, variables, placeholders, notes)
        .replace(/[?#].*$/, '')
        .replace(/\/+$/, '')
      if (rules.baseUrl.safeParse(text).success) return [text]
      notes.add(`The server ${quoted(url)} was left out: it is not a whole http or https URL.`)
      return []
    })
  const remote = urls.filter((url) => !isLoopbackName(hostnameOf(url)))
  const chosen = remote.length > 0 ? remote : urls
  const baseUrl = chosen.find((url) => url.startsWith('https:')) ?? chosen[0]
  if (baseUrl === undefined) return { hosts: [], placeholders: [] }
  for (const url of urls)
    if (!chosen.includes(url)) notes.add(`The server ${quoted(url)} is on one machine only and was left out.`)
  const hosts = [...new Set([baseUrl, ...chosen].map(hostOf))]
  if (hosts.length > mostHosts) notes.add(`Of ${hosts.length} hosts the first ${mostHosts} were taken.`)
  const others = [...new Set(chosen)].filter((url) => url !== baseUrl)
  if (others.length > 0) {
    const shown = others.slice(0, 5).map(quoted).join(', ')
    notes.add(`The base URL is ${quoted(baseUrl)}; there are other servers: ${shown}${others.length > 5 ? ' …' : ''}.`)
  }
  const texts = [baseUrl, ...hosts.slice(0, mostHosts)].join(' ')
  const used = [...placeholders.values()].filter(({ name }) => texts.includes(`{${name}}`))
  return { baseUrl, hosts: hosts.slice(0, mostHosts), placeholders: used.slice(0, mostPlaceholders) }
}

/** A variable for a whole origin is one server for each of its values: nothing else bounds where it could lead. */
function startsOf(server: ServerUrl): ServerUrl[] {
  const [whole, name = ''] = /^\{([^{}]{1,200})\}/.exec(server.url) ?? []
  const { default: preset, enum: choices } = fieldsIn(fieldsIn(server.variables)[name])
  const values = [...new Set([...textsIn([preset]), ...textsIn(choices)])].slice(0, mostHosts)
  if (whole === undefined || values.length === 0) return [server]
  return values.map((value) => ({ ...server, url: value + server.url.slice(whole.length) }))
}

/** Host and port as patterns write them, placeholders included. */
export function hostOf(url: string): string {
  return (
    /^https?:\/\/([^/?#]*)/i
      .exec(url)?.[1]
      ?.toLowerCase()
      .replaceAll(/\{[^}]*\}/g, (name, offset: number) => {
        // Names of placeholders keep their case.
        const start = url.indexOf('//') + 2 + offset
        return url.slice(start, start + name.length)
      }) ?? ''
  )
}

function hostnameOf(url: string): string {
  return URL.parse(url.replaceAll(rules.placeholderPattern, 'x'))?.hostname ?? ''
}

/** Relative to where the document was; undefined where that is not known. Braces stay as they are. */
export function absolute(text: string, from: URL | undefined): string | undefined {
  if (/^(?:https?:\/\/|\{)/i.test(text)) return text
  if (text.startsWith('//')) return `https:${text}`
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return text
  return URL.parse(text, from?.href)?.href.replaceAll('%7B', '{').replaceAll('%7D', '}')
}

/** A name as placeholders are called. */
export function placeholderName(text: string): string {
  const name = text.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^[^A-Za-z]+/, '')
  return (name === '' ? 'value' : name).slice(0, 50)
}

function withPlaceholders(
  url: string,
  variables: unknown,
  placeholders: Map<string, Placeholder>,
  notes: Notes,
): string {
  return url.replaceAll(/\{([^{}]{1,200})\}/g, (whole, original: string) => {
    const { default: preset, enum: choices, description } = fieldsIn(fieldsIn(variables)[original])
    const example = textIn(preset)
    const values = textsIn(choices)
    if (values.length === 1 && values[0] !== undefined) return values[0]
    const pattern = `^(?:${values.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')})$`
    if (values.length === 0 && example !== undefined && !singleLabel.test(example)) {
      // Free text in a host or across slashes could lead anywhere.
      notes.add(`The variable ${quoted(whole)} was filled in with its default, ${quoted(example)}.`)
      return example
    }
    if (values.length > 1 && pattern.length > longestPattern) {
      notes.add(
        `The variable ${quoted(whole)} has ${values.length} choices, too many for a pattern; one word is taken.`,
      )
    }
    const name = placeholderName(original)
    placeholders.set(name, {
      name,
      label: parameterNameFrom(textIn(description) ?? original, name),
      ...(example === undefined ? {} : { example: example.slice(0, 200) }),
      ...(values.length > 1 && pattern.length <= longestPattern ? { pattern } : {}),
    })
    return `{${name}}`
  })
}
