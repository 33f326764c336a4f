/** A request as it is typed, and what is sent of it. */
import type { Connection, RouteBodyInput, Routes, Service } from '@mooring/sdk'

export interface Pair {
  /** Tells rows apart while they are typed into. */
  key: number
  name: string
  value: string
}

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const
export type BodyFormat = 'json' | 'form' | 'text'

export interface Draft {
  method: string
  /** A path under the base URL of the service, or a whole URL. */
  path: string
  parameters: readonly Pair[]
  headers: readonly Pair[]
  bodyFormat: BodyFormat
  /** JSON or text. */
  body: string
  form: readonly Pair[]
  /** On a per-user connection: whose authorization. */
  user: string
}

let keys = 0

export function newPair(name = '', value = ''): Pair {
  return { key: ++keys, name, value }
}

export const emptyDraft: Draft = {
  method: 'GET',
  path: '',
  parameters: [],
  headers: [],
  bodyFormat: 'json',
  body: '',
  form: [],
  user: '',
}

/** What the service is tested with, as a place to begin. */
export function draftOf(service: Service): Draft {
  const { probe } = service
  if (probe === null) return { ...emptyDraft, path: '/' }
  return {
    ...emptyDraft,
    method: probe.method,
    path: probe.url ?? probe.path ?? '/',
    headers: Object.entries(probe.headers ?? {}).map(([name, value]) => newPair(name, value)),
    ...(probe.body === undefined ? {} : { bodyFormat: 'text', body: probe.body }),
  }
}

/** A GET and a HEAD carry none. */
export function takesBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

export type Part = 'path' | 'parameters' | 'headers' | 'body' | 'user'

/** What is wrong with it, by part; told before anything is sent. */
export function faultsOf(draft: Draft, connection: Connection): Partial<Record<Part, string>> {
  const body = bodyFault(draft)
  const parameters = pairFault(draft.parameters, 'parameter', 'To send one twice, write it into the path behind a ?.')
  const headers = pairFault(draft.headers, 'header', 'Separate several values by commas.')
  return {
    ...(draft.path.trim() === '' ? { path: 'Give a path such as /me, or a whole URL.' } : {}),
    ...(parameters === undefined ? {} : { parameters }),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    ...(connection.authorizationLevel === 'per_user' && draft.user.trim() === ''
      ? { user: 'Say for which user: each has an authorization of their own.' }
      : {}),
  }
}

function pairFault(pairs: readonly Pair[], what: string, twice: string): string | undefined {
  const names = new Set<string>()
  for (const { name, value } of pairs) {
    if (name.trim() === '' && value !== '') return `Give the ${what} with the value “${value.slice(0, 20)}” a name.`
    if (name.trim() !== '' && names.has(name.trim().toLowerCase())) return `${name.trim()} is there twice. ${twice}`
    names.add(name.trim().toLowerCase())
  }
  return undefined
}

function bodyFault({ method, bodyFormat, body, form }: Draft): string | undefined {
  if (!takesBody(method)) return undefined
  if (bodyFormat === 'form') return pairFault(form, 'field', 'A form names each field once.')
  return bodyFormat === 'json' ? jsonFault(body) : undefined
}

/** Why a text is no JSON; undefined where it is, or is empty. */
export function jsonFault(text: string): string | undefined {
  if (text.trim() === '') return undefined
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : String(error)}.`
  }
}

/** Call only with a draft that has no faults. */
export function callOf(draft: Draft, connection: Connection): RouteBodyInput<Routes['invokeConnection']> {
  const { method, path, parameters, headers } = draft
  const body = bodyOf(draft)
  return {
    url: path.trim(),
    method,
    ...(named(parameters).length > 0 ? { parameters: Object.fromEntries(named(parameters)) } : {}),
    ...(named(headers).length > 0 ? { headers: Object.fromEntries(named(headers)) } : {}),
    ...(body === undefined ? {} : { body, bodyFormat: draft.bodyFormat }),
    ...(connection.authorizationLevel === 'per_user' ? { user: draft.user.trim() } : {}),
  }
}

/** undefined: none. */
function bodyOf({ method, bodyFormat, body, form }: Draft): unknown {
  if (!takesBody(method)) return undefined
  if (bodyFormat === 'form') return named(form).length > 0 ? Object.fromEntries(named(form)) : undefined
  if (body.trim() === '') return undefined
  return bodyFormat === 'json' ? (JSON.parse(body) as unknown) : body
}

/** The body as it goes out, and its type; undefined where there is none. */
export function writtenBody({ method, bodyFormat, body, form }: Draft): { type: string; text: string } | undefined {
  if (!takesBody(method)) return undefined
  if (bodyFormat === 'form') {
    const text = new URLSearchParams(named(form)).toString()
    return text === '' ? undefined : { type: 'application/x-www-form-urlencoded', text }
  }
  if (body.trim() === '') return undefined
  return bodyFormat === 'json'
    ? { type: 'application/json', text: body }
    : { type: 'text/plain; charset=utf-8', text: body }
}

/** Rows that have a name. */
export function named(pairs: readonly Pair[]): [name: string, value: string][] {
  return pairs.flatMap(({ name, value }) => (name.trim() === '' ? [] : [[name.trim(), value]]))
}

/** The path with the parameters behind it. */
export function withQuery({ path, parameters }: Draft): string {
  const query = named(parameters)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  const target = path.trim()
  return query === '' ? target : `${target}${target.includes('?') ? '&' : '?'}${query}`
}
