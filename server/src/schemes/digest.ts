/** Digest (RFC 7616): a user name and a password that are never sent, but proven for each request to who has challenged. */
import { randomBytes } from 'node:crypto'
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { MooringError } from '../errors.ts'
import { dots, everyRequest } from './description.ts'
import { type Challenge, digestChallenge, parametersOf } from './digest/challenge.ts'
import { type Answering, authorization } from './digest/response.ts'
import { readPrompt } from './prompt.ts'
import { header, setHeader } from './request.ts'
import { choice, preset } from './rules.ts'
import { type Applied, defineScheme, type OutgoingRequest } from './scheme.ts'

const fields = z.strictObject({
  usernameName: preset(field.parameterName, 'Username').meta({
    title: 'User Name Label',
    description: 'What whoever connects is asked for first.',
  }),
  passwordName: preset(field.parameterName, 'Password').meta({
    title: 'Password Label',
    description: 'What whoever connects is asked for second.',
  }),
  weakest: preset(choice(['MD5', 'SHA-256']), 'MD5').meta({
    title: 'Weakest Hash',
    description: 'A challenge with a weaker one is not answered.',
    advanced: true,
    form: { choices: { MD5: ['MD5', 'As most APIs with Digest use it'], 'SHA-256': ['SHA-256', 'Or SHA-512-256'] } },
  }),
  integrity: preset(z.boolean(), false).meta({
    title: 'Protect Bodies',
    description:
      'Where the API offers it, the proof covers the body too (auth-int): bodies are read before they are sent.',
    advanced: true,
  }),
})
type Definition = z.output<typeof fields>

const credential = z.object({ username: z.string(), password: z.string() })
type Credential = z.output<typeof credential>

/** Hosts whose challenges are remembered for one credential. */
const remembered = 32

/** What an origin has asked for, and how far its nonce has been used. */
interface Known {
  challenge: Challenge
  count: number
  /** Of `-sess`, for as long as the nonce is used. */
  cnonce: string
  /** Whether the API has taken an answer with this nonce. */
  accepted: boolean
}

function apply({ weakest, integrity }: Definition, held: Credential): Applied {
  const origins = new Map<string, Known>()
  const learn = (origin: string, challenge: Challenge, accepted: boolean): void => {
    origins.delete(origin)
    const [oldest] = origins.keys()
    if (oldest !== undefined && origins.size >= remembered) origins.delete(oldest)
    origins.set(origin, { challenge, count: 0, cnonce: nonceOfOurs(), accepted })
  }
  return {
    inject(request) {
      const known = origins.get(request.url.origin)
      // The first request goes without; its answer says how the others go.
      if (known === undefined) return
      known.count++
      const { challenge, count } = known
      const { url, method, body } = request
      const qop = qopOf(challenge, integrity, body)
      const answering: Answering = {
        ...held,
        method,
        uri: url.pathname + url.search,
        count,
        cnonce: challenge.session ? known.cnonce : nonceOfOurs(),
        qop,
        body: body ?? new Uint8Array(),
      }
      const value = authorization(challenge, answering)
      setHeader(request, 'authorization', value)
      // It holds bytes already: what the API sent goes back as it came.
      request.headers[request.headers.length - 1] = value
    },
    challenged({ status, headers }, request) {
      const { origin } = request.url
      const known = origins.get(origin)
      const used = usedNonce(request)
      if (status !== 401) {
        if (known === undefined || used !== known.challenge.nonce) return false
        known.accepted = true
        const next = valuesOf(headers, 'authentication-info').map((value) => parametersOf(value).get('nextnonce'))[0]
        if (next !== undefined) learn(origin, { ...known.challenge, nonce: next }, true)
        return false
      }
      // Another request has learnt a newer one meanwhile.
      if (known !== undefined && used !== undefined && used !== known.challenge.nonce) return true
      const challenge = digestChallenge(
        valuesOf(headers, 'www-authenticate'),
        (hash) => weakest === 'MD5' || hash !== 'MD5',
      )
      if (challenge === undefined) return false
      const wasGood = known?.accepted === true
      learn(origin, challenge, false)
      // A fresh nonce that was refused is a wrong password; one that has served has run out, whether it is said or not.
      return used === undefined || challenge.stale || wasGood
    },
    headers: ['authorization'],
    parameters: [],
    bodyUse: integrity ? 'bytes' : 'none',
  }
}

function nonceOfOurs(): string {
  return randomBytes(16).toString('base64url')
}

function qopOf({ qop }: Challenge, integrity: boolean, body: OutgoingRequest['body']): Answering['qop'] {
  if (qop.length === 0) return undefined
  const offersAuth = qop.includes('auth')
  if (offersAuth && (!integrity || !qop.includes('auth-int') || body === undefined)) return 'auth'
  if (body !== undefined) return 'auth-int'
  throw new MooringError('validation_failed', {
    detail: 'This API wants a proof that covers the body (auth-int), and the body was not read.',
    hint: integrity ? 'Send a shorter body.' : 'Turn on Protect Bodies in the service.',
  })
}

/** The nonce that a request as it went out answers; undefined where it went without. */
function usedNonce(request: OutgoingRequest): string | undefined {
  const value = header(request, 'authorization')
  return value === undefined ? undefined : /\bnonce="([^"]*)"/.exec(value)?.[1]
}

function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.flatMap((value, index) =>
    index % 2 === 1 && headers[index - 1]?.toLowerCase() === name ? [value] : [],
  )
}

export const digest = defineScheme<Definition, Credential>({
  type: 'digest',
  title: 'Digest',
  summary: 'A user name and a password, proven to the API without being sent (HTTP Digest).',
  fields,
  fixed: [{ name: 'location', title: 'Parameter Location', fixed: 'Header', before: 'usernameName' }],
  credential,
  scopes: false,
  flow: () => 'prompt',
  prompt: ({ usernameName, passwordName }) => [
    { key: 'username', label: usernameName, secret: false, required: true },
    { key: 'password', label: passwordName, secret: true, required: false },
  ],
  read(definition, values) {
    const read = readPrompt(this.prompt(definition), values, field.unicodeCredential)
    if ('errors' in read) return read
    const { username = '', password = '' } = read.values
    return {
      grant: { credential: { username, password }, expiresAt: null, grantedScopes: null, account: null, notes: [] },
    }
  },
  apply,
  describe: (_definition, outlook) => [
    everyRequest(outlook, {
      headers: [
        `Authorization: Digest username="…", realm="…", uri="…", nonce="…", response="${dots}" (once the API has challenged)`,
      ],
    }),
  ],
})
