/** Basic (R-080 … R-092): a user name and a password, in the Authorization header (RFC 7617) or in the query. */
import { argon2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { dots, everyRequest } from './description.ts'
import { readPrompt } from './prompt.ts'
import { setHeader, setParameter } from './request.ts'
import { defineScheme } from './scheme.ts'

/** No secret: it is kept and shown with the service. */
const constant = field
  .text({
    min: 0,
    max: 200,
    all: [/^[^\p{Cc}\p{Cs}]*$/u, 'Remove the control characters (line breaks and tabs count as such).'],
  })
  .optional()

const parameter = z.strictObject({
  name: field.parameterName.meta({
    title: 'Parameter Name',
    description: 'The label shown to whoever is asked for the value.',
  }),
  key: field.parameterKey.meta({
    title: 'Parameter Key',
    description: 'What the value is asked for under, and sent under where it goes in the query.',
  }),
  fixed: constant.meta({
    title: 'Fixed Value',
    description: 'A value that is the same for everybody, possibly empty: nobody is asked for it.',
    advanced: true,
    form: false,
  }),
  suffix: constant.meta({
    title: 'Suffix',
    description: 'Put behind the value that is asked for, such as /token.',
    advanced: true,
    form: false,
  }),
})
type Parameter = z.output<typeof parameter>

const userByDefault: Parameter = { name: 'Username', key: 'username' }
const passwordByDefault: Parameter = { name: 'Password', key: 'password' }

/** What is kept of expected values: salted hashes in base64, of which none, either or both may be there. */
interface Hashes {
  salt: string
  username?: string | undefined
  password?: string | undefined
}

/**
 * Argon2id (RFC 9106) at one of the strengths the OWASP Password Storage Cheat Sheet calls equal: 7 MiB and 5 passes
 * take some 50 ms once a connect.
 */
function hash(value: string, salt: Buffer): Buffer {
  return argon2Sync('argon2id', { message: value, nonce: salt, parallelism: 1, tagLength: 32, memory: 7168, passes: 5 })
}

const saltPattern = /^[A-Za-z0-9+/]{22}==$/
const hashPattern = /^[A-Za-z0-9+/]{43}=$/

/**
 * Takes `{username?, password?}` in plain and gives hashes, so that nothing past the parser ever holds the values. What
 * already has a `salt` is hashed and passes as it is: a stored definition is parsed again at every use.
 */
const expected = z
  .strictObject({
    username: field.unicodeCredential.optional().meta({ title: 'User Name', secret: true }),
    password: field.unicodeCredential.optional().meta({ title: 'Password', secret: true }),
    salt: z.string().regex(saltPattern, 'Leave this out; it is made here.').optional().meta({ form: false }),
  })
  .superRefine(({ salt, username, password }, context) => {
    if (salt === undefined) return
    for (const [key, value] of Object.entries({ username, password })) {
      if (value === undefined || hashPattern.test(value)) continue
      const message = 'Give the plain value without a salt.'
      context.addIssue({ code: 'custom', path: [key], message, params: { code: 'invalid_format' } })
    }
  })
  .transform(({ salt, username, password }): Hashes | null => {
    if (username === undefined && password === undefined) return null
    if (salt !== undefined) return { salt, username, password }
    const fresh = randomBytes(16)
    const hashed = (value: string | undefined): string | undefined =>
      value === undefined ? undefined : hash(value, fresh).toString('base64')
    return { salt: fresh.toString('base64'), username: hashed(username), password: hashed(password) }
  })

/** Compares in constant time; true where nothing is expected. */
function matches(value: string, wanted: string | undefined, salt: string): boolean {
  if (wanted === undefined) return true
  return timingSafeEqual(hash(value, Buffer.from(salt, 'base64')), Buffer.from(wanted, 'base64'))
}

const fields = z.strictObject({
  delivery: z
    .enum(['header', 'query'], { error: 'Use header or query.' })
    .default('header')
    .meta({
      title: 'Delivery',
      description: 'Where the user name and the password travel.',
      form: {
        choices: {
          header: ['In the Authorization header', 'Both together, encoded, as most APIs ask'],
          query: ['In the query string', 'Each under its own key, readable in the URL'],
        },
      },
    }),
  parameters: z
    .array(parameter)
    .length(2, 'Give two parameters: the user name and the password, in this order.')
    .superRefine((parameters, context) => {
      if (parameters.length !== 2 || parameters[0]?.key !== parameters[1]?.key) return
      const message = 'Give the password another key than the user name.'
      context.addIssue({ code: 'custom', path: [1, 'key'], message, params: { code: 'duplicate' } })
    })
    .default([userByDefault, passwordByDefault])
    .meta({ title: 'Parameters', description: 'The user name, then the password: how each is asked for and sent.' }),
  expected: expected.nullable().default(null).meta({
    title: 'Expected Values',
    description: 'Where set, connecting succeeds only with these values. Kept as a salted hash, never shown again.',
    secret: true,
    advanced: true,
  }),
})

const credential = z.object({ username: z.string(), password: z.string() })

function userAndPassword(parameters: Parameter[] | undefined): { user: Parameter; secret: Parameter } {
  const [user = userByDefault, secret = passwordByDefault] = parameters ?? []
  return { user, secret }
}

export const basic = defineScheme<z.output<typeof fields>, z.output<typeof credential>>({
  type: 'basic',
  title: 'Basic',
  summary: 'A user name and a password, in the Authorization header or in the query string.',
  fields,
  fixed: [
    {
      name: 'location',
      title: 'Parameter Location',
      fixed: 'Header',
      before: 'parameters',
      shownWhen: { field: 'delivery', in: ['header'] },
    },
    {
      name: 'queryLocation',
      title: 'Parameter Location',
      fixed: 'Query String',
      before: 'parameters',
      shownWhen: { field: 'delivery', in: ['query'] },
    },
  ],
  credential,
  scopes: false,
  flow: () => 'prompt',
  check({ parameters = [] }) {
    const { user, secret } = userAndPassword(parameters)
    if (user.fixed === undefined || secret.fixed === undefined) return []
    const message = 'Leave one of the two to be asked for; a service holds no credential of its own.'
    return [{ path: 'parameters.1.fixed', code: 'not_allowed', message }]
  },
  prompt(definition) {
    const { user, secret } = userAndPassword(definition.parameters)
    return [
      // With a password that everybody has, the user name is the credential: some APIs take a key in its place.
      { key: user.key, label: user.name, secret: secret.fixed !== undefined, required: true },
      // RFC 7617 allows an empty password.
      { key: secret.key, label: secret.name, secret: true, required: user.fixed !== undefined },
    ].filter(({ key }) => (key === user.key ? user : secret).fixed === undefined)
  },
  read(definition, values) {
    const { user, secret } = userAndPassword(definition.parameters)
    const read = readPrompt(this.prompt(definition), values, field.unicodeCredential)
    if ('errors' in read) return read
    const username = user.fixed ?? `${read.values[user.key] ?? ''}${user.suffix ?? ''}`
    const password = secret.fixed ?? `${read.values[secret.key] ?? ''}${secret.suffix ?? ''}`
    if (definition.delivery === 'header' && username.includes(':')) {
      // RFC 7617 section 2: the first colon ends the user name, so the server would read another one.
      const message = `Remove the colon from ${user.name}: it would end there (RFC 7617).`
      return { errors: [{ path: user.key, code: 'invalid_format', message }] }
    }
    if (definition.expected) {
      const { salt, ...wanted } = definition.expected
      // Both are compared whatever the first one says, and the answer does not tell which was wrong.
      const right = [matches(username, wanted.username, salt), matches(password, wanted.password, salt)]
      if (right.includes(false)) {
        const path = wanted.password === undefined ? user.key : secret.key
        const message = `${user.name} and ${secret.name} are not the ones this service expects.`
        return { errors: [{ path, code: 'mismatch', message }] }
      }
    }
    return {
      grant: { credential: { username, password }, expiresAt: null, grantedScopes: null, account: null, notes: [] },
    }
  },
  apply({ delivery, parameters }, { username, password }) {
    if (delivery === 'header') {
      const value = `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
      return {
        inject: (request) => setHeader(request, 'authorization', value),
        headers: ['authorization'],
        parameters: [],
        bodyUse: 'none',
      }
    }
    const { user, secret } = userAndPassword(parameters)
    return {
      inject({ url }) {
        setParameter(url, user.key, username)
        setParameter(url, secret.key, password)
      },
      headers: [],
      parameters: [user.key, secret.key],
      bodyUse: 'none',
    }
  },
  describe({ delivery = 'header', parameters }, outlook) {
    if (delivery === 'header') return [everyRequest(outlook, { headers: [`Authorization: Basic ${dots}`] })]
    const { user, secret } = userAndPassword(parameters)
    return [everyRequest(outlook, { query: [`${user.key}=${dots}`, `${secret.key}=${dots}`] })]
  },
})
