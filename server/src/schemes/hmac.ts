/** Signed requests: an HMAC (RFC 2104) over a declared string, sent with what the API needs to make it again. */
import { createHmac, createSecretKey, hash, type KeyObject, randomBytes, randomUUID } from 'node:crypto'
import { type FieldError, fields as field, type PromptField } from '@mooring/contract'
import { z } from 'zod'
import { MooringError } from '../errors.ts'
import { dots, everyRequest } from './description.ts'
import { readPrompt } from './prompt.ts'
import { header, setHeader, setParameter, withoutParameter } from './request.ts'
import { askedOnce, choice, lineText, ownHeaderName, preset, promptKey } from './rules.ts'
import { type Applied, defineScheme, type OutgoingRequest } from './scheme.ts'

const algorithms = ['sha256', 'sha1', 'sha384', 'sha512'] as const
const algorithmNames = { sha256: 'SHA-256', sha1: 'SHA-1', sha384: 'SHA-384', sha512: 'SHA-512' }
const encodings = ['hex', 'base64', 'base64url'] as const
const encodingNames = { hex: 'Hexadecimal', base64: 'Base64', base64url: 'Base64 for URLs' }

/** What a string to sign may name. */
const ofRequest = [
  'method',
  'methodLower',
  'host',
  'path',
  'query',
  'sortedQuery',
  'target',
  'url',
  'contentType',
  'body',
  'bodyHash',
] as const
/** What may also go out. */
const ofSignature = ['timestamp', 'nonce', 'keyId'] as const
type RequestName = (typeof ofRequest)[number]

const prompts = z
  .array(
    z.strictObject({
      key: promptKey
        .refine((key) => ![...ofRequest, ...ofSignature, 'secret', 'signature', 'header'].includes(key), {
          error: 'This name has a meaning of its own here; use another.',
        })
        .meta({ title: 'Key', description: 'What {key} stands for.', form: { example: 'passphrase' } }),
      label: field.parameterName.meta({ title: 'Label', form: { example: 'Passphrase' } }),
      secret: z.boolean().default(true).meta({ title: 'Secret' }),
    }),
  )
  .max(10, 'Ask for at most 10 values.')
  .superRefine(askedOnce)

const fields = z.strictObject({
  stringToSign: preset(
    lineText.refine((text) => text !== '', { error: 'Fill this in.' }),
    '{timestamp}{method}{target}{body}',
  ).meta({
    title: 'String to Sign',
    description: `What the signature covers, with \\n for a line break. {…} is filled in: ${[...ofRequest, ...ofSignature].join(', ')}, header:name, and what else is asked for.`,
  }),
  algorithm: preset(choice(algorithms), 'sha256').meta({
    title: 'Algorithm',
    description: 'The hash within the HMAC.',
    form: { choices: algorithmNames },
  }),
  signatureEncoding: preset(choice(encodings), 'hex').meta({
    title: 'Signature Encoding',
    form: { choices: encodingNames },
  }),
  keyEncoding: preset(choice(['text', 'base64', 'hex']), 'text').meta({
    title: 'Key Encoding',
    description: 'How the secret is written.',
    form: { choices: { text: 'As it is', base64: 'Base64', hex: 'Hexadecimal' } },
  }),
  headers: preset(z.record(ownHeaderName, lineText), {
    'X-Api-Key': '{keyId}',
    'X-Timestamp': '{timestamp}',
    'X-Signature': '{signature}',
  }).meta({
    title: 'Headers',
    description:
      'Set on each request: {signature}, {keyId}, {timestamp}, {nonce}, {bodyHash} and what else is asked for.',
  }),
  parameters: preset(z.record(field.parameterKey, lineText), {}).meta({
    title: 'Query Parameters',
    description: 'The same for the query. Those without {signature} are there when {query} is signed.',
  }),
  timestampFormat: preset(
    choice(['seconds', 'milliseconds', 'iso', 'iso_milliseconds', 'basic', 'http']),
    'seconds',
  ).meta({
    title: 'Timestamp',
    description: 'How {timestamp} is written.',
    form: {
      choices: {
        seconds: 'Seconds since 1970',
        milliseconds: 'Milliseconds since 1970',
        iso: '2026-01-31T12:00:00Z',
        iso_milliseconds: '2026-01-31T12:00:00.000Z',
        basic: '20260131T120000Z',
        http: 'Sat, 31 Jan 2026 12:00:00 GMT',
      },
    },
  }),
  nonceFormat: preset(choice(['uuid', 'hex', 'base64url']), 'uuid').meta({
    title: 'Nonce',
    description: 'How {nonce} is written.',
    advanced: true,
    form: { choices: { uuid: 'UUID', hex: '32 hexadecimal digits', base64url: '22 characters of Base64 for URLs' } },
  }),
  bodyHashAlgorithm: preset(choice(algorithms), 'sha256').meta({
    title: 'Body Hash',
    description: 'What {bodyHash} is made with.',
    advanced: true,
    form: { choices: algorithmNames },
  }),
  bodyHashEncoding: preset(choice(encodings), 'hex').meta({
    title: 'Body Hash Encoding',
    advanced: true,
    form: { choices: encodingNames },
  }),
  noBody: preset(choice(['hash', 'nothing']), 'hash').meta({
    title: 'Without a Body',
    description: 'What {bodyHash} is then.',
    advanced: true,
    form: { choices: { hash: 'The hash of nothing', nothing: 'Nothing' } },
  }),
  keyIdName: preset(field.parameterName, 'Key ID').meta({ title: 'Key ID Label', advanced: true }),
  secretName: preset(field.parameterName, 'Secret').meta({ title: 'Secret Label', advanced: true }),
  prompts: preset(prompts, []).meta({
    title: 'Also Asked For',
    description: 'What whoever connects fills in besides.',
    advanced: true,
  }),
})
type Definition = z.output<typeof fields>
const presets: Definition = fields.parse({})

const credential = z.object({ secret: z.string(), values: z.record(z.string(), z.string()) })
type Credential = z.output<typeof credential>

const named = /\{([A-Za-z][A-Za-z0-9_]{0,49})(?::([^{}]{1,100}))?\}/g

/** A text with its names, split once. */
type Part = { text: string } | { name: string; argument: string | undefined }

function partsOf(template: string): Part[] {
  const parts: Part[] = []
  let from = 0
  for (const match of template.matchAll(named)) {
    parts.push({ text: template.slice(from, match.index) }, { name: match[1] ?? '', argument: match[2] })
    from = match.index + match[0].length
  }
  return [...parts, { text: template.slice(from) }]
}

function namesOf(template: string): string[] {
  return partsOf(template).flatMap((part) => ('name' in part ? [part.name] : []))
}

function uses(definition: Definition, name: string): boolean {
  const { stringToSign, headers, parameters } = definition
  return [stringToSign, ...Object.values(headers), ...Object.values(parameters)].some((one) =>
    namesOf(one).includes(name),
  )
}

function check(given: Partial<Definition>, stage: 'draft' | 'ready'): FieldError[] {
  const definition = { ...presets, ...given }
  const { stringToSign, headers, parameters } = definition
  const errors: FieldError[] = []
  const asked = definition.prompts.map(({ key }) => key)
  const signed = new Set<string>([...ofRequest, ...ofSignature, 'header', ...asked])
  const sent = new Set<string>(['signature', ...ofSignature, 'bodyHash', ...asked])
  const known = (path: string, template: string, names: Set<string>): void => {
    for (const name of namesOf(template).filter((each) => !names.has(each))) {
      const message = `{${name}} means nothing here. Use one of ${[...names].join(', ')}, or ask for it.`
      errors.push({ path, code: 'unknown_placeholder', message })
    }
  }
  known('stringToSign', stringToSign, signed)
  for (const [name, template] of Object.entries(headers)) known(`headers.${name}`, template, sent)
  for (const [name, template] of Object.entries(parameters)) known(`parameters.${name}`, template, sent)
  if (stage === 'ready' && !uses(definition, 'signature'))
    errors.push({ path: 'headers', code: 'no_signature', message: 'Write {signature} where the signature goes.' })
  return errors
}

function timestamp(format: Definition['timestampFormat'], now: number): string {
  const at = new Date(now)
  const iso = at.toISOString()
  const forms: Record<Definition['timestampFormat'], string> = {
    seconds: String(Math.floor(now / 1000)),
    milliseconds: String(Math.floor(now)),
    iso: `${iso.slice(0, 19)}Z`,
    iso_milliseconds: iso,
    basic: `${iso.slice(0, 19).replace(/[-:]/g, '')}Z`,
    http: at.toUTCString(),
  }
  return forms[format]
}

function nonce(format: Definition['nonceFormat']): string {
  return format === 'uuid' ? randomUUID() : randomBytes(16).toString(format)
}

/** The secret's bytes, or what is wrong with it. */
function secretOf(text: string, encoding: Definition['keyEncoding']): Buffer | string {
  if (encoding === 'text') return Buffer.from(text, 'utf8')
  const compact = text.replace(/\s+/g, '')
  if (encoding === 'hex')
    return /^([0-9a-fA-F]{2})+$/.test(compact) ? Buffer.from(compact, 'hex') : 'This is not hexadecimal.'
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(compact) ? Buffer.from(compact, 'base64') : 'This is not base64.'
}

/** Sorted by name, then by value, each as it goes out. */
function sorted(query: string): string {
  const pairs = query.split('&').filter((pair) => pair !== '')
  const nameOf = (pair: string): string => pair.split('=', 1)[0] ?? ''
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return pairs.sort((a, b) => order(nameOf(a), nameOf(b)) || order(a, b)).join('&')
}

function bodyOf({ body }: OutgoingRequest): Uint8Array {
  if (body !== undefined) return body ?? new Uint8Array()
  throw new MooringError('too_large', {
    detail: 'The body is too long to sign: the signature covers the whole of it.',
    hint: 'Send a shorter body.',
  })
}

function bodyHash(definition: Definition, request: OutgoingRequest): string {
  const body = bodyOf(request)
  if (body.length === 0 && definition.noBody === 'nothing') return ''
  return hash(definition.bodyHashAlgorithm, body, definition.bodyHashEncoding)
}

const readers: Record<RequestName, (request: OutgoingRequest, definition: Definition) => string | Uint8Array> = {
  method: ({ method }) => method.toUpperCase(),
  methodLower: ({ method }) => method.toLowerCase(),
  host: ({ url }) => url.host,
  path: ({ url }) => url.pathname,
  query: ({ url }) => url.search.slice(1),
  sortedQuery: ({ url }) => sorted(url.search.slice(1)),
  target: ({ url }) => url.pathname + url.search,
  url: ({ url }) => url.href,
  contentType: (request) => header(request, 'content-type') ?? '',
  body: bodyOf,
  bodyHash: (request, definition) => bodyHash(definition, request),
}

function isOfRequest(name: string): name is RequestName {
  return Object.hasOwn(readers, name)
}

function apply(definition: Definition, { secret, values }: Credential): Applied {
  const bytes = secretOf(secret, definition.keyEncoding)
  const key: KeyObject | undefined = typeof bytes === 'string' ? undefined : createSecretKey(bytes)
  const toSign = partsOf(definition.stringToSign.replace(/\\([n\\])/g, (_, one) => (one === 'n' ? '\n' : '\\')))
  const places = [
    ...Object.entries(definition.parameters).map(([name, template]) => ({ name, template, query: true })),
    ...Object.entries(definition.headers).map(([name, template]) => ({
      name: name.toLowerCase(),
      template,
      query: false,
    })),
  ].map((place) => ({ ...place, parts: partsOf(place.template), last: namesOf(place.template).includes('signature') }))
  const wantsBody = uses(definition, 'body') || uses(definition, 'bodyHash')

  const inject: Applied['inject'] = (request, now) => {
    if (key === undefined)
      throw new MooringError('validation_failed', { detail: `${definition.secretName}: ${String(bytes)}` })
    const made = new Map<string, string>([
      ...Object.entries(values),
      ['timestamp', timestamp(definition.timestampFormat, now)],
      ['nonce', nonce(definition.nonceFormat)],
    ])
    const read = (part: Part): string | Uint8Array => {
      if ('text' in part) return part.text
      const { name, argument } = part
      if (name === 'header') return header(request, (argument ?? '').toLowerCase()) ?? ''
      return made.get(name) ?? (isOfRequest(name) ? readers[name](request, definition) : '')
    }
    const put = ({ name, parts, query }: (typeof places)[number]): void => {
      const text = parts.map((part) => Buffer.from(read(part)).toString('utf8')).join('')
      if (query) setParameter(request.url, name, text)
      else setHeader(request, name, text)
    }
    // What the caller, or a former time, left in the signature's place must not be signed.
    for (const { name } of places.filter((place) => place.query)) {
      const kept = withoutParameter(request.url.search.slice(1), name)
      request.url.search = kept === '' ? '' : `?${kept}`
    }
    for (const place of places.filter(({ last }) => !last)) put(place)
    const mac = createHmac(definition.algorithm, key)
    for (const part of toSign) mac.update(read(part))
    made.set('signature', mac.digest(definition.signatureEncoding))
    for (const place of places.filter(({ last }) => last)) put(place)
  }
  return {
    inject,
    headers: places.filter(({ query }) => !query).map(({ name }) => name),
    parameters: places.filter(({ query }) => query).map(({ name }) => name),
    bodyUse: wantsBody ? 'bytes' : 'none',
  }
}

export const hmac = defineScheme<Definition, Credential>({
  type: 'hmac',
  title: 'HMAC Signature',
  summary: 'A secret signs a string made of each request, as many exchanges and payment APIs ask.',
  fields,
  credential,
  scopes: false,
  check,
  headerNames: ({ headers = presets.headers }) => Object.keys(headers),
  flow: () => 'prompt',
  prompt(definition): PromptField[] {
    return [
      ...(uses(definition, 'keyId')
        ? [{ key: 'keyId', label: definition.keyIdName, secret: false, required: true }]
        : []),
      { key: 'secret', label: definition.secretName, secret: true, required: true },
      ...definition.prompts.map((asked) => ({ ...asked, required: true })),
    ]
  },
  read(definition, given) {
    const read = readPrompt(this.prompt(definition), given, field.unicodeCredential)
    if ('errors' in read) return read
    const { secret = '', ...values } = read.values
    const bytes = secretOf(secret, definition.keyEncoding)
    if (typeof bytes === 'string') return { errors: [{ path: 'secret', code: 'invalid_format', message: bytes }] }
    return { grant: { credential: { secret, values }, expiresAt: null, grantedScopes: null, account: null, notes: [] } }
  },
  apply,
  describe(given, outlook) {
    const definition = { ...presets, ...given }
    const { stringToSign, headers, parameters } = definition
    const shown = (template: string): string =>
      template.replace(named, (whole, name: string) =>
        name === 'signature' || definition.prompts.some(({ key, secret }) => key === name && secret) ? dots : whole,
      )
    return [
      { title: 'String to sign', lines: shown(stringToSign).split('\\n') },
      everyRequest(outlook, {
        query: Object.entries(parameters).map(([name, template]) => `${name}=${shown(template)}`),
        headers: Object.entries(headers).map(([name, template]) => `${name}: ${shown(template)}`),
      }),
    ]
  },
})
