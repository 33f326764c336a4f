/** Tokens bound to a key (RFC 9449): the key, the proofs that we hold it, and the nonces that servers give. */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { setHeader } from '../request.ts'
import type { Applied, Exchange } from '../scheme.ts'
import { seconds } from './client_assertion.ts'
import { type Credential, credential } from './definition.ts'
import { publicJwk, signJwt } from './jwt.ts'

export type Binding = NonNullable<Credential['dpop']>

/** Servers whose nonces one credential remembers. */
const mostServers = 50

export function newBinding(): Binding {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { key: { ...privateKey.export({ format: 'jwk' }) } }
}

/** One that was kept as text. */
export function bindingIn(text: string): Binding {
  return credential.shape.dpop.unwrap().parse(JSON.parse(text))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** `dpop_jkt` (RFC 9449 section 10): the thumbprint of the key (RFC 7638), which binds the code to it too. */
export function thumbprint({ key }: Binding): string {
  const { crv, kty, x, y } = publicJwk(createPrivateKey({ key, format: 'jwk' }))
  return hash(JSON.stringify({ crv, kty, x, y }))
}

/** Signs proofs with one key, which is opened once. */
function prover({ key }: Binding): (about: Proof) => string {
  const opened: KeyObject = createPrivateKey({ key, format: 'jwk' })
  const jwk = publicJwk(opened)
  return ({ method, url, now, nonce, accessToken }) =>
    signJwt(
      { key: opened, algorithm: 'ES256', id: null },
      {
        jti: randomUUID(),
        htm: method,
        // RFC 9449 section 4.2: without query and fragment.
        htu: url.origin + url.pathname,
        iat: seconds(now),
        ...(nonce === undefined ? {} : { nonce }),
        ...(accessToken === undefined ? {} : { ath: hash(accessToken) }),
      },
      { typ: 'dpop+jwt', jwk },
    )
}

interface Proof {
  method: string
  url: URL
  /** Milliseconds. */
  now: number
  nonce: string | undefined
  /** On a call of the API: the token that goes with it. */
  accessToken?: string
}

/** The server wants a nonce that it has just given: the same is to be asked once more, all of it made anew. */
class NonceWanted extends Error {}

export interface Proving {
  /** Sends with a proof. Throws NonceWanted where asking again will help. */
  fetch: Exchange['fetch']
  /** As it is then, with the newest nonce. */
  binding: () => Binding
}

/** Proofs on the requests to a token endpoint (RFC 9449 sections 5 and 8). */
export function proving(exchange: Exchange, held: Binding): Proving {
  const sign = prover(held)
  let { nonce } = held
  let wanted = false
  return {
    binding: () => (nonce === undefined ? { key: held.key } : { key: held.key, nonce }),
    async fetch(url, init) {
      const dpop = sign({ method: init.method, url, now: exchange.now(), nonce })
      const answer = await exchange.fetch(url, { ...init, headers: { ...init.headers, dpop } })
      const given = answer.headers.get('dpop-nonce')
      if (given === null || given === '' || given.length > 1024) return answer
      nonce = given
      if (answer.status >= 500 || answer.ok || wanted || !(await asksForNonce(answer))) return answer
      wanted = true
      throw new NonceWanted()
    },
  }
}

async function asksForNonce(answer: Response): Promise<boolean> {
  return (await answer.clone().text()).includes('use_dpop_nonce')
}

/** Runs it, and once more where a nonce was wanted: what must not be sent twice (a `jti`) is new then. */
export async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof NonceWanted)) throw error
    return work()
  }
}

/** Calls of the API (RFC 9449 section 7): the token under a scheme of its own, and a proof for each. */
export function bound(accessToken: string, binding: Binding): Applied {
  const sign = prover(binding)
  const nonces = new Map<string, string>()
  return {
    headers: ['authorization', 'dpop'],
    parameters: [],
    bodyUse: 'none',
    inject(request, now) {
      const { method, url } = request
      setHeader(request, 'authorization', `DPoP ${accessToken}`)
      setHeader(request, 'dpop', sign({ method, url, now, nonce: nonces.get(url.origin), accessToken }))
    },
    challenged({ status, headers }, { url: { origin } }) {
      const nonce = headerIn(headers, 'dpop-nonce')
      if (nonce === undefined || nonce === '' || nonce.length > 1024) return false
      if (!nonces.has(origin) && nonces.size >= mostServers) nonces.clear()
      nonces.set(origin, nonce)
      return status === 401 && (headerIn(headers, 'www-authenticate') ?? '').includes('use_dpop_nonce')
    },
  }
}

/** The first value of a header among flat ones; `name` is lower-case. */
function headerIn(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1]
  }
  return undefined
}
