import { createServer } from 'node:http'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { oauth2 } from '../oauth2.ts'
import type { OutgoingRequest } from '../scheme.ts'
import { outlook } from '../scheme_suite.ts'
import { newBinding, thumbprint } from './dpop.ts'
import { grants, grantTypes } from './grants.ts'
import { algorithmsOf, readPrivateKey } from './jwt.ts'
import { now, provider } from './provider.fixture.ts'

const tokenUrl = 'https://provider.example/token'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const pem = String(rsa.export({ type: 'pkcs8', format: 'pem' }))

function wrong(definition: object): string[] {
  return oauth2.check(definition, 'ready').map(({ path, code }) => `${path} ${code}`)
}

describe('what ready asks for', () => {
  test.each([
    [{ grantType: 'device_code', clientId: 'id', tokenUrl }, ['deviceAuthorizationUrl required']],
    [{ grantType: 'jwt_bearer', tokenUrl }, []],
    [{ grantType: 'jwt_bearer', tokenUrl, assertion: { keyFrom: 'service' } }, ['assertion.issuer missing']],
    [{ grantType: 'jwt_bearer', tokenUrl, assertion: { keyFrom: 'service', issuer: 'x' } }, []],
    [{ grantType: 'jwt_bearer', tokenUrl, clientSecret: 'x' }, ['clientId missing']],
    [{ grantType: 'token_exchange', tokenUrl, clientAuthentication: 'private_key_jwt' }, ['clientId missing']],
    [{ grantType: 'refresh_token', tokenUrl }, ['clientId required']],
    [{ grantType: 'password', tokenUrl, clientId: 'id' }, ['allowPasswordGrant not_allowed']],
    [{ grantType: 'password', tokenUrl, clientId: 'id', allowPasswordGrant: true }, []],
    [
      { grantType: 'refresh_token', tokenUrl, clientId: 'id', clientAuthentication: 'client_secret_jwt' },
      ['clientSecret missing'],
    ],
    [
      { grantType: 'client_credentials', tokenUrl, clientId: 'id', clientAuthentication: 'client_secret_jwt' },
      ['clientSecret required'],
    ],
    [{ grantType: 'client_credentials', tokenUrl, clientId: 'id', clientAuthentication: 'private_key_jwt' }, []],
    [
      { grantType: 'client_credentials', tokenUrl, clientId: 'id', clientSecretJwt: { issuer: 'i', audience: 'a' } },
      ['clientKey required'],
    ],
    [
      { grantType: 'refresh_token', tokenUrl, clientId: 'id', clientKey: pem, signingAlgorithm: 'ES256' },
      ['signingAlgorithm invalid_value'],
    ],
    [
      { grantType: 'refresh_token', tokenUrl, clientId: 'id', dpop: true, parameterLocation: 'query' },
      ['dpop invalid_value'],
    ],
  ])('%j lacks %j', (definition, errors) => {
    expect(wrong(definition)).toEqual(errors)
  })

  test('RFC 9207 an issuer in every reply wants to be known', () => {
    const definition = {
      clientId: 'id',
      clientSecret: 's',
      authorizationUrl: 'https://provider.example/a',
      tokenUrl,
      authorizationResponseIssParameterSupported: true,
    }
    expect(wrong(definition)).toEqual(['issuer missing'])
    expect(wrong({ ...definition, issuer: 'https://provider.example' })).toEqual([])
  })

  test('a constant cannot stand in for the resource or a signature', () => {
    const definition = { grantType: 'refresh_token', tokenUrl, clientId: 'id' }
    expect(wrong({ ...definition, tokenParams: { resource: 'x' } })).toEqual([])
    expect(wrong({ ...definition, resource: ['https://x.example/'], tokenParams: { resource: 'x' } })).toEqual([
      'tokenParams.resource reserved',
    ])
    expect(wrong({ ...definition, tokenParams: { client_assertion: 'x' } })).toEqual([
      'tokenParams.client_assertion reserved',
    ])
  })
})

test('each grant type is shown with the requests that it makes', () => {
  const titles = grantTypes.map((grantType) => oauth2.describe({ grantType }, outlook).map(({ title }) => title))
  expect(Object.fromEntries(grantTypes.map((type, index) => [type, titles[index]]))).toEqual({
    authorization_code: ['Authorization request', 'Token request', 'Refresh request', 'Every request'],
    authorization_code_pkce: ['Authorization request', 'Token request', 'Refresh request', 'Every request'],
    client_credentials: ['Token request', 'Every request'],
    device_code: ['Device authorization request', 'Token request', 'Refresh request', 'Every request'],
    jwt_bearer: ['Token request', 'Every request'],
    token_exchange: ['Token request', 'Every request'],
    refresh_token: ['Refresh request', 'Every request'],
    password: ['Token request', 'Refresh request', 'Every request'],
  })
  expect(new Set(grantTypes.map((type) => grants[type].title)).size).toBe(grantTypes.length)
})

test('the preview of a pushed request that is signed shows neither key nor what is made anew', () => {
  const described = oauth2.describe(
    {
      clientId: 'id',
      clientAuthentication: 'private_key_jwt',
      clientKey: pem,
      authorizationUrl: 'https://provider.example/authorize?prompt=consent',
      pushedAuthorizationRequestUrl: 'https://provider.example/par',
      tokenUrl,
      dpop: true,
      resource: ['https://api.example.com/'],
    },
    outlook,
  )
  expect(described.map(({ title }) => title)).toContain('Pushed authorization request')
  expect(described[1]?.lines).toEqual([
    'GET https://provider.example/authorize?prompt=consent&client_id=id&request_uri=<request_uri>',
  ])
  expect(JSON.stringify(described)).not.toContain(pem.split('\n')[1])
  expect(described.at(-1)?.lines).toEqual(expect.arrayContaining(['Authorization: DPoP ••••••', 'DPoP: ••••••']))
})

test('RFC 8707 several resources go out one by one, in JSON as a list', async () => {
  const at = await provider({ access_token: 'at' })
  const definition = {
    grantType: 'client_credentials',
    clientId: 'id',
    clientSecret: 's',
    tokenUrl: `${at.origin}/token`,
    resource: ['https://a.example/', 'https://b.example/'],
  }
  const scopes = { scopes: [], scopeDelimiter: 'comma' as const }
  await oauth2.acquire(definition, scopes, at.exchange)
  await oauth2.acquire({ ...definition, tokenRequestFormat: 'json' }, scopes, at.exchange)
  const [inForm, inJson] = at.asked
  expect(new URLSearchParams(inForm?.body).getAll('resource')).toEqual(definition.resource)
  expect(JSON.parse(inJson?.body ?? '')).toMatchObject({ resource: definition.resource })
})

describe('a private key', () => {
  const jwk = JSON.stringify(ec.export({ format: 'jwk' }))

  test.each([
    ['PKCS #8', pem],
    ['PKCS #1', String(rsa.export({ type: 'pkcs1', format: 'pem' }))],
    ['SEC 1', String(ec.export({ type: 'sec1', format: 'pem' }))],
    ['one line', pem.replaceAll('\n', ' ')],
    ['escaped line breaks', pem.replaceAll('\n', String.raw`\n`)],
    ['JWK', jwk],
  ])('is read as %s', (_, text) => {
    const key = readPrivateKey(text)
    expect(key === undefined ? [] : algorithmsOf(key)).not.toEqual([])
  })

  test.each([
    ['nothing', 'no key'],
    ['half a JWK', '{"kty":"EC"}'],
    ['a locked one', String(rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }))],
    ['a broken one', pem.replace(/[A-Z]/g, 'A')],
  ])('is refused as %s', (_, clientKey) => {
    expect(oauth2.partialFields.safeParse({ clientKey }).success).toBe(false)
  })

  test('is refused where it is too short or on another curve', () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
    for (const key of [short, other]) {
      const clientKey = String(key.export({ type: 'pkcs8', format: 'pem' }))
      expect(oauth2.partialFields.safeParse({ clientKey }).success).toBe(false)
    }
  })
})

describe('DPoP', () => {
  const definition = { grantType: 'refresh_token', clientId: 'id', clientAuthentication: 'none', dpop: true }
  const scopes = { scopes: [], scopeDelimiter: 'comma' as const }

  /** A token endpoint that wants its newest nonce, which changes with every answer. */
  async function demanding(): Promise<{ url: string; proofs: Record<string, unknown>[] }> {
    const proofs: Record<string, unknown>[] = []
    const server = createServer((request, response) => {
      const proof = String(request.headers['dpop']).split('.')[1] ?? ''
      const claims: Record<string, unknown> = JSON.parse(Buffer.from(proof, 'base64url').toString())
      const wanted = `nonce-${Math.max(1, Math.ceil(proofs.length / 1))}`
      proofs.push(claims)
      const fits = claims['nonce'] === wanted
      response.writeHead(fits ? 200 : 400, {
        'content-type': 'application/json',
        'dpop-nonce': `nonce-${proofs.length}`,
      })
      response.end(JSON.stringify(fits ? { access_token: 'at', refresh_token: 'rt' } : { error: 'use_dpop_nonce' }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('no port')
    return { url: `http://127.0.0.1:${address.port}/token?x=1`, proofs }
  }

  test('RFC 9449 section 8: asks again with the nonce that was wanted, once, and remembers it for the next time', async () => {
    const { url, proofs } = await demanding()
    const { exchange } = await provider({})
    const given = { ...definition, tokenUrl: url }
    const held = { accessToken: '', refreshToken: null, given: { refreshToken: 'rt' } }
    const first = await oauth2.complete(given, held, scopes, exchange)
    if (first === null) throw new Error('nothing was asked for')
    expect(proofs.map(({ nonce }) => nonce)).toEqual([undefined, 'nonce-1'])
    expect(proofs[1]).toMatchObject({ htm: 'POST', htu: url.replace('?x=1', ''), iat: now / 1000 })
    expect(proofs[0]?.['jti']).not.toBe(proofs[1]?.['jti'])
    const second = await oauth2.refresh(given, first.credential, scopes, exchange)
    expect(proofs.map(({ nonce }) => nonce)).toEqual([undefined, 'nonce-1', 'nonce-2'])
    expect(JSON.stringify(second.credential)).toContain('nonce-3')
  })

  test('a call carries the token and a proof of its own, and learns nonces by server', () => {
    const dpop = newBinding()
    const applied = oauth2.apply({ ...definition, tokenUrl }, { accessToken: 'at', refreshToken: null, dpop })
    expect(applied.headers).toEqual(['authorization', 'dpop'])
    const send = (url: string): Record<string, unknown> => {
      const request: OutgoingRequest = { method: 'PUT', url: new URL(url), headers: ['DPoP', 'caller'], body: null }
      applied.inject(request, now)
      const proof = request.headers[request.headers.indexOf('dpop') + 1] ?? ''
      expect(request.headers.filter((text) => text === 'caller')).toEqual([])
      return JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString())
    }
    expect(send('https://api.example/a?b=c#d')).toMatchObject({ htm: 'PUT', htu: 'https://api.example/a' })
    const wants = ['DPoP-Nonce', 'n1', 'WWW-Authenticate', 'DPoP error="use_dpop_nonce"']
    const asked: OutgoingRequest = { method: 'PUT', url: new URL('https://api.example/a'), headers: [], body: null }
    expect(applied.challenged?.({ status: 401, headers: wants }, asked)).toBe(true)
    expect(applied.challenged?.({ status: 200, headers: ['DPoP-Nonce', 'n2'] }, asked)).toBe(false)
    expect(send('https://api.example/b')).toMatchObject({ nonce: 'n2' })
    expect(send('https://other.example/')).not.toHaveProperty('nonce')
  })

  test('the code is bound to the key as well', async () => {
    const { exchange } = await provider({})
    const begun = await oauth2.begin(
      { clientId: 'id', clientSecret: 's', authorizationUrl: 'https://provider.example/a', tokenUrl, dpop: true },
      { ...scopes, callbackUrl: 'https://mooring.example/cb' },
      exchange,
    )
    const kept: { key: Record<string, unknown> } = JSON.parse(begun.kept['dpop'] ?? '')
    expect(new URL(begun.authorizationUrl).searchParams.get('dpop_jkt')).toBe(thumbprint(kept))
    expect(begun.authorizationUrl).not.toContain(String(kept.key['d']))
  })
})
