/** A provider that speaks OAuth 2 in the manner that an entry declares, and in no other (RFC 6749, RFC 7636, RFC 7009). */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  demand,
  demandSame,
  type Facts,
  filled,
  headerOf,
  pairsAt,
  type Provider,
  type Received,
  textAt,
} from './facts.ts'

const delimiters: Record<string, { encoded: string; plain: string }> = {
  comma: { encoded: '%2C', plain: ',' },
  space: { encoded: '%20', plain: ' ' },
  // A bare plus is read as a space (application/x-www-form-urlencoded).
  plus: { encoded: '+', plain: ' ' },
  semicolon: { encoded: '%3B', plain: ';' },
}

const Header = z.object({ name: z.string(), format: z.string() })
const Revocation = z.object({
  method: z.string().default('POST'),
  tokenIn: z.string().default('form'),
  tokenParameter: z.string().default('token'),
  which: z.string().default('refresh_token'),
})

export function oauth2Provider(facts: Facts): Provider {
  const { auth, brought, service } = facts
  const own = pairsAt(facts, 'parameterNames')
  const name = (parameter: string, standard: string): string => own[parameter] ?? standard
  const id = brought['clientId'] ?? ''
  const secret = brought['clientSecret'] ?? ''
  const scopes = Object.keys(service.scopes ?? {}).map((scope) => filled(scope, facts.parameters))
  const told = (from: string): [string, string][] =>
    facts.learned.filter((one) => one.from === from).map((one) => [one.name, one.value])
  const omitted = z.object({ token: z.array(z.string()).default([]) }).parse(auth['omittedParameters'] ?? {})
  const delimiter = delimiters[service.scopeDelimiter ?? 'comma'] ?? { encoded: '', plain: '' }
  const grant = textAt(facts, 'grantType') ?? 'authorization_code'
  const challenges = grant === 'authorization_code_pkce' || (grant === 'authorization_code' && auth['pkce'] !== false)
  const state = { code: '', challenge: '', callback: '', access: '', refresh: '', issued: 0 }
  const scopeText = scopes.length === 0 ? {} : { [name('scope', 'scope')]: scopes.join(delimiter.plain) }

  const issue = (): unknown => {
    state.issued += 1
    state.access = `access-${state.issued}-of-${facts.id}`
    const renews = facts.renews && grant !== 'client_credentials'
    if (renews) state.refresh = `refresh-${state.issued}-of-${facts.id}`
    const paths = pairsAt(facts, 'tokenResponse')
    const path = (paths['accessToken'] ?? 'access_token').split('.')
    const beside = {
      token_type: 'bearer',
      ...(renews ? { [paths['refreshToken'] ?? 'refresh_token']: state.refresh } : {}),
    }
    const lifetime = { [(paths['expiresIn'] ?? 'expires_in').split('.').at(-1) ?? '']: 3600 }
    const inner: Record<string, unknown> = {
      ...beside,
      ...lifetime,
      [path.at(-1) ?? '']: state.access,
      ...Object.fromEntries(told('token')),
    }
    return path.slice(0, -1).reduceRight<unknown>((value, key) => ({ [key]: value }), inner)
  }

  /** The parameters of a token request, less what proves the client, which has to be right. */
  const parametersOf = (received: Received, endpoint: URL): [string, string][] => {
    const { url, method, body } = received
    const wantedMethod = textAt(facts, 'tokenRequestMethod') ?? 'POST'
    demand(method === wantedMethod, `the method is ${method}, not ${wantedMethod}`)
    const format = wantedMethod === 'GET' ? 'query' : (textAt(facts, 'tokenRequestFormat') ?? 'form')
    const type = headerOf(received, 'content-type') ?? ''
    const query = [...url.searchParams].filter(([key]) => !endpoint.searchParams.has(key))
    for (const [key, value] of endpoint.searchParams)
      demand(url.searchParams.get(key) === value, `${key} of the URL is gone`)
    let pairs: [string, string][]
    if (format === 'query') {
      demand(body === '', 'there is a body')
      pairs = query
    } else {
      demand(query.length === 0, `the query holds ${query.join()}`)
      demand(
        type.includes(format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'),
        `the type is ${type}`,
      )
      pairs =
        format === 'json'
          ? Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(body)))
          : [...new URLSearchParams(body)]
    }
    for (const [key, value] of Object.entries(pairsAt(facts, 'tokenHeaders')))
      demand(headerOf(received, key) === value, `the header ${key} is not ${value}`)
    return proven(received, pairs)
  }

  /** Exactly one way to prove who the client is: the one that is declared. */
  const proven = (received: Received, pairs: [string, string][]): [string, string][] => {
    const renewing = pairs.some(([, value]) => value === 'refresh_token')
    const usual = textAt(facts, 'clientAuthentication') ?? 'form'
    const way = (renewing ? textAt(facts, 'refreshClientAuthentication') : undefined) ?? usual
    const authorization = headerOf(received, 'authorization')
    const [idName, secretName] = [name('clientId', 'client_id'), name('clientSecret', 'client_secret')]
    const taken = (key: string, due: string): void => {
      const got = pairs.filter(([each]) => each === key).map(([, value]) => value)
      demand(got.join() === due, `${key} is ${got.join()}, not ${due}`)
    }
    if (way === 'header' || way === 'header_raw') {
      const [scheme, encoded = ''] = (authorization ?? '').split(' ')
      const halves = Buffer.from(encoded, 'base64').toString().split(':')
      // RFC 6749 section 2.3.1: each half is form-encoded first, unless the provider does not decode.
      const read = (half: string): string => (way === 'header' ? decodeURIComponent(half.replaceAll('+', ' ')) : half)
      demand(
        scheme === 'Basic' && halves.map(read).join(':') === `${id}:${secret}`,
        `Authorization is ${halves.join(':')}`,
      )
      demand(!pairs.some(([key]) => key === idName || key === secretName), 'the client is named in the parameters too')
      return pairs
    }
    demand(authorization === undefined, 'there is an Authorization header')
    taken(idName, id)
    if (way === 'none') demand(!pairs.some(([key]) => key === secretName), 'there is a secret')
    else taken(secretName, secret)
    return pairs.filter(([key]) => key !== idName && key !== secretName)
  }

  const isAt = (url: URL, field: string): URL | undefined => {
    const text = textAt(facts, field)
    const endpoint = text === undefined ? null : URL.parse(text)
    return endpoint !== null && endpoint.host === url.host && endpoint.pathname === url.pathname ? endpoint : undefined
  }

  const token = (received: Received, endpoint: URL, renewal: URL | undefined): unknown => {
    const pairs = parametersOf(received, endpoint)
    const kind = pairs.find(([key]) => key === name('grantType', 'grant_type'))?.[1]
    const grantType = { [name('grantType', 'grant_type')]: kind ?? '' }
    if (kind === 'refresh_token') {
      demand(renewal !== undefined, 'renewed at the wrong URL')
      demand(state.refresh !== '', 'there is nothing to renew with')
      demandSame('renewing', pairs, {
        ...grantType,
        [name('refreshToken', 'refresh_token')]: state.refresh,
        ...pairsAt(facts, 'refreshParams'),
      })
      return issue()
    }
    if (grant === 'client_credentials') {
      demandSame('the token request', pairs, {
        ...(omitted.token.includes('grant_type')
          ? {}
          : { [name('grantType', 'grant_type')]: textAt(facts, 'grantTypeValue') ?? 'client_credentials' }),
        ...scopeText,
        ...pairsAt(facts, 'tokenParams'),
      })
      return issue()
    }
    const verifier = pairs.find(([key]) => key === 'code_verifier')?.[1]
    demandSame('the exchange', pairs, {
      [name('grantType', 'grant_type')]: 'authorization_code',
      [name('code', 'code')]: state.code,
      [name('redirectUri', 'redirect_uri')]: state.callback,
      ...(challenges ? { code_verifier: verifier ?? '' } : {}),
      ...pairsAt(facts, 'tokenParams'),
    })
    const proof = createHash('sha256')
      .update(verifier ?? '')
      .digest('base64url')
    demand(!challenges || proof === state.challenge, 'the verifier does not fit the challenge')
    state.code = ''
    return issue()
  }

  const revoke = (received: Received, endpoint: URL): void => {
    const { method, tokenIn, tokenParameter, which } = Revocation.parse(auth['revocation'] ?? {})
    demand(received.method === method, `revoked with ${received.method}`)
    demand(tokenIn === 'form', 'the test knows revocation by form alone')
    demand(received.url.search === endpoint.search, `the query is ${received.url.search}`)
    const whole = which === 'refresh_token' && state.refresh !== ''
    const hint: Record<string, string> =
      tokenParameter === 'token' ? { token_type_hint: whole ? 'refresh_token' : 'access_token' } : {}
    demandSame('revoking', proven(received, [...new URLSearchParams(received.body)]), {
      [tokenParameter]: whole ? state.refresh : state.access,
      ...hint,
    })
  }

  return {
    ...(grant === 'client_credentials'
      ? {}
      : {
          signIn(url) {
            const page = new URL(textAt(facts, 'authorizationUrl') ?? '')
            demand(url.host === page.host && url.pathname === page.pathname, `sent to ${url.origin}${url.pathname}`)
            const got = url.searchParams
            const at = (key: string): string => got.get(key) ?? ''
            state.callback = at(name('redirectUri', 'redirect_uri'))
            state.challenge = at('code_challenge')
            const constants = pairsAt(facts, 'authorizationParams')
            if (constants['nonce'] === '{nonce}') {
              demand(at('nonce').length >= 16, 'the nonce can be guessed')
              constants['nonce'] = at('nonce')
            }
            demandSame('the authorization request', got, {
              ...Object.fromEntries(page.searchParams),
              ...constants,
              response_type: 'code',
              [name('clientId', 'client_id')]: id,
              [name('redirectUri', 'redirect_uri')]: state.callback,
              ...scopeText,
              state: at('state'),
              ...(challenges ? { code_challenge: state.challenge, code_challenge_method: 'S256' } : {}),
              ...(auth['responseMode'] === 'form_post' ? { response_mode: 'form_post' } : {}),
            })
            demand(at('state').length >= 24, 'the state can be guessed')
            demand(!challenges || state.challenge.length === 43, 'there is no challenge')
            const between = scopes.map(encodeURIComponent).join(delimiter.encoded)
            demand(
              scopes.length < 2 || decodedSpaces(url.search).includes(decodedSpaces(`=${between}`)),
              `the scopes on the wire are not ${between}`,
            )
            state.code = `code-of-${facts.id}`
            const back = new URL(state.callback)
            back.searchParams.set('code', state.code)
            back.searchParams.set('state', at('state'))
            for (const [key, value] of told('callback')) back.searchParams.set(key, value)
            const issuer = textAt(facts, 'issuer')
            if (issuer !== undefined) back.searchParams.set('iss', filled(issuer, facts.parameters))
            return back
          },
        }),
    endpoint(received) {
      const { url } = received
      const [tokenUrl, refreshUrl] = [isAt(url, 'tokenUrl'), isAt(url, 'refreshTokenUrl')]
      const renewal = auth['refreshTokenUrl'] === undefined ? tokenUrl : refreshUrl
      const revokeUrl = isAt(url, 'revokeTokenUrl')
      // Where one URL serves both, the method tells them apart.
      if (revokeUrl !== undefined && (tokenUrl === undefined || received.method === 'DELETE')) {
        revoke(received, revokeUrl)
        return { status: 200, body: {} }
      }
      const endpoint = refreshUrl ?? tokenUrl
      return endpoint === undefined ? undefined : { status: 200, body: token(received, endpoint, renewal) }
    },
    credential(received) {
      const { url } = received
      demand(state.access !== '', 'no token was given out')
      if (textAt(facts, 'parameterLocation') === 'query') {
        const parameter = textAt(facts, 'queryParameter') ?? 'access_token'
        demand(url.searchParams.getAll(parameter).join() === state.access, `${parameter} is not the token`)
        demand(headerOf(received, 'authorization') === undefined, 'there is an Authorization header')
        return { parameters: [parameter], headers: [] }
      }
      const header = auth['header'] === undefined ? undefined : Header.parse(auth['header'])
      const key = header?.name ?? 'Authorization'
      const due =
        header === undefined
          ? `${textAt(facts, 'bearerName') ?? 'Bearer'} ${state.access}`
          : header.format.replace('{token}', state.access)
      demand(headerOf(received, key) === due, `${key} is ${headerOf(received, key)}, not ${due}`)
      demand(
        key.toLowerCase() === 'authorization' || headerOf(received, 'authorization') === undefined,
        'there is an Authorization header',
      )
      return { parameters: [], headers: [key] }
    },
  }
}

/** Characters that may stand encoded or not (RFC 3986 section 3.4), so that only the delimiter is compared to the letter. */
function decodedSpaces(text: string): string {
  return text.replaceAll(/%(?!20|2C|2c|3B|3b|2B|2b|26|3D|3d|25)[0-9A-Fa-f]{2}/g, (escape) => decodeURIComponent(escape))
}
