/** OAuth 1.0a (R-110 … R-122; RFC 5849): a consumer key and secret, three requests to get a token or keys alone, every call signed. */
import { randomBytes } from 'node:crypto'
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { MooringError } from '../errors.ts'
import { accepted, accountOf, type Circumstance, type Step, unusable } from './oauth1/answer.ts'
import { check, type Definition, fields, hasToken } from './oauth1/definition.ts'
import { needsBody, parameterNames, prepareInjector, type Signing } from './oauth1/inject.ts'
import { percentEncode } from './oauth1/signature.ts'
import { described, dots, everyRequest, type Parts } from './description.ts'
import { readPrompt } from './prompt.ts'
import { formType, setParameter } from './request.ts'
import { defineScheme, type Description, type Exchange, type OutgoingRequest, type Outlook } from './scheme.ts'

const credential = z.object({
  token: z.string(),
  tokenSecret: z.string(),
  /** oauth_session_handle of the session extension, where the provider gave one. */
  sessionHandle: z.string().optional(),
})
type Token = z.output<typeof credential>

const existingGrant = [
  { key: 'token', label: 'Token', secret: true, required: true },
  { key: 'tokenSecret', label: 'Token Secret', secret: true, required: true },
]

export const oauth1 = defineScheme<Definition, Token>({
  type: 'oauth1',
  title: 'OAuth 1.0',
  summary: 'Every request is signed, with a key and mostly a token that a person grants at the provider.',
  fields,
  credential,
  scopes: false,
  flow: ({ flow }) => (flow === 'one_legged' ? 'prompt' : 'redirect'),
  prompt: (definition) => (definition.flow === 'one_legged' ? given(definition) : []),
  check,

  endpoints({ flow, requestTokenUrl, authorizationUrl, tokenUrl, revokeTokenUrl }) {
    if (flow === 'one_legged') return {}
    const named = Object.entries({ requestTokenUrl, authorizationUrl, tokenUrl, revokeTokenUrl })
    return Object.fromEntries(named.flatMap(([name, url]) => (url ? [[name, url]] : [])))
  },

  read(definition, values) {
    const read = readPrompt(given(definition), values, field.credential)
    if ('errors' in read) return read
    const { token = '', tokenSecret = '' } = read.values
    return {
      grant: {
        credential: { token, tokenSecret },
        expiresAt: null,
        grantedScopes: null,
        account: null,
        notes: [],
      },
    }
  },

  apply(definition, token) {
    const { parameterLocation, bodyHash } = definition
    const names = hasToken(definition) ? parameterNames : parameterNames.filter((name) => name !== 'oauth_token')
    return {
      inject: prepareInjector(definition, hasToken(definition) ? token : null, nonces()),
      headers: parameterLocation === 'header' ? ['authorization'] : [],
      parameters: parameterLocation === 'query' ? names : [],
      bodyUse: !needsBody(definition) ? 'none' : bodyHash && parameterLocation !== 'form' ? 'bytes' : 'form',
    }
  },

  async begin(definition, { callbackUrl }, exchange) {
    const {
      fields: answer,
      status,
      circumstance,
    } = await ask(definition, exchange, {
      step: 'request token',
      url: needed(definition.requestTokenUrl, 'Request Token URL'),
      token: null,
      extra: { oauth_callback: callbackUrl },
      parameters: definition.requestTokenParams,
    })
    const token = answer['oauth_token'] ?? ''
    if (token === '') throw unusable('no_request_token', status, circumstance)
    const url = new URL(needed(definition.authorizationUrl, 'Authorization URL'))
    for (const [name, value] of Object.entries(definition.authorizationParams)) setParameter(url, name, value)
    setParameter(url, 'oauth_token', token)
    return {
      authorizationUrl: url.href,
      correlation: token,
      kept: {
        token,
        tokenSecret: answer['oauth_token_secret'] ?? '',
        callbackConfirmed: answer['oauth_callback_confirmed'] === 'true' ? 'true' : 'false',
      },
    }
  },

  correlate: (parameters) => parameters.get('oauth_token') ?? parameters.get('denied'),

  async finish(definition, { parameters, kept }, exchange) {
    const { token = '', tokenSecret = '' } = kept
    const confirmed = kept['callbackConfirmed'] === 'true'
    const verifier = parameters.get('oauth_verifier') ?? ''
    if (verifier === '' || parameters.has('denied') || parameters.get('oauth_token') !== token) {
      throw notGranted(definition, confirmed || parameters.has('denied'))
    }
    const {
      fields: answer,
      status,
      circumstance,
    } = await ask(definition, exchange, {
      step: 'token',
      url: needed(definition.tokenUrl, 'Token URL'),
      token: { token, tokenSecret },
      extra: { oauth_verifier: verifier },
      parameters: {},
    })
    const granted = answer['oauth_token'] ?? ''
    if (granted === '') throw unusable('no_access_token', status, circumstance)
    const sessionHandle = answer['oauth_session_handle']
    const notes: string[] = []
    if (!confirmed) notes.push('The provider did not confirm the callback URL.')
    if (sessionHandle !== undefined) notes.push('The provider gave a session handle; it was kept.')
    return {
      credential: {
        token: granted,
        tokenSecret: answer['oauth_token_secret'] ?? '',
        ...(sessionHandle === undefined ? {} : { sessionHandle }),
      },
      // Tokens do not expire (RFC 5849 knows no lifetime) unless the session extension says when.
      expiresAt: endOf(answer['oauth_expires_in'], exchange.now()),
      grantedScopes: null,
      account: accountOf(answer),
      notes,
    }
  },

  async revoke(definition, token, exchange) {
    if (definition.revokeTokenUrl === null || definition.flow === 'one_legged') return 'not_configured'
    await ask(definition, exchange, {
      step: 'revocation',
      url: definition.revokeTokenUrl,
      token,
      extra: {},
      parameters: {},
    })
    return 'done'
  },

  describe(definition, outlook) {
    const { requestTokenUrl, authorizationUrl, authorizationParams, tokenUrl, revokeTokenUrl } = definition
    const own = hasToken(definition) ? ['oauth_token'] : []
    if (definition.flow === 'one_legged') return [everyRequest(outlook, signed(definition, own, outlook))]
    const post = (title: string, url: string, names: string[]): Description =>
      described(title, { method: 'POST', url }, signed(definition, names, outlook))
    return [
      post('Request token', requestTokenUrl ?? '<Request Token URL>', ['oauth_callback']),
      {
        title: 'Sign-in page',
        lines: [`GET ${withQuery(authorizationUrl ?? '<Authorization URL>', authorizationParams)}`],
      },
      post('Token', tokenUrl ?? '<Token URL>', ['oauth_token', 'oauth_verifier']),
      everyRequest(outlook, signed(definition, ['oauth_token'], outlook)),
      ...(revokeTokenUrl ? [post('Revoke', revokeTokenUrl, ['oauth_token'])] : []),
    ]
  },
})

/** What whoever connects gives, or whoever brings a grant from elsewhere. */
function given(definition: Definition): typeof existingGrant {
  return hasToken(definition) ? existingGrant : []
}

/** A field that a service cannot be ready without. */
function needed(value: string | null, title: string): string {
  if (value !== null) return value
  throw new MooringError('service_not_ready', { detail: `The service has no ${title}.` })
}

/** Nonces of 32 hexadecimal digits. Random bytes cost a call to the kernel, so 32 nonces share one. */
function nonces(): () => string {
  const size = 16
  let pool = Buffer.alloc(0)
  let next = 0
  return () => {
    if (next === pool.length) {
      pool = randomBytes(32 * size)
      next = 0
    }
    next += size
    return pool.toString('hex', next - size, next)
  }
}

/**
 * A callback without a verifier grants nothing: the person said no, or the provider speaks OAuth 1.0 of before 1.0a,
 * where whoever started the sign-in could be somebody else.
 */
function notGranted({ authorizationUrl }: Definition, current: boolean): MooringError {
  const again = 'Nothing was saved. Connect again to grant it.'
  const old =
    'If you did grant it: the provider sent no verifier, so it speaks OAuth 1.0 of before 1.0a, which is unsafe.'
  return new MooringError('provider_error', {
    detail: `Access was not granted at ${new URL(needed(authorizationUrl, 'Authorization URL')).host}.`,
    hint: current ? again : `${again} ${old}`,
    provider: { kind: 'denied', error: 'access_denied', description: null, status: null, retryAfterSeconds: null },
  })
}

interface Question {
  step: Step
  url: string
  token: Token | null
  /** Further protocol parameters. */
  extra: Record<string, string>
  /** Parameters that are not the protocol's. */
  parameters: Record<string, string>
}

/** One signed POST to the provider, and the fields of its answer. Throws MooringError where it refused. */
async function ask(
  definition: Definition,
  exchange: Exchange,
  { step: what, url, token, extra, parameters }: Question,
): Promise<{ fields: Record<string, string>; status: number; circumstance: Circumstance }> {
  const request: OutgoingRequest = { method: 'POST', url: new URL(url), headers: [], body: null }
  if (definition.parameterLocation === 'form') {
    const pairs = Object.entries(parameters).map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    request.headers.push('content-type', formType)
    request.body = Buffer.from(pairs.join('&'))
  } else {
    for (const [name, value] of Object.entries(parameters)) setParameter(request.url, name, value)
  }
  // There is no body to cover here, and providers do not expect its hash on these requests.
  const signing: Signing = { ...definition, bodyHash: false }
  const now = exchange.now()
  prepareInjector(signing, token, () => exchange.random(16), extra)(request, now)
  const response = await exchange.fetch(request.url, {
    method: request.method,
    headers: headersOf(request),
    body: request.body ? Buffer.from(request.body).toString('latin1') : null,
  })
  const { consumerKey, consumerSecret } = definition
  const secrets = [consumerKey, consumerSecret, extra['oauth_verifier'], ...Object.values(token ?? {})]
  const circumstance: Circumstance = {
    step: what,
    host: request.url.host,
    secrets: secrets.filter((value) => value !== undefined),
    now,
  }
  const answer = accepted(response, await response.text(), circumstance)
  return { fields: answer, status: response.status, circumstance }
}

function headersOf({ headers }: OutgoingRequest): Record<string, string> {
  const named: Record<string, string> = {}
  for (let index = 0; index < headers.length; index += 2) named[headers[index] ?? ''] = headers[index + 1] ?? ''
  return named
}

/** Milliseconds; null for what is no whole number of seconds, or longer than ten years. */
function endOf(seconds: string | undefined, now: number): number | null {
  if (seconds === undefined || !/^[1-9]\d{0,8}$/.test(seconds) || Number(seconds) > 315_360_000) return null
  return now + Number(seconds) * 1000
}

/** The protocol's parameters where the definition puts them. */
function signed(definition: Partial<Definition>, more: string[], { callbackUrl }: Outlook): Parts {
  const { signatureMethod = 'HMAC-SHA1', parameterLocation = 'header', realm = null } = definition
  const shown: [string, string][] = [
    ['oauth_consumer_key', dots],
    ...more.map((name): [string, string] => [name, name === 'oauth_callback' ? percentEncode(callbackUrl) : dots]),
    ['oauth_signature_method', signatureMethod],
    ['oauth_timestamp', '…'],
    ['oauth_nonce', '…'],
    ['oauth_version', '1.0'],
    ['oauth_signature', dots],
  ]
  const pairs = shown.map(([name, value]) => `${name}=${value}`)
  if (parameterLocation === 'query') return { query: pairs }
  if (parameterLocation === 'form') return { form: pairs }
  const quoted = [...(realm === null ? [] : [['realm', realm]]), ...shown].map(([name, value]) => `${name}="${value}"`)
  return { headers: [`Authorization: OAuth ${quoted.join(', ')}`] }
}

function withQuery(url: string, parameters: Record<string, string> = {}): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
  return `${url}${url.includes('?') ? '&' : '?'}${[...pairs, `oauth_token=${dots}`].join('&')}`
}
