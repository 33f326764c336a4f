/** A token that the client signs itself (JWT, RFC 7519): no request brings it, so a call never waits for one. */
import { randomUUID } from 'node:crypto'
import { type FieldError, fields as field, type PromptField } from '@mooring/contract'
import { z } from 'zod'
import { MooringError } from '../errors.ts'
import { isObject } from './answer.ts'
import { dots, everyRequest } from './description.ts'
import { type Algorithm, algorithms, signature } from './jws.ts'
import { encodings, readKey, type SigningKey } from './jwt/key.ts'
import { keyText } from './pem.ts'
import { readPrompt } from './prompt.ts'
import { setHeader, setParameter } from './request.ts'
import { askedOnce, choice, fillIn, lineText, optional, ownHeaderName, preset, promptKey } from './rules.ts'
import { defineScheme } from './scheme.ts'

const prompts = z
  .array(
    z.strictObject({
      key: promptKey
        .refine((key) => key !== 'key', { error: 'The signing key is asked for under this key; use another.' })
        .meta({ title: 'Key', description: 'What {key} stands for in a claim.', form: { example: 'issuerId' } }),
      label: field.parameterName.meta({ title: 'Label', form: { example: 'Issuer ID' } }),
    }),
  )
  .max(10, 'Ask for at most 10 values.')
  .superRefine(askedOnce)

const claimName = field.text({ max: 200, all: [/^[^\p{Cc}\p{Cs}]*$/u, 'Remove the control characters.'] })
const secretAlgorithms = ['HS256', 'HS384', 'HS512']
const onService = { field: 'keySource', in: ['service'] }

const fields = z.strictObject({
  algorithm: preset(choice(algorithms), 'HS256').meta({
    title: 'Algorithm',
    description: 'How the token is signed: HS with a shared secret, the others with a private key.',
  }),
  keySource: preset(choice(['connection', 'service']), 'connection').meta({
    title: 'Key From',
    description: 'Who has the signing key.',
    form: {
      choices: {
        connection: ['Each connection', 'Asked of whoever connects'],
        service: ['The service', 'One key, such as that of an app of your own'],
      },
    },
  }),
  key: optional(keyText).meta({
    title: 'Key',
    description: 'A secret, the PEM of a private key, a JWK, or the JSON file of a service account.',
    secret: true,
    form: { required: true, shownWhen: onService },
  }),
  keyEncoding: preset(choice(encodings), 'text').meta({
    title: 'Key Encoding',
    description: 'How a secret is written.',
    form: {
      choices: { text: 'As it is', base64: 'Base64', hex: 'Hexadecimal' },
      shownWhen: { field: 'algorithm', in: secretAlgorithms },
    },
  }),
  keyId: optional(lineText).meta({
    title: 'Key ID',
    description: 'The kid of the header. Empty: what the key calls itself, if anything.',
    form: { example: '{keyId}' },
  }),
  prompts: preset(prompts, []).meta({
    title: 'Asked For',
    description: 'What whoever connects fills in besides the key, for the claims and the Key ID.',
  }),
  claims: preset(z.record(claimName, lineText), {}).meta({
    title: 'Claims',
    description:
      'Such as iss, sub and aud. {key} is what was asked for under that key; a value written as JSON ([…], {"…"}) is sent as JSON. iat and exp are added.',
  }),
  lifetimeSeconds: preset(field.wholeNumber(5, 31_536_000, 'seconds'), 300).meta({
    title: 'Lifetime',
    description: 'From now to exp. Many APIs take no more than 600 or 1200.',
    form: { unit: 'seconds' },
  }),
  backdateSeconds: preset(field.wholeNumber(0, 300, 'seconds'), 0).meta({
    title: 'Backdate',
    description: 'How far iat (and nbf) lie in the past, for APIs whose clock is behind.',
    advanced: true,
    form: { unit: 'seconds' },
  }),
  issuedAt: preset(z.boolean(), true).meta({ title: 'iat', description: 'Say when it was made.', advanced: true }),
  notBefore: preset(z.boolean(), false).meta({
    title: 'nbf',
    description: 'Say from when it is good.',
    advanced: true,
  }),
  tokenId: preset(z.boolean(), false).meta({
    title: 'jti',
    description: 'Give each token an id of its own.',
    advanced: true,
  }),
  reuse: preset(z.boolean(), true).meta({
    title: 'Reuse',
    description: 'Send the same token until a quarter of its life is left. Off: a new one for each request.',
    advanced: true,
  }),
  headerParameters: preset(z.record(claimName, lineText), {}).meta({
    title: 'Header Parameters',
    description: 'Added to the header of the token, or put in the place of typ.',
    advanced: true,
  }),
  sendIn: preset(choice(['header', 'query']), 'header').meta({
    title: 'Parameter Location',
    description: 'Where the token travels on each request.',
    form: { choices: { header: 'Header', query: 'Query String' } },
  }),
  sendAs: preset(field.parameterKey, 'Authorization').meta({
    title: 'Parameter Key',
    description: 'The header or parameter that carries the token.',
  }),
  prefix: field.tokenPrefix.default('Bearer').meta({
    title: 'Token Prefix',
    description: 'Put before the token with a space between; empty for none.',
    form: { shownWhen: { field: 'sendIn', in: ['header'] } },
  }),
})

type Definition = z.output<typeof fields>
const presets: Definition = fields.parse({})

const credential = z.object({ values: z.record(z.string(), z.string()) })
type Values = z.output<typeof credential>['values']

/** Decided by the algorithm and the fields above. */
const ourClaims = new Set(['iat', 'exp', 'nbf'])
const ourParameters = new Set(['alg', 'kid'])

function check(given: Partial<Definition>, stage: 'draft' | 'ready'): FieldError[] {
  const { keySource, key, algorithm, keyEncoding, claims, headerParameters, sendIn, sendAs } = { ...presets, ...given }
  const errors: FieldError[] = []
  const add = (path: string, code: string, message: string): void => void errors.push({ path, code, message })
  if (keySource === 'service' && key === null && stage === 'ready') add('key', 'required', 'Fill this in.')
  if (keySource === 'service' && key !== null) {
    const read = readKey(key, algorithm, keyEncoding)
    if (typeof read === 'string') add('key', 'invalid_format', read)
  }
  for (const name of Object.keys(claims).filter((each) => ourClaims.has(each)))
    add(`claims.${name}`, 'reserved', `Remove ${name}: the fields below decide about it.`)
  for (const name of Object.keys(headerParameters).filter((each) => ourParameters.has(each)))
    add(`headerParameters.${name}`, 'reserved', `Remove ${name}: Algorithm and Key ID decide about it.`)
  if (sendIn === 'header' && !ownHeaderName.safeParse(sendAs).success)
    add('sendAs', 'invalid_format', 'Use letters, digits and hyphens, and no header that the connection decides about.')
  return errors
}

/** What a claim is sent as: JSON where it is written so, else text. */
function claimValue(template: string, values: Values): unknown {
  if (/^\s*(\[|\{\s*")/.test(template)) {
    try {
      return filled(JSON.parse(template), values)
    } catch {
      // Not JSON after all.
    }
  }
  return fillIn(template, values)
}

function filled(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return fillIn(value, values)
  if (Array.isArray(value)) return value.map((each) => filled(each, values))
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, filled(v, values)])) : value
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')
}

interface Signer {
  algorithm: Algorithm
  signingKey: SigningKey
  header: string
  claims: Record<string, unknown>
  definition: Definition
}

/** The compact serialization (RFC 7515 section 7.1). `now` in milliseconds; the times inside are whole seconds. */
function token({ algorithm, signingKey, header, claims, definition }: Signer, now: number): string {
  const { issuedAt, notBefore, backdateSeconds, lifetimeSeconds, tokenId } = definition
  const at = Math.floor(now / 1000)
  const payload = base64url({
    ...claims,
    ...(issuedAt ? { iat: at - backdateSeconds } : {}),
    ...(notBefore ? { nbf: at - backdateSeconds } : {}),
    exp: at + lifetimeSeconds,
    ...(tokenId ? { jti: randomUUID() } : {}),
  })
  return `${header}.${payload}.${signature(algorithm, signingKey.key, `${header}.${payload}`)}`
}

/** Makes tokens; reads the key once. */
function tokens(definition: Definition, values: Values): (now: number) => string {
  const { algorithm, keySource, keyEncoding, keyId, claims, headerParameters, lifetimeSeconds, reuse } = definition
  const signingKey = readKey((keySource === 'service' ? definition.key : values['key']) ?? '', algorithm, keyEncoding)
  if (typeof signingKey === 'string') {
    return () => {
      throw new MooringError('validation_failed', { detail: signingKey, hint: 'Connect again with the right key.' })
    }
  }
  const kid = keyId === null ? signingKey.id : fillIn(keyId, values)
  const texts = (map: Record<string, string>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(map).map(([name, template]) => [name, claimValue(template, values)]))
  const header = base64url({
    alg: algorithm,
    typ: 'JWT',
    ...texts(headerParameters),
    ...(kid === undefined ? {} : { kid }),
  })
  const signer: Signer = { algorithm, signingKey, header, claims: texts(claims), definition }
  let last: { token: string; from: number; until: number } | undefined
  return (now) => {
    if (!reuse) return token(signer, now)
    // A clock that was put back makes a new one as well: the last would be from the future.
    if (last === undefined || now >= last.until || now < last.from)
      last = { token: token(signer, now), from: now, until: now + lifetimeSeconds * 750 }
    return last.token
  }
}

export const jwt = defineScheme<Definition, z.output<typeof credential>>({
  type: 'jwt',
  title: 'Signed JWT',
  summary: 'A token that is signed here with a secret or a private key and sent on every call.',
  fields,
  credential,
  scopes: false,
  check,
  headerNames: ({ sendIn, sendAs }) => ((sendIn ?? 'header') === 'header' && sendAs !== undefined ? [sendAs] : []),
  flow: () => 'prompt',
  prompt({ keySource, algorithm, prompts: asked }): PromptField[] {
    const label = secretAlgorithms.includes(algorithm) ? 'Secret' : 'Private key'
    const help = secretAlgorithms.includes(algorithm)
      ? {}
      : { help: 'PEM, a JWK, or the JSON file of a service account.' }
    return [
      ...asked.map(({ key, label: name }) => ({ key, label: name, secret: false, required: true })),
      ...(keySource === 'connection' ? [{ key: 'key', label, secret: true, required: true, ...help }] : []),
    ]
  },
  read(definition, values) {
    const { key, ...others } = values
    const asked = this.prompt(definition)
    const isKey = (one: PromptField): boolean => one.key === 'key' && definition.keySource === 'connection'
    const rest = readPrompt(
      asked.filter((one) => !isKey(one)),
      others,
      field.unicodeCredential,
    )
    const own = readPrompt(asked.filter(isKey), key === undefined ? {} : { key }, keyText)
    const errors = [rest, own].flatMap((read) => ('errors' in read ? read.errors : []))
    if ('values' in own && own.values['key'] !== undefined) {
      const signingKey = readKey(own.values['key'], definition.algorithm, definition.keyEncoding)
      if (typeof signingKey === 'string') errors.push({ path: 'key', code: 'invalid_format', message: signingKey })
    }
    if (errors.length > 0 || 'errors' in rest || 'errors' in own) return { errors }
    const all = { ...rest.values, ...own.values }
    return { grant: { credential: { values: all }, expiresAt: null, grantedScopes: null, account: null, notes: [] } }
  },
  apply(definition, { values }) {
    const { sendIn, sendAs } = definition
    const next = tokens(definition, values)
    const prefix = definition.prefix.trimEnd()
    const name = sendAs.toLowerCase()
    return {
      inject(request, now) {
        const made = next(now)
        if (sendIn === 'query') setParameter(request.url, sendAs, made)
        else setHeader(request, name, prefix === '' ? made : `${prefix} ${made}`)
      },
      headers: sendIn === 'header' ? [name] : [],
      parameters: sendIn === 'query' ? [sendAs] : [],
      bodyUse: 'none',
    }
  },
  describe(given, outlook) {
    const { algorithm, keyId, claims, sendIn, sendAs, prefix, lifetimeSeconds } = { ...presets, ...given }
    const shown = prefix.trimEnd()
    const made = `<JWT ${dots}>`
    const carried = everyRequest(
      outlook,
      sendIn === 'query'
        ? { query: [`${sendAs}=${made}`] }
        : { headers: [`${sendAs}: ${shown === '' ? '' : `${shown} `}${made}`] },
    )
    const header = JSON.stringify({ alg: algorithm, typ: 'JWT', ...(keyId === null ? {} : { kid: keyId }) })
    const payload = { ...claims, exp: `now + ${lifetimeSeconds} s` }
    return [{ title: 'Token', lines: [header, JSON.stringify(payload)] }, carried]
  },
})
