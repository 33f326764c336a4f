/**
 * A session: signing in with a request of the service's own (user name and password for a token or cookies), what it
 * gives sent on calls, and signing in again when it has ended.
 */
import { type FieldError, fields as field } from '@mooring/contract'
import { z } from 'zod'
import { MooringError, type ProviderFailureKind } from '../errors.ts'
import { type Answer, readAnswer, valueAt } from './answer.ts'
import { described, dots, everyRequest } from './description.ts'
import { readPrompt } from './prompt.ts'
import {
  cookieValue,
  formType,
  percentEncode,
  retryAfterSeconds,
  setCookie,
  setHeader,
  setParameter,
} from './request.ts'
import { placeholdersIn } from './placeholders.ts'
import { fillIn, ownHeaderName } from './rules.ts'
import { cookiesOf } from './session/cookie.ts'
import { type Definition, fields, presets } from './session/definition.ts'
import { type Applied, defineScheme, type Exchange, type Grant, type OutgoingRequest } from './scheme.ts'

const credential = z.object({
  /** What was typed, by key. */
  values: z.record(z.string(), z.string()),
  /** What the sign-in gave; absent before it. */
  token: z.string().optional(),
  cookies: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
})
type Credential = z.output<typeof credential>

function check(given: Partial<Definition>, stage: 'draft' | 'ready'): FieldError[] {
  const definition = { ...presets, ...given }
  const { signInUrl, signInMethod, signInFormat, signInFields, tokenIn, tokenHeader, sendIn, sendAs } = definition
  const errors: FieldError[] = []
  const add = (path: string, code: string, message: string): void => void errors.push({ path, code, message })
  if (signInMethod === 'GET' && (signInFormat === 'json' || signInFormat === 'form'))
    add('signInMethod', 'invalid_value', 'A GET carries no body. Use POST, or query or basic as the format.')
  if (tokenIn !== 'cookies' && sendIn !== 'query' && !field.httpToken.test(sendAs))
    add('sendAs', 'invalid_format', `The name of a ${sendIn} is made of letters, digits and hyphens.`)
  if (tokenIn !== 'cookies' && sendIn === 'header' && !ownHeaderName.safeParse(sendAs).success)
    add('sendAs', 'reserved', 'Mooring sets this header itself; choose another.')
  if (tokenIn !== 'cookies' && sendIn === 'cookie' && !cookieValue.test(definition.sendFormat))
    add(
      'sendFormat',
      'invalid_format',
      'A cookie holds no spaces, quotes, commas and semicolons: {token} alone will do.',
    )
  if (stage === 'draft') return errors
  if (signInUrl === null) add('signInUrl', 'required', 'Fill this in.')
  if (tokenIn === 'header' && tokenHeader === null) add('tokenHeader', 'required', 'Fill this in.')
  if (signInFormat === 'basic') {
    if (definition.prompts.length < 2)
      add('prompts', 'too_small', 'HTTP Basic takes two values: a user name and a password.')
    return errors
  }
  const used = new Set(
    [signInFields, definition.signInHeaders].flatMap((map) => Object.values(map).flatMap(placeholdersIn)),
  )
  for (const { key, label } of definition.prompts) {
    if (!used.has(key)) add('signInFields', 'unused', `Write {${key}} where ${label} goes, or do not ask for it.`)
  }
  return errors
}

interface SignInRequest {
  url: URL
  method: string
  headers: Record<string, string>
  body: string | null
}

function signInRequest(definition: Definition, values: Record<string, string>, url: URL): SignInRequest {
  const { signInMethod: method, signInFormat: format, signInFields, signInHeaders } = definition
  const filled = Object.entries(signInFields).map(([name, template]): [string, string] => [
    name,
    fillIn(template, values),
  ])
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'Mooring' }
  let body: string | null = null
  if (format === 'json') {
    headers['content-type'] = 'application/json'
    body = JSON.stringify(nested(filled))
  } else if (format === 'form') {
    headers['content-type'] = formType
    body = filled.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&')
  } else if (format === 'query') for (const [name, value] of filled) setParameter(url, name, value)
  else {
    const [user = '', password = ''] = definition.prompts.map(({ key }) => values[key] ?? '')
    headers['authorization'] = `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`
  }
  for (const [name, template] of Object.entries(signInHeaders)) headers[name.toLowerCase()] = fillIn(template, values)
  return { url, method, headers, body }
}

interface Tree {
  [name: string]: string | Tree
}

/** Without what objects inherit, so that any name is only a name. */
function bare(): Tree {
  const tree: Tree = {}
  Object.setPrototypeOf(tree, null)
  return tree
}

/** `auth.user.name` becomes an object in an object. */
function nested(pairs: [path: string, value: string][]): Tree {
  const root = bare()
  for (const [path, value] of pairs) {
    const steps = path.split('.')
    const last = steps.pop() ?? ''
    let place = root
    for (const step of steps) {
      const inner = place[step]
      const next = typeof inner === 'object' ? inner : bare()
      place[step] = next
      place = next
    }
    place[last] = value
  }
  return root
}

async function signIn(
  definition: Definition,
  { values }: Credential,
  exchange: Exchange,
  moment: 'connect' | 'renew',
): Promise<Grant<Credential>> {
  if (definition.signInUrl === null)
    throw new MooringError('service_not_ready', { detail: 'The service has no Sign-In URL.' })
  const { url, ...init } = signInRequest(definition, values, new URL(definition.signInUrl))
  const now = exchange.now()
  const answer = await readAnswer(await exchange.fetch(url, init), url.host)
  const cookies = cookiesOf(answer.headers, now)
  demandAccepted(answer, url.host, definition.tokenIn === 'cookies' && cookies.length > 0, moment, now)
  const wanted = cookies.filter(
    ({ name }) => definition.cookieNames.length === 0 || definition.cookieNames.includes(name),
  )
  const token = tokenOf(definition, answer)
  if (definition.tokenIn === 'cookies' ? wanted.length === 0 : token === undefined) {
    const where = {
      json: `the field ${definition.tokenPath}`,
      header: `the header ${definition.tokenHeader}`,
      cookies: 'its cookies',
    }[definition.tokenIn]
    throw failed(moment === 'connect' ? 'configuration' : 'transient', 'no_session', answer.status, {
      detail: `${url.host} answered the sign-in with ${answer.status}, and no session was found in ${where}.`,
      hint: 'Is Session In right? Some APIs also answer wrong values this way.',
    })
  }
  const ends = wanted.flatMap(({ expiresAt }) => expiresAt ?? [])
  return {
    credential: {
      values,
      ...(definition.tokenIn === 'cookies'
        ? { cookies: wanted.map(({ name, value }) => ({ name, value })) }
        : { token: token ?? '' }),
    },
    expiresAt:
      endOf(definition.lifetimePath === null ? undefined : valueAt(answer.fields, definition.lifetimePath), now) ??
      (definition.lifetimeSeconds === null ? null : now + definition.lifetimeSeconds * 1000) ??
      (definition.tokenIn === 'cookies' && ends.length > 0 ? Math.min(...ends) : null),
    grantedScopes: null,
    account: null,
    notes: [],
  }
}

/** Throws MooringError where the sign-in was refused. A form for people answers a good one with a redirect. */
function demandAccepted(answer: Answer, host: string, gaveCookies: boolean, moment: 'connect' | 'renew', now: number) {
  const { status, headers } = answer
  if ((status >= 200 && status < 300) || (status >= 300 && status < 400 && gaveCookies)) return
  const detail = `${host} answered the sign-in with ${status}.`
  if ([400, 401, 403, 422].includes(status))
    throw failed('permanent', 'sign_in_refused', status, {
      ...(moment === 'connect' ? { title: `${host} refused the sign-in` } : {}),
      detail,
      hint: 'The values are wrong, have expired, or the account is locked: check them and enter them again.',
    })
  const transient = status === 408 || status === 429 || status >= 500
  const seconds = transient ? retryAfterSeconds(headers.get('retry-after') ?? '', now) : undefined
  throw failed(
    transient || moment === 'renew' ? 'transient' : 'configuration',
    transient ? 'server_error' : 'http_error',
    status,
    { detail, hint: transient ? undefined : 'Are the Sign-In URL and the Sign-In Method right?' },
    seconds === undefined ? null : Math.min(Math.max(0, Math.ceil(seconds)), 86_400),
  )
}

function failed(
  kind: ProviderFailureKind,
  error: string,
  status: number,
  told: { title?: string; detail: string; hint: string | undefined },
  retryAfter: number | null = null,
): MooringError {
  const provider = { kind, error, description: null, status, retryAfterSeconds: retryAfter }
  return new MooringError(kind === 'permanent' ? 'credentials_rejected' : 'provider_error', { ...told, provider })
}

/** A token fit to be sent on; a number is one too. */
function tokenOf({ tokenIn, tokenPath, tokenHeader }: Definition, { fields: body, headers, text }: Answer) {
  const found =
    tokenIn === 'header'
      ? headers.get(tokenHeader ?? '')
      : tokenIn === 'json'
        ? (valueAt(body, tokenPath) ?? bareToken(text))
        : null
  const token = typeof found === 'number' ? String(found) : found
  return typeof token === 'string' && token !== '' && !/[\p{Cc}\p{Cs}]/u.test(token) ? token : undefined
}

/** Some answer with nothing but the token, as a JSON string. */
function bareToken(text: string): unknown {
  return /^\s*"[^"\\]+"\s*$/.test(text) ? JSON.parse(text) : undefined
}

const tenYears = 315_360_000

/** Milliseconds. Seconds from now, seconds or milliseconds since 1970 (told by their size), or a written time. */
function endOf(value: unknown, now: number): number | null {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : NaN
  if (number > 0) return number <= tenYears ? now + number * 1000 : number < 1e11 ? number * 1000 : number
  const at = typeof value === 'string' ? Date.parse(value) : NaN
  return Number.isNaN(at) ? null : at
}

function apply({ tokenIn, sendIn, sendAs, sendFormat }: Definition, { token, cookies }: Credential): Applied {
  const nothing = (): never => {
    throw new MooringError('connection_not_active', {
      detail: 'Nobody has signed in yet.',
      hint: 'Connect again: the sign-in request brings the session.',
    })
  }
  const inCookies = tokenIn === 'cookies'
  const headerName = sendAs.toLowerCase()
  const value = token === undefined ? undefined : sendFormat.split('{token}').join(token)
  const put: Record<Definition['sendIn'], (request: OutgoingRequest, text: string) => void> = {
    header: (request, text) => setHeader(request, headerName, text),
    query: (request, text) => setParameter(request.url, sendAs, text),
    cookie: (request, text) => setCookie(request, sendAs, text),
  }
  return {
    inject(request) {
      if (inCookies) for (const cookie of cookies ?? nothing()) setCookie(request, cookie.name, cookie.value)
      else put[sendIn](request, value ?? nothing())
    },
    headers: inCookies || sendIn === 'cookie' ? ['cookie'] : sendIn === 'header' ? [headerName] : [],
    parameters: !inCookies && sendIn === 'query' ? [sendAs] : [],
    bodyUse: 'none',
  }
}

async function signOut(
  definition: Definition,
  held: Credential,
  exchange: Exchange,
): Promise<'done' | 'not_configured'> {
  if (definition.signOutUrl === null || (held.token ?? held.cookies) === undefined) return 'not_configured'
  const request: OutgoingRequest = {
    method: definition.signOutMethod,
    url: new URL(definition.signOutUrl),
    headers: ['user-agent', 'Mooring'],
    body: null,
  }
  apply(definition, held).inject(request, exchange.now())
  const headers: Record<string, string> = {}
  for (let index = 0; index < request.headers.length; index += 2)
    headers[request.headers[index] ?? ''] = request.headers[index + 1] ?? ''
  const { status } = await exchange.fetch(request.url, { method: request.method, headers, body: null })
  // A session that is over already is signed out of.
  if (status < 400 || status === 401 || status === 404) return 'done'
  throw failed(status >= 500 ? 'transient' : 'configuration', 'http_error', status, {
    detail: `${request.url.host} answered the sign-out with ${status}.`,
    hint: 'Are the Sign-Out URL and its method right?',
  })
}

export const session = defineScheme<Definition, Credential>({
  type: 'session',
  title: 'Session',
  summary: 'A sign-in request gives a token or cookies, which are sent on every call and renewed by signing in again.',
  fields,
  credential,
  scopes: false,
  check,
  endpoints: ({ signInUrl, signOutUrl }) => ({
    ...(signInUrl ? { signInUrl } : {}),
    ...(signOutUrl ? { signOutUrl } : {}),
  }),
  headerNames: ({ tokenIn, sendIn, sendAs }) =>
    tokenIn !== 'cookies' && (sendIn ?? 'header') === 'header' && sendAs !== undefined ? [sendAs] : [],
  flow: () => 'prompt',
  prompt: (definition) => definition.prompts.map((asked) => ({ ...asked, required: true })),
  read(definition, values) {
    const read = readPrompt(this.prompt(definition), values, field.unicodeCredential)
    if ('errors' in read) return read
    return { grant: { credential: read, expiresAt: null, grantedScopes: null, account: null, notes: [] } }
  },
  complete: (definition, held, _scopes, exchange) => signIn(definition, held, exchange, 'connect'),
  apply,
  refreshable: () => true,
  refresh: (definition, held, _scopes, exchange) => signIn(definition, held, exchange, 'renew'),
  expired: ({ expiredWhen }, status) => expiredWhen.some((answer) => answer.status === status),
  revoke: signOut,
  describe(given, outlook) {
    const definition = { ...presets, ...given }
    const { sendIn, sendAs, tokenIn, signOutUrl } = definition
    const asked = Object.fromEntries(
      definition.prompts.map(({ key, label, secret }) => [key, secret ? dots : `<${label}>`]),
    )
    const { url, method, headers, body } = signInRequest(definition, asked, new URL('https://not-set.invalid/'))
    const { 'user-agent': _, accept: _accept, authorization, ...shown } = headers
    const readable = (text: string): string =>
      Object.values(asked).reduce((rest, word) => rest.replaceAll(percentEncode(word), word), text)
    const value = definition.sendFormat.split('{token}').join(dots)
    const pair = `${sendAs}=${value}`
    return [
      {
        title: 'Sign-in request',
        lines: [
          `${method} ${definition.signInUrl ?? '<Sign-In URL>'}${readable(url.search)}`,
          ...(authorization === undefined ? [] : [`authorization: Basic ${dots}`]),
          ...Object.entries(shown).map(([name, text]) => `${name}: ${text}`),
          ...(body === null ? [] : ['', readable(body)]),
        ],
      },
      everyRequest(
        outlook,
        tokenIn === 'cookies'
          ? { headers: [`Cookie: ${definition.cookieNames[0] ?? '<name>'}=${dots}`] }
          : sendIn === 'query'
            ? { query: [pair] }
            : { headers: [sendIn === 'cookie' ? `Cookie: ${pair}` : `${sendAs}: ${value}`] },
      ),
      ...(signOutUrl === null
        ? []
        : [described('Sign-out request', { method: definition.signOutMethod, url: signOutUrl }, {})]),
    ]
  },
})
