/** A provider that speaks OAuth 1.0a in the manner that an entry declares (RFC 5849). */
import {
  decodePairs,
  isSignatureValid,
  parseOAuthHeader,
  type SignatureMethod,
  signatureBaseString,
} from '@mooring/sandbox/testing'
import { demand, demandSame, type Facts, headerOf, pairsAt, type Provider, type Received, textAt } from './facts.ts'

export function oauth1Provider(facts: Facts, rsaPublicKey: string): Provider {
  const method = (textAt(facts, 'signatureMethod') ?? 'HMAC-SHA1') as SignatureMethod
  const where = textAt(facts, 'parameterLocation') ?? 'header'
  const consumerKey = facts.brought['consumerKey'] ?? ''
  const consumerSecret = facts.brought['consumerSecret'] ?? ''
  const request = {
    token: `request-of-${facts.id}`,
    secret: 'request-secret',
    verifier: `verifier-of-${facts.id}`,
    callback: '',
  }
  const access = { token: `access-of-${facts.id}`, secret: 'access-secret' }

  /** The oauth_ parameters of a request that is signed as declared, and what else it carries. */
  const signed = (
    received: Received,
    token: { token: string; secret: string } | undefined,
    place = where,
  ): { protocol: Map<string, string>; others: [string, string][] } => {
    const query = decodePairs(received.target.split('?')[1] ?? '')
    const isForm = (headerOf(received, 'content-type') ?? '').includes('x-www-form-urlencoded')
    const form = isForm ? decodePairs(received.body) : []
    const header = parseOAuthHeader(headerOf(received, 'authorization')) ?? []
    const places: Record<string, readonly (readonly [string, string])[]> = { header, query, form }
    const isProtocol = ([name]: readonly [string, string]): boolean => name.startsWith('oauth_')
    for (const [other, pairs] of Object.entries(places))
      demand(other === place || !pairs.some(isProtocol), `the signature is in the ${other}, not in the ${place}`)
    const protocol = new Map((places[place] ?? []).filter(isProtocol))
    demand(protocol.get('oauth_consumer_key') === consumerKey, 'the consumer key is another')
    demand(protocol.get('oauth_signature_method') === method, `signed with ${protocol.get('oauth_signature_method')}`)
    demand(protocol.get('oauth_token') === token?.token, `the token is ${protocol.get('oauth_token')}`)
    const realm = header.find(([name]) => name === 'realm')?.[1]
    demand(place !== 'header' || realm === textAt(facts, 'realm'), `the realm is ${realm}`)
    const base = signatureBaseString(received.method, received.url.href, [...header, ...query, ...form])
    const keys = { consumerSecret, tokenSecret: token?.secret ?? '', rsaPublicKey }
    demand(
      isSignatureValid(method, base, protocol.get('oauth_signature') ?? '', keys),
      `the signature is wrong over ${base}`,
    )
    const others = [...query, ...form]
      .filter((pair) => !isProtocol(pair))
      .map(([name, value]): [string, string] => [name, value])
    return { protocol, others }
  }

  const isAt = ({ url }: Received, field: string): URL | undefined => {
    const endpoint = URL.parse(textAt(facts, field) ?? '')
    const same = endpoint !== null && endpoint.host === url.host && endpoint.pathname === url.pathname
    // One path may serve several steps, told by the query.
    return same && [...endpoint.searchParams].every(([name, value]) => url.searchParams.get(name) === value)
      ? endpoint
      : undefined
  }

  return {
    signIn(url) {
      const page = new URL(textAt(facts, 'authorizationUrl') ?? '')
      demand(url.host === page.host && url.pathname === page.pathname, `sent to ${url.origin}${url.pathname}`)
      demandSame('the authorization request', url.searchParams, {
        ...Object.fromEntries(page.searchParams),
        ...pairsAt(facts, 'authorizationParams'),
        oauth_token: request.token,
      })
      const back = new URL(request.callback)
      back.searchParams.set('oauth_token', request.token)
      back.searchParams.set('oauth_verifier', request.verifier)
      return back
    },
    endpoint(received) {
      const atToken = isAt(received, 'tokenUrl')
      const atRequest = isAt(received, 'requestTokenUrl')
      if (atToken === undefined && atRequest === undefined) return undefined
      const all = `${received.target}${received.body}${headerOf(received, 'authorization') ?? ''}`
      // A provider may have one URL for both; the verifier tells them apart.
      if (atToken !== undefined && all.includes('oauth_verifier')) {
        const { protocol, others } = signed(received, request, placeOf(received))
        demand(protocol.get('oauth_verifier') === request.verifier, 'the verifier is another')
        demandSame('the exchange', others, Object.fromEntries(atToken.searchParams))
        return { status: 200, body: { oauth_token: access.token, oauth_token_secret: access.secret } }
      }
      demand(atRequest !== undefined, 'the exchange lacks its verifier')
      const { protocol, others } = signed(received, undefined, placeOf(received))
      request.callback = protocol.get('oauth_callback') ?? ''
      demand(URL.canParse(request.callback), 'there is no callback')
      demandSame('the first request', others, {
        ...Object.fromEntries(atRequest.searchParams),
        ...pairsAt(facts, 'requestTokenParams'),
      })
      return {
        status: 200,
        body: { oauth_token: request.token, oauth_token_secret: request.secret, oauth_callback_confirmed: 'true' },
      }
    },
    credential(received) {
      signed(received, access)
      const own = [...received.url.searchParams.keys()].filter((name) => name.startsWith('oauth_'))
      return { parameters: own, headers: ['authorization'] }
    },
  }

  /** The two token steps may travel in a form where calls travel in the query. */
  function placeOf(received: Received): string {
    return where === 'header' || headerOf(received, 'authorization') !== undefined
      ? 'header'
      : received.body === ''
        ? 'query'
        : 'form'
  }
}
