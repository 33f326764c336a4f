import { describe, expect, test } from 'vitest'
import { MooringError } from '../../errors.ts'
import { type Definition, fields } from './definition.ts'
import { revoke } from './revoke.ts'
import { form, provider, type Provider, type Reply } from './provider.fixture.ts'

const held = { accessToken: 'planted-access', refreshToken: 'planted/refresh' }

async function revoked(at: Provider, given: Partial<Record<keyof Definition, unknown>> = {}, credential = held) {
  const definition = fields.parse({
    clientId: 'id',
    clientSecret: 'planted-secret',
    tokenUrl: `${at.origin}/token`,
    revokeTokenUrl: `${at.origin}/revoke`,
    ...given,
  })
  return revoke(definition, credential, at.exchange)
}

describe('R-148 giving a token back', () => {
  test('by default the refresh token, as RFC 7009 section 2.1 has it', async () => {
    const at = await provider({})
    expect(await revoked(at)).toBe('done')
    expect(at.single()).toMatchObject({ method: 'POST', url: '/revoke' })
    expect(form(at.single())).toEqual({
      token: 'planted/refresh',
      token_type_hint: 'refresh_token',
      client_id: 'id',
      client_secret: 'planted-secret',
    })
  })

  test('R-149 the access token where there is no other, or where the service says so', async () => {
    const at = await provider({})
    const definition = { revocation: { which: 'access_token' } }
    await revoked(at, definition)
    expect(form(at.single())).toMatchObject({ token: 'planted-access', token_type_hint: 'access_token' })
    const bare = await provider({})
    await revoke(
      fields.parse({ clientId: 'id', clientSecret: 's', revokeTokenUrl: `${bare.origin}/revoke` }),
      { accessToken: 'planted-access', refreshToken: null },
      bare.exchange,
    )
    expect(form(bare.single())).toMatchObject({ token: 'planted-access', token_type_hint: 'access_token' })
  })

  test('without a Revoke Token URL nothing is asked', async () => {
    const at = await provider({})
    expect(await revoked(at, { revokeTokenUrl: null })).toBe('not_configured')
    expect(at.asked).toHaveLength(0)
  })

  test.each([
    ['a query', { method: 'GET', tokenIn: 'query', tokenParameter: 't' }, 'GET', '/revoke?t=planted%2Frefresh', ''],
    ['the path', { method: 'DELETE', tokenIn: 'path' }, 'DELETE', '/revoke/planted%2Frefresh', ''],
    ['JSON', { method: 'PUT', tokenIn: 'json' }, 'PUT', '/revoke', '{"token":"planted/refresh"}'],
    ['a form of its own', { tokenParameter: 'refreshToken' }, 'POST', '/revoke', 'refreshToken=planted%2Frefresh'],
  ])('the token goes into %s where the service says so', async (_, revocation, method, url, body) => {
    const at = await provider({})
    await revoked(at, { revocation: { ...revocation, clientAuthentication: 'header' } })
    const asked = at.single()
    expect(asked).toMatchObject({ method, url, body })
    expect(asked.headers.authorization).toBe(`Basic ${Buffer.from('id:planted-secret').toString('base64')}`)
  })

  test('client credentials stay a form where the token is elsewhere', async () => {
    const at = await provider({})
    await revoked(at, { revocation: { tokenIn: 'query' } })
    expect(at.single().url).toBe('/revoke?token=planted%2Frefresh')
    expect(form(at.single())).toEqual({ client_id: 'id', client_secret: 'planted-secret' })
  })

  test('200 and 204 confirm', async () => {
    expect(await revoked(await provider({ status: 200, body: 'whatever' }))).toBe('done')
    expect(await revoked(await provider({ status: 204 }))).toBe('done')
  })

  const echo = 'planted-access planted/refresh planted-secret'
  const refusals: [string, Reply, string][] = [
    ['202', { status: 202, body: echo }, 'not_confirmed'],
    ['302', { status: 302, headers: { location: '/x' } }, 'redirect'],
    [
      '400',
      { status: 400, body: JSON.stringify({ error: 'unsupported_token_type', error_description: echo }) },
      'unsupported_token_type',
    ],
    ['401', { status: 401, body: echo }, 'invalid_client'],
    ['404', { status: 404, body: echo }, 'not_json'],
    ['503', { status: 503, body: echo }, 'server_error'],
    ['200 with an error', { body: JSON.stringify({ ok: false, error: 'not_authed' }) }, 'not_authed'],
  ]
  test.each(refusals)('%s does not, and says no secret', async (_, reply, word) => {
    const error: unknown = await revoked(await provider(reply)).catch((reason: unknown) => reason)
    if (!(error instanceof MooringError)) throw new Error('a MooringError was expected')
    expect(error).toMatchObject({ code: 'provider_error', provider: { error: word } })
    expect(JSON.stringify([error, error.message, error.hint, error.stack])).not.toContain('planted')
    expect(error.cause).toBeUndefined()
  })
})
