/** The definition of a service: what may be written in it, and when it is complete. */
import { type Auth, type FieldError, fieldErrors, fields, type Service } from '@mooring/contract'
import { type HostPattern, isLoopbackName, parseHostPattern } from '../egress/hosts.ts'
import { findScheme, schemes } from '../schemes/index.ts'
import { placeholdersIn } from '../schemes/placeholders.ts'
import { isConnectionHeader } from '../schemes/request.ts'
import type { AnyScheme } from '../schemes/scheme.ts'
import type { ServiceDocument } from '../store.ts'
import { checkLearned, type Place } from './learned.ts'
import { checkPlaceholders } from './placeholders.ts'

/** `auth` with its secrets, without its type. */
export type AuthFields = Record<string, unknown>

export interface Definition {
  document: ServiceDocument
  /** The secret fields of `auth`. */
  secrets: AuthFields
}

export const emptyDefinition: Definition = {
  document: {
    auth: null,
    scopes: [],
    scopeDelimiter: 'comma',
    hosts: [],
    anyHost: false,
    baseUrl: null,
    probe: null,
    headers: {},
    placeholders: [],
  },
  secrets: {},
}

/** The scheme of a definition and its `auth` with secrets; undefined while no type is chosen. */
export function authOf(definition: Definition): { scheme: AnyScheme; auth: AuthFields } | undefined {
  const { auth } = definition.document
  const scheme = auth === null ? undefined : findScheme(auth.type)
  if (auth === null || scheme === undefined) return undefined
  const { type: _, ...open } = auth
  return { scheme, auth: { ...open, ...definition.secrets } }
}

/**
 * Takes a written `auth` into a definition. The same type: what is given replaces, what is absent stays, and
 * `{"set": true}` in a secret's place keeps it. Another type: the old `auth` and all scopes are dropped (R-236).
 */
export function withAuth(
  definition: Definition,
  input: Auth,
  stage: 'draft' | 'ready',
): { definition: Definition } | { errors: FieldError[] } {
  const { type, ...given } = input
  const scheme = findScheme(type)
  if (scheme === undefined) {
    const known = schemes.map((one) => one.type).join(', ')
    return { errors: [{ path: 'auth.type', code: 'invalid_value', message: `Choose one of: ${known}.` }] }
  }
  const before = authOf(definition)
  const same = before?.scheme.type === type
  const judged = judge(scheme, merged(before, scheme, given), stage)
  if (judged.errors.length > 0) return { errors: judged.errors }
  const secrets: AuthFields = {}
  const open: AuthFields = {}
  for (const [name, value] of Object.entries(judged.auth)) {
    if (value === undefined) continue
    if (!scheme.secretFields.includes(name)) open[name] = value
    else if (value !== null) secrets[name] = value
  }
  return {
    definition: {
      document: {
        ...definition.document,
        auth: { ...open, type },
        scopes: before === undefined || same ? definition.document.scopes : [],
      },
      secrets,
    },
  }
}

/** What a written `auth` makes of the one before, wrong or not; undefined where there is no such type. */
export function mergedAuth(
  definition: Definition,
  { type, ...given }: Auth,
): { scheme: AnyScheme; auth: AuthFields } | undefined {
  const scheme = findScheme(type)
  return scheme && { scheme, auth: merged(authOf(definition), scheme, given) }
}

function merged(before: ReturnType<typeof authOf>, scheme: AnyScheme, given: AuthFields): AuthFields {
  const auth: AuthFields = before?.scheme === scheme ? { ...before.auth } : {}
  for (const [name, value] of Object.entries(given)) {
    if (scheme.secretFields.includes(name) && isSet(value)) continue
    if (value === null || (value === '' && !mayBeEmpty(scheme, name))) delete auth[name]
    else auth[name] = value
  }
  return auth
}

/** Whether an empty string says something in this field (no prefix, say); elsewhere it counts as absent. */
function mayBeEmpty(scheme: AnyScheme, name: string): boolean {
  const parsed = scheme.fields.shape[name]?.safeParse('')
  return parsed?.success === true && parsed.data === ''
}

function isSet(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'set' in value &&
    value.set === true &&
    Object.keys(value).length === 1
  )
}

/** Every wrong field of `auth` at once; at `ready` also every missing one. */
function judge(
  scheme: AnyScheme,
  auth: AuthFields,
  stage: 'draft' | 'ready',
): { auth: AuthFields; errors: FieldError[] } {
  const parsed = (stage === 'ready' ? scheme.fields : scheme.partialFields).safeParse(auth, { reportInput: true })
  const errors = parsed.success ? [] : fieldErrors(parsed.error.issues, ['auth'], auth)
  // Rules over several fields are told as well, judged on the fields that are right by themselves.
  const wrong = new Set(errors.map((error) => error.path.split('.')[1]))
  const read: AuthFields =
    parsed.success && typeof parsed.data === 'object' && parsed.data !== null ? { ...parsed.data } : auth
  const right = Object.fromEntries(Object.entries(read).filter(([name]) => !wrong.has(name)))
  for (const error of scheme.check(right, stage)) {
    const path = error.path === '' ? 'auth' : `auth.${error.path}`
    if (!wrong.has(error.path.split('.')[0])) errors.push({ ...error, path })
  }
  return { auth: read, errors }
}

function hostText({ wildcard, host, port }: HostPattern): string {
  return `${wildcard ? '*.' : ''}${host}${port === undefined ? '' : `:${port}`}`
}

/** A host with something in the place of its placeholders: a label, or a name where they are all there is before a port. */
function withExamples(text: string): string {
  const whole = /^(\*\.)?(\{\w+\})+(:|$)/.test(text)
  return text.replace(fields.placeholderPattern, whole ? 'x.example.com' : 'x')
}

/** Headers that carry a credential, steer us or the connection itself; a service's constants may not name them. */
function isReservedHeader(name: string): boolean {
  return isConnectionHeader(name) || name === 'authorization' || name === 'cookie' || name.startsWith('mooring-')
}

/** What is wrong with a definition outside of `auth`, and at `ready` what is missing. Host patterns come back normalised. */
export function checkDefinition(
  definition: Definition,
  stage: 'draft' | 'ready',
): { hosts: string[]; errors: FieldError[] } {
  const { document } = definition
  const errors: FieldError[] = []
  const add = (path: string, code: string, message: string): void => void errors.push({ path, code, message })
  const chosen = authOf(definition)

  if (stage === 'ready') {
    if (chosen === undefined) add('auth', 'required', 'Choose an authentication type.')
    else errors.push(...judge(chosen.scheme, chosen.auth, 'ready').errors)
    if (document.hosts.length === 0 && document.baseUrl === null && !document.anyHost) {
      add(
        'hosts',
        'required',
        'Name at least one host the credential may go to, give a base URL, or choose any host on purpose.',
      )
    }
  }
  if (chosen !== undefined && !chosen.scheme.scopes && document.scopes.length > 0) {
    add('scopes', 'not_allowed', `${chosen.scheme.title} has no scopes; remove them.`)
  }

  const hosts = document.hosts.map((text, index) => {
    const filled = withExamples(text)
    const pattern = parseHostPattern(filled)
    if (filled !== text && !('error' in pattern)) return text
    if ('error' in pattern) add(`hosts.${index}`, 'invalid_host', pattern.error)
    return 'error' in pattern ? text : hostText(pattern)
  })
  const ofCredential = new Set(chosen?.scheme.headerNames(readable(chosen)).map((name) => name.toLowerCase()))
  for (const name of Object.keys(document.headers)) {
    if (isReservedHeader(name.toLowerCase()) || ofCredential.has(name.toLowerCase()))
      add(
        `headers.${name}`,
        'not_allowed',
        'This header belongs to the credential or to the connection itself; remove it.',
      )
  }
  if (document.probe !== null) {
    const { path, url } = document.probe
    if ((path === undefined) === (url === undefined))
      add('probe', 'invalid', 'Give either a path under the base URL or a whole url.')
    else if (path !== undefined && document.baseUrl === null)
      add('probe.path', 'invalid', 'A path needs a base URL; give one, or a whole url in the probe.')
  }

  document.placeholders.forEach(({ name }, index) => {
    if (document.placeholders.findIndex((other) => other.name === name) < index)
      add(`placeholders.${index}.name`, 'duplicate', 'This name is in the list twice.')
  })
  errors.push(
    ...checkPlaceholders(document.placeholders).map((error) => ({ ...error, path: `placeholders.${error.path}` })),
  )
  const asked = new Set(document.placeholders.map((placeholder) => placeholder.name))
  const auth = chosen === undefined ? {} : readable(chosen)
  const learned = chosen?.scheme.learns(auth) ?? []
  const known = new Set([
    ...asked,
    ...learned.map(({ name }) => name),
    ...Object.keys(chosen?.scheme.values(auth) ?? {}),
  ])
  const places = placesOf(definition)
  for (const [path, text] of places) {
    for (const name of placeholdersIn(text)) {
      if (!known.has(name))
        add(path, 'unknown_placeholder', `Declare {${name}} under placeholders, or write the value itself.`)
    }
  }
  errors.push(...checkLearned(learned, places, asked))
  return { hosts, errors }
}

/** Every text that may hold placeholders. */
function placesOf(definition: Definition): Place[] {
  const { document } = definition
  const chosen = authOf(definition)
  const ofAuth =
    chosen === undefined
      ? {}
      : { ...chosen.scheme.endpoints(readable(chosen)), ...chosen.scheme.texts(readable(chosen)) }
  return [
    ...Object.entries(ofAuth).map(([name, text]): Place => [`auth.${name}`, text]),
    ['baseUrl', document.baseUrl ?? ''],
    ['probe.url', document.probe?.url ?? ''],
    ['probe.path', document.probe?.path ?? ''],
    ...document.hosts.map((text, index): Place => [`hosts.${index}`, text]),
    ...document.scopes.map(({ value }, index): Place => [`scopes.${index}.value`, value]),
    ...Object.entries(document.headers).map(([name, value]): Place => [`headers.${name}`, value]),
  ]
}

/** A draft's fields that are wrong by themselves were refused when written, so what is stored can be read. */
function readable({ scheme, auth }: { scheme: AnyScheme; auth: AuthFields }): AuthFields {
  return scheme.partialFields.safeParse(auth).success ? auth : {}
}

/** What is allowed but deserves a second look. */
export function warningsOf(definition: Definition): Service['warnings'] {
  const chosen = authOf(definition)
  const urls: [string, string][] = [
    ...Object.entries(chosen === undefined ? {} : chosen.scheme.endpoints(readable(chosen))).map(
      ([name, url]): [string, string] => [`auth.${name}`, url],
    ),
    ['baseUrl', definition.document.baseUrl ?? ''],
  ]
  const warnings: Service['warnings'] = []
  for (const [path, text] of urls) {
    const url = URL.parse(text.replace(fields.placeholderPattern, 'x'))
    if (url?.protocol === 'http:' && !isLoopbackName(url.hostname)) {
      warnings.push({
        path,
        code: 'plain_http',
        message:
          'Plain http: whoever carries the traffic reads the credentials. Use https where the provider offers it.',
      })
    }
  }
  for (const warning of chosen?.scheme.warnings(readable(chosen)) ?? [])
    warnings.push({ ...warning, path: `auth.${warning.path}` })
  if (definition.document.anyHost) {
    warnings.push({
      path: 'anyHost',
      code: 'any_host',
      message: 'The credential may be sent to any host that a caller names.',
    })
  }
  return warnings
}
