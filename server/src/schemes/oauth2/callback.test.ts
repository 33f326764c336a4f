import { describe, expect, test } from 'vitest'
import { MooringError } from '../../errors.ts'
import { readCallback } from './callback.ts'
import { type Definition, fields } from './definition.ts'
import { now } from './provider.fixture.ts'

function read(reply: string, given: Partial<Record<keyof Definition, unknown>> = {}): URLSearchParams {
  const definition = fields.parse({
    clientId: 'id',
    clientSecret: 'planted-secret',
    authorizationUrl: 'https://login.provider.example/authorize',
    tokenUrl: 'https://api.provider.example/token',
    ...given,
  })
  const input = {
    callbackUrl: 'https://mooring.example/oauth/callback/abc',
    scopes: ['a'],
    scopeDelimiter: 'comma' as const,
    parameters: new URLSearchParams(reply),
    kept: { state: 'the-state', verifier: 'planted-verifier' },
  }
  return readCallback(definition, input, now)
}

function failure(act: () => unknown): MooringError {
  try {
    act()
  } catch (error) {
    if (error instanceof MooringError) return error
    throw error
  }
  throw new Error('a MooringError was expected')
}

const issuer = 'https://id.provider.example/tenant'

describe('the reply of the provider', () => {
  test('a code with the state that was sent is taken', () => {
    expect(read('state=the-state&code=c').get('code')).toBe('c')
  })

  test('a code under the name that the service gives it is taken', () => {
    expect(read('state=the-state&auth_code=c', { parameterNames: { code: 'auth_code' } }).get('code')).toBe('c')
  })

  test.each([
    ['another state', 'state=other&code=c'],
    ['no state', 'code=c'],
    ['two states', 'state=the-state&state=the-state&code=c'],
    ['a token of the implicit grant (S-1)', 'state=the-state&code=c&token=t'],
    ['a signed response nobody asked for', 'state=the-state&response=x.y.z'],
  ])('S-3 %s is refused', (_, reply) => {
    expect(failure(() => read(reply))).toMatchObject({
      code: 'provider_error',
      provider: { error: 'invalid_response', kind: 'configuration' },
    })
  })

  test.each([
    ['access_denied', 'denied'],
    ['user_cancelled_login', 'denied'],
    ['temporarily_unavailable', 'transient'],
    ['server_error', 'transient'],
    ['invalid_scope', 'configuration'],
    ['unauthorized_client', 'configuration'],
    ['something_else', 'configuration'],
  ])('an error reply %s is %s', (error, kind) => {
    const thrown = failure(() => read(`state=the-state&error=${error}&error_description=So+it+is`))
    expect(thrown).toMatchObject({
      code: 'provider_error',
      provider: { error, kind, description: 'So it is', status: null },
    })
    expect(thrown.message).toContain('login.provider.example')
  })

  test('an error reply is cut to 300 characters and says no secret', () => {
    const thrown = failure(() =>
      read(
        `state=the-state&code=planted-code&error=planted-verifier&error_description=${'planted-secret planted-code '.repeat(99)}`,
      ),
    )
    expect(thrown.provider?.description?.length).toBeLessThanOrEqual(300)
    expect(JSON.stringify([thrown, thrown.message, thrown.hint, thrown.stack])).not.toContain('planted')
    expect(thrown.cause).toBeUndefined()
  })

  test('what the library refuses says no secret either', () => {
    const thrown = failure(() => read('state=the-state&code=planted-code&code=planted-code&id_token=planted-id'))
    expect(JSON.stringify([thrown, thrown.message, thrown.stack])).not.toContain('planted')
    expect(thrown.cause).toBeUndefined()
  })
})

describe('S-5 the issuer of the reply', () => {
  test.each([
    ['is that of the Authorization URL', 'https://login.provider.example/', null],
    ['is that of the Token URL', 'https://api.provider.example/tenant/1', null],
    ['is the one the service names', issuer, issuer],
    ['is not told, though the service names one', undefined, issuer],
  ])('%s', (_, iss, expected) => {
    const said = iss === undefined ? '' : `&iss=${encodeURIComponent(iss)}`
    expect(read(`state=the-state&code=c${said}`, { issuer: expected }).get('code')).toBe('c')
  })

  test.each([
    ['elsewhere', 'iss=https://evil.example', null],
    ['on another port', 'iss=https://api.provider.example:444', null],
    ['over plain http', 'iss=http://api.provider.example', null],
    ['no URL', 'iss=provider', null],
    ['empty', 'iss=', null],
    ['told twice', 'iss=https://api.provider.example&iss=https://api.provider.example', null],
    ['but for a slash the one the service names', `iss=${issuer}/`, issuer],
    ['in other letters the one the service names', `iss=${issuer.toUpperCase()}`, issuer],
    ["the origin's, while the service names another", 'iss=https://api.provider.example', issuer],
  ])('%s is refused, in error replies too', (_, iss, expected) => {
    for (const rest of ['code=c', 'error=access_denied']) {
      const thrown = failure(() => read(`state=the-state&${rest}&${iss}`, { issuer: expected }))
      expect(thrown.provider).toMatchObject({ error: 'issuer_mismatch', kind: 'configuration' })
      expect(thrown.hint).toContain('Issuer')
    }
  })
})
