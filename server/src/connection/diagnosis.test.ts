import { describe, expect, test } from 'vitest'
import { EgressError } from '../egress/errors.ts'
import { MooringError, type ProviderFailure } from '../errors.ts'
import { type Circumstances, diagnose } from './diagnosis.ts'

const connecting: Circumstances = {
  service: 'Acme',
  connection: 'Acme CRM',
  scopes: ['read', 'write'],
  scopeDelimiter: 'comma',
  asked: ['Username', 'Password'],
  moment: 'connect',
}
const renewing: Circumstances = { ...connecting, moment: 'renew' }

function refusal(error: string, more: Partial<ProviderFailure> = {}): MooringError {
  return new MooringError('provider_error', {
    detail: 'What happened.',
    provider: { kind: 'configuration', error, description: null, status: 400, retryAfterSeconds: null, ...more },
  })
}

describe('a refusal of the provider', () => {
  test.each([
    ['invalid_client', {}, 'Acme did not accept the Client ID or Client Secret', 'Paste both again.'],
    ['incorrect_client_credentials', {}, 'Acme did not accept the Client ID or Client Secret', 'Paste both again.'],
    ['invalid_grant', { kind: 'permanent' }, 'The sign-in code was refused', 'Connect again.'],
    ['bad_verification_code', { kind: 'permanent' }, 'The sign-in code was refused', 'Connect again.'],
    ['invalid_scope', {}, 'Acme does not know one of these scopes', 'Scope Delimiter (now: comma)'],
    ['access_denied', { kind: 'denied' }, 'You pressed Cancel at Acme', 'Nothing was saved.'],
    ['user_cancelled_login', { kind: 'denied' }, 'You pressed Cancel at Acme', 'Nothing was saved.'],
    ['unauthorized_client', {}, 'Acme does not allow this Grant Type for your app', 'Choose another Grant Type'],
    ['unsupported_grant_type', {}, 'Acme does not allow this Grant Type for your app', 'Choose another Grant Type'],
    ['no_access_token', {}, "Acme's answer had no access token", 'Is the Token URL right?'],
    ['not_json', {}, "Acme's answer had no access token", 'Is the Token URL right?'],
    ['redirect_uri_mismatch', {}, 'Acme does not know the redirect URI', 'callback URL'],
    ['server_error', { kind: 'transient' }, 'Acme could not do it at the moment', 'Connect again'],
    ['never_heard_of', {}, 'The provider answered with an error', null],
  ] as const)('%s is told with what mends it', (word, more, title, hint) => {
    const diagnosis = diagnose(refusal(word, more), connecting)
    expect(diagnosis).toMatchObject({ code: word, title, detail: 'What happened.' })
    if (hint === null) expect(diagnosis.hint).toBeNull()
    else expect(diagnosis.hint).toContain(hint)
  })

  test('of a refresh token says that the connection needs to be reconnected', () => {
    const { title, hint } = diagnose(refusal('invalid_grant', { kind: 'permanent' }), renewing)
    expect([title, hint]).toEqual(['Acme CRM needs to be reconnected', expect.stringContaining('took back access')])
  })

  test('shows how an answer without a token began', () => {
    const error = refusal('not_json', { description: '<html>Welcome to Acme' })
    expect(diagnose(error, connecting).detail).toBe('What happened. It began: “<html>Welcome to Acme”.')
    expect(diagnose(error, renewing).detail).toBe('What happened.')
  })

  test('is told with the hint of whoever knows more', () => {
    const error = new MooringError('provider_error', {
      detail: 'What happened.',
      hint: 'Switch Client Authentication to "Include in the form data".',
      provider: {
        kind: 'configuration',
        error: 'invalid_client',
        description: null,
        status: 401,
        retryAfterSeconds: null,
      },
    })
    expect(diagnose(error, connecting).hint).toBe('Switch Client Authentication to "Include in the form data".')
  })
})

describe('a host that is out of reach', () => {
  test.each([
    ['upstream_timeout', 'provider_timeout', 'Is acme.example right'],
    ['upstream_unreachable', 'upstream_unreachable', 'Is acme.example right'],
    ['egress_blocked', 'egress_blocked', 'Allow it.'],
  ] as const)('%s is told by the name of the host', (reason, code, hint) => {
    const error = new MooringError(code, {
      detail: 'What happened.',
      hint: 'Allow it.',
      cause: new EgressError(reason, 'acme.example', 'private'),
    })
    const diagnosis = diagnose(error, connecting)
    expect(diagnosis).toMatchObject({ code, title: 'Could not reach acme.example', detail: 'What happened.' })
    expect(diagnosis.hint).toContain(hint)
    expect(diagnose(error, renewing).hint).toBe('Allow it.')
  })
})

test('values that were refused are named as they were asked for', () => {
  const error = new MooringError('credentials_rejected', {
    detail: 'The probe answered 401.',
    hint: 'Wrong or expired.',
  })
  expect(diagnose(error, connecting)).toEqual({
    code: 'credentials_rejected',
    title: 'Acme said no to this Username or Password',
    detail: 'The probe answered 401.',
    hint: 'Wrong or expired.',
  })
  expect(diagnose(error, { ...connecting, asked: [] }).title).toBe('Acme said no to this credential')
})

test('a fault of our own tells nothing of itself', () => {
  expect(JSON.stringify(diagnose(new Error('a secret thing'), connecting))).not.toContain('secret')
})
