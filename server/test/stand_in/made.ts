/** Providers whose credential is made of what somebody brought: sessions by a sign-in request, tokens that are signed here. */
import { createHmac, type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { demand, type Facts, filled, headerOf, pairsAt, textAt } from './facts.ts'
import type { Keyed } from './keys.ts'

const Prompts = z.array(z.object({ key: z.string() }))

export function sessionProvider(facts: Facts): Keyed {
  const credentials = Object.fromEntries(
    Prompts.parse(facts.auth['prompts']).map(({ key }) => [key, `${key}-of-${facts.id}`]),
  )
  const signIn = new URL(textAt(facts, 'signInUrl') ?? '')
  const path = (textAt(facts, 'tokenPath') ?? 'token').split('.')
  let signedIn = 0
  const token = (): string => `session-${signedIn}-of-${facts.id}`
  return {
    credentials,
    provider: {
      endpoint({ url, method, body }) {
        if (url.host !== signIn.host || url.pathname !== signIn.pathname) return undefined
        demand(method === (textAt(facts, 'signInMethod') ?? 'POST'), `signed in with ${method}`)
        const wanted: Record<string, unknown> = {}
        for (const [name, template] of Object.entries(pairsAt(facts, 'signInFields'))) {
          const steps = name.split('.')
          let place = wanted
          for (const step of steps.slice(0, -1)) {
            const inner: Record<string, unknown> = Object(place[step] ?? {})
            place[step] = inner
            place = inner
          }
          place[steps.at(-1) ?? ''] = filled(template, credentials)
        }
        const sorted = (value: unknown): string => JSON.stringify(value, Object.keys(flat(value)).toSorted())
        demand(sorted(JSON.parse(body)) === sorted(wanted), `signed in with ${body}`)
        signedIn += 1
        return { status: 200, body: path.reduceRight<unknown>((value, key) => ({ [key]: value }), token()) }
      },
      credential(received) {
        const name = textAt(facts, 'sendAs') ?? 'Authorization'
        const due = (textAt(facts, 'sendFormat') ?? 'Bearer {token}').replace('{token}', token())
        demand(signedIn > 0 && headerOf(received, name) === due, `${name} is ${headerOf(received, name)}, not ${due}`)
        return { parameters: [], headers: [name] }
      },
    },
  }
}

/** Every name in a value, at any depth. */
function flat(value: unknown): Record<string, true> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => [[name, true as const], ...Object.entries(flat(inner))]),
  )
}

/** `pair`: of the algorithms with a private key. */
export function signedTokenProvider(facts: Facts, pair: { privateKey: string; publicKey: KeyObject }): Keyed {
  const algorithm = textAt(facts, 'algorithm') ?? 'HS256'
  const shared = algorithm.startsWith('HS')
  const secret = Buffer.from(`secret of ${facts.id}`.padEnd(32, '.'))
  const asked = Prompts.parse(facts.auth['prompts'] ?? []).map(({ key }) => [key, `${key}-of-${facts.id}`])
  const values: Record<string, string> = Object.fromEntries(asked)
  return {
    credentials: { ...values, key: shared ? secret.toString('hex') : pair.privateKey },
    provider: {
      endpoint: () => undefined,
      credential(received) {
        const prefix = textAt(facts, 'prefix') ?? 'Bearer'
        const [word, token = ''] = (headerOf(received, 'authorization') ?? '').split(' ')
        demand(word === prefix, `the prefix is ${word}, not ${prefix}`)
        const [head = '', claims = '', signature = ''] = token.split('.')
        const read = (part: string): Record<string, unknown> =>
          Object(JSON.parse(Buffer.from(part, 'base64url').toString()))
        const bytes = Buffer.from(signature, 'base64url')
        const right = shared
          ? createHmac('sha256', secret).update(`${head}.${claims}`).digest().equals(bytes)
          : verify(
              'sha256',
              Buffer.from(`${head}.${claims}`),
              { key: pair.publicKey, dsaEncoding: 'ieee-p1363' },
              bytes,
            )
        demand(right, 'the signature is wrong')
        const { alg, kid } = read(head)
        demand(
          alg === algorithm && kid === filled(textAt(facts, 'keyId') ?? '', values),
          `signed as ${String(alg)} by ${String(kid)}`,
        )
        const { iat, exp, ...others } = read(claims)
        for (const [name, due] of Object.entries(pairsAt(facts, 'claims')))
          demand(others[name] === filled(due, values), `the claim ${name} is ${String(others[name])}`)
        demand(Object.keys(others).length === Object.keys(pairsAt(facts, 'claims')).length, 'there are further claims')
        demand(
          Number(exp) - Number(iat) === facts.auth['lifetimeSeconds'],
          `it lives for ${Number(exp) - Number(iat)} s`,
        )
        return { parameters: [], headers: ['authorization'] }
      },
    },
  }
}
