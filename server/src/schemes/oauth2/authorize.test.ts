import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { begin } from './authorize.ts'
import { type Definition, fields } from './definition.ts'
import { now } from './provider.fixture.ts'

const callbackUrl = 'https://mooring.example/oauth/callback/abc'
const input = { callbackUrl, scopes: ['a', 'b'], scopeDelimiter: 'comma' as const }

function exchange() {
  let drawn = 0
  return {
    fetch: () => Promise.reject(new Error('nothing is sent here')),
    now: () => now,
    random: (bytes: number) => `${++drawn}`.padEnd(Math.ceil((bytes * 4) / 3), 'r'),
  }
}

function definition(given: Partial<Record<keyof Definition, unknown>> = {}): Definition {
  return fields.parse({
    clientId: 'the client',
    clientSecret: 'the secret',
    authorizationUrl: 'https://provider.example/authorize',
    tokenUrl: 'https://provider.example/token',
    ...given,
  })
}

async function begun(given: Partial<Record<keyof Definition, unknown>> = {}, over: Partial<typeof input> = {}) {
  const result = await begin(definition(given), { ...input, ...over }, exchange())
  return { ...result, query: new URL(result.authorizationUrl).searchParams }
}

describe('the authorization request', () => {
  test('S-2 S-3 carries a state and an S256 challenge, each of 32 random bytes', async () => {
    const { authorizationUrl, query, correlation, kept } = await begun()
    expect(
      authorizationUrl.startsWith('https://provider.example/authorize?response_type=code&client_id=the%20client&'),
    ).toBe(true)
    expect(query.get('redirect_uri')).toBe(callbackUrl)
    expect(query.get('state')).toBe(correlation)
    expect(correlation).toHaveLength(43)
    expect(kept).toEqual({ state: correlation, verifier: expect.stringMatching(/^.{43}$/) })
    const challenge = createHash('sha256')
      .update(kept['verifier'] ?? '')
      .digest('base64url')
    expect(query.get('code_challenge')).toBe(challenge)
    expect(query.get('code_challenge_method')).toBe('S256')
    expect(authorizationUrl).not.toContain(kept['verifier'])
    expect(authorizationUrl).not.toContain('secret')
  })

  test('S-2 pkce: false leaves the challenge out of the plain code grant alone', async () => {
    const plain = await begun({ pkce: false })
    expect(plain.query.has('code_challenge')).toBe(false)
    expect(plain.kept).toEqual({ state: plain.correlation })
    const always = await begun({ pkce: false, grantType: 'authorization_code_pkce' })
    expect(always.query.has('code_challenge')).toBe(true)
  })

  test('R-164 without scopes the parameter is left out', async () => {
    expect((await begun({}, { scopes: [] })).query.has('scope')).toBe(false)
    expect((await begun()).authorizationUrl).toContain('&scope=a%2Cb&')
  })

  test('renames, user scopes, constants and form_post are as the service says', async () => {
    const { query } = await begun({
      parameterNames: { clientId: 'client_key', scope: 'scopes', redirectUri: 'return_to' },
      userScopes: { parameter: 'user_scope', scopes: ['u:1', 'u:2'] },
      authorizationParams: { access_type: 'offline', prompt: 'con sent' },
      responseMode: 'form_post',
    })
    expect(Object.fromEntries(query)).toMatchObject({
      client_key: 'the client',
      scopes: 'a,b',
      return_to: callbackUrl,
      user_scope: 'u:1,u:2',
      access_type: 'offline',
      prompt: 'con sent',
      response_mode: 'form_post',
    })
    expect(query.has('client_id')).toBe(false)
  })

  test("R-143 the URL's own query stays where and as it is", async () => {
    const { authorizationUrl } = await begun({
      authorizationUrl: 'https://provider.example/authorize?access_type=offline&prompt=consent',
    })
    expect(
      authorizationUrl.startsWith('https://provider.example/authorize?access_type=offline&prompt=consent&response_'),
    ).toBe(true)
  })

  test('R-143 any query survives byte for byte, and every parameter of ours arrives once', async () => {
    const query = fc.stringMatching(/^[A-Za-z0-9=&%+.,;:!*'()~_/?@$-]{0,60}$/)
    await fc.assert(
      fc.asyncProperty(query, async (own) => {
        const url = `https://provider.example/authorize?${own}`
        const { authorizationUrl, correlation } = await begun({ authorizationUrl: url })
        expect(authorizationUrl.startsWith(url)).toBe(true)
        const added = authorizationUrl.slice(url.length)
        expect(new URLSearchParams(added).getAll('state')).toEqual([correlation])
        expect(added.startsWith(own === '' || /[?&]$/.test(own) ? 'response_type=' : '&response_type=')).toBe(true)
      }),
    )
  })

  test('a service without its Authorization URL is not ready', async () => {
    await expect(begun({ authorizationUrl: '' })).rejects.toMatchObject({ code: 'service_not_ready' })
  })
})
