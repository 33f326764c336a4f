/** What some providers of OAuth 2 have of their own: exchanges, secrets that are signed, grants that somebody brings. */
import { type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { demand, demandSame, type Facts, filled, headerOf, pairsAt, type Received, textAt } from './facts.ts'
import type { Keyed } from './keys.ts'

/** A declared exchange holds its parameters and nothing else. */
export function takeExchange(
  { method, url, parameters }: { method: string; url: string; parameters: Record<string, string> },
  received: Received,
  held: Record<string, string>,
): void {
  demand(received.method === method, `exchanged with ${received.method}`)
  demand(received.url.pathname === new URL(url).pathname, `exchanged at ${received.url.pathname}`)
  demand(headerOf(received, 'authorization') === undefined, 'there is an Authorization header')
  const wanted = Object.entries(parameters).map(([name, text]) => [name, filled(text, held)] as const)
  demandSame('the exchange of the token', received.url.searchParams, Object.fromEntries(wanted))
}

/** An answer that holds these values at their paths; a number in a path is a place in a list. */
export function holding(values: readonly { name: string; value: string }[]): unknown {
  const root: Record<string, unknown> = {}
  for (const { name, value } of values) {
    const steps = name.split('.')
    let place = root
    steps.forEach((step, index) => {
      const next = steps[index + 1]
      const inner = next === undefined ? value : (place[step] ?? (/^\d+$/.test(next) ? [] : {}))
      place[step] = inner
      if (next !== undefined) place = Object(inner)
    })
  }
  return root
}

interface Signed {
  head: Record<string, unknown>
  claims: Record<string, unknown>
}

/** A JWT whose signature is right (RFC 7515). */
function readSigned(token: string, algorithm: string, key: KeyObject): Signed {
  const [head = '', claims = '', signature = ''] = token.split('.')
  const read = (part: string): Record<string, unknown> => Object(JSON.parse(Buffer.from(part, 'base64url').toString()))
  demand(claims !== '', 'this is no JWT')
  demand(read(head)['alg'] === algorithm, `signed with ${String(read(head)['alg'])}`)
  const right = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  demand(right, 'the signature is wrong')
  return { head: read(head), claims: read(claims) }
}

/** The client secret is a JWT of these claims, signed with the key that was brought. */
export function checkClientSecret(facts: Facts, secret: string, key: KeyObject): void {
  const { head, claims } = readSigned(secret, textAt(facts, 'signingAlgorithm') ?? 'ES256', key)
  const due = pairsAt(facts, 'clientSecretJwt')
  demand(head['kid'] === facts.brought['clientKeyId'], `signed by ${String(head['kid'])}`)
  const { iat, exp, ...others } = claims
  demandSame(
    'the client secret',
    Object.entries(others).map(([name, value]) => [name, String(value)]),
    {
      iss: due['issuer'] ?? '',
      sub: facts.brought['clientId'] ?? '',
      aud: due['audience'] ?? '',
    },
  )
  demand(Number(exp) > Number(iat), 'it never was good')
}

const Assertion = z.object({ scopeIn: z.string().default('request'), lifetimeSeconds: z.number().default(300) })

/** A provider that takes assertions signed with the key that somebody brings (RFC 7523 section 2.1). */
export function assertionProvider(facts: Facts, pair: { privateKey: string; publicKey: KeyObject }): Keyed {
  const tokenUrl = new URL(textAt(facts, 'tokenUrl') ?? '')
  const credentials = {
    private_key: pair.privateKey,
    client_email: `robot@${facts.id}.example`,
    private_key_id: 'key-1',
  }
  const { scopeIn, lifetimeSeconds } = Assertion.parse(facts.auth['assertion'] ?? {})
  let issued = 0
  const token = (): string => `access-${issued}-of-${facts.id}`
  return {
    credentials,
    provider: {
      endpoint(received) {
        const { url } = received
        if (url.host !== tokenUrl.host || url.pathname !== tokenUrl.pathname) return undefined
        demand(headerOf(received, 'authorization') === undefined, 'there is an Authorization header')
        const form = new URLSearchParams(received.body)
        const assertion = form.get('assertion') ?? ''
        demandSame('the token request', form, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
        const { head, claims } = readSigned(assertion, textAt(facts, 'signingAlgorithm') ?? 'RS256', pair.publicKey)
        demand(head['kid'] === credentials.private_key_id, `signed by ${String(head['kid'])}`)
        demand(claims['iss'] === credentials.client_email, `the issuer is ${String(claims['iss'])}`)
        demand(claims['aud'] === tokenUrl.href, `the audience is ${String(claims['aud'])}`)
        const scopes = Object.keys(facts.service.scopes ?? {}).join(' ')
        demand(scopeIn === 'assertion' && claims['scope'] === scopes, `the scope is ${String(claims['scope'])}`)
        demand(Number(claims['exp']) - Number(claims['iat']) === lifetimeSeconds, 'it lives for another time')
        issued += 1
        return { status: 200, body: { access_token: token(), token_type: 'Bearer', expires_in: 3600 } }
      },
      credential(received) {
        const got = headerOf(received, 'authorization')
        demand(issued > 0 && got === `Bearer ${token()}`, `Authorization is ${got}`)
        return { parameters: [], headers: ['authorization'] }
      },
    },
  }
}
