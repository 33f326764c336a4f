/** The words for a provider's refusal: what happened, and the fix where one is known. */
import * as oauth from 'oauth4webapi'
import { MooringError, type ProviderFailure } from '../../errors.ts'
import { type Circumstance, isThrottle } from './failure.ts'
import { grants } from './grants.ts'
import { joinScopes } from './scope.ts'

/** The error to throw. Its words are ours: what the provider said is in `provider` alone. */
export function failed(failure: ProviderFailure, circumstance: Circumstance): MooringError {
  const limited = failure.kind === 'transient' && (failure.status === 429 || isThrottle(failure))
  return new MooringError(limited ? 'provider_rate_limited' : 'provider_error', {
    ...words(failure, circumstance, limited),
    provider: failure,
  })
}

function words(
  { kind, error, status }: ProviderFailure,
  circumstance: Circumstance,
  limited: boolean,
): { detail: string; hint?: string } {
  const { host, step } = circumstance
  if (limited) return { detail: `${host} asks to wait: too many requests.` }
  if (kind === 'denied') {
    return { detail: `Access was not granted at ${host}.`, hint: 'Nothing was saved. Connect again to grant it.' }
  }
  if (kind === 'permanent') return gone(circumstance)
  const known = sentences[error]
  if (known) return known(circumstance)
  if (kind === 'transient') {
    return {
      detail: `${host} could not do it at the moment (${status === null ? error : `status ${status}`}).`,
      hint: 'Nothing needs changing; it is worth trying again later.',
    }
  }
  const what: Record<Circumstance['step'], string> = {
    authorize: 'authorization',
    pushed: 'pushed authorization',
    code: 'token',
    device_authorization: 'device authorization',
    device: 'token',
    acquire: 'token',
    lookup: 'lookup',
    refresh: 'refresh',
    revoke: 'revocation',
  }
  return { detail: `${host} refused the ${what[step]} request${status === null ? '' : ` with status ${status}`}.` }
}

function gone({ host, step }: Circumstance): { detail: string; hint?: string } {
  if (step === 'refresh') {
    return {
      detail: `${host} no longer accepts the refresh token.`,
      hint: 'The account took back access, changed its password, or the refresh token ran out. Connect again.',
    }
  }
  if (step === 'code') {
    return {
      detail: `The sign-in code was refused by ${host}.`,
      hint: 'It may have been used twice or be older than a minute. Connect again.',
    }
  }
  if (step === 'device')
    return { detail: `The code of ${host} was not entered in time.`, hint: 'Connect again to get a new code.' }
  return { detail: `${host} does not accept what was given (any more).` }
}

function grantRefused({ host, definition }: Circumstance): { detail: string; hint: string } {
  return {
    detail: `${host} does not allow the grant type ${grants[definition.grantType].title} for this app.`,
    hint: "Choose another Grant Type or allow this one in the app's settings.",
  }
}

function clientRefused({ host, definition }: Circumstance): { detail: string; hint: string } {
  if (definition.clientAuthentication === 'private_key_jwt') {
    return {
      detail: `${host} did not accept the Client ID or the signature.`,
      hint: "Give the provider the service's JWKS URL or public key, and check the Key ID and the Client Assertion Audience.",
    }
  }
  const other =
    definition.clientAuthentication === 'form' ? 'Include in authorization header' : 'Include in the form data'
  return {
    detail: `${host} did not accept the Client ID or Client Secret.`,
    hint: `Paste both again. If they are right, switch Client Authentication to "${other}".`,
  }
}

function noToken({ host, step }: Circumstance): { detail: string; hint: string } {
  return {
    detail: `The answer of ${host} had no access token.`,
    hint: step === 'refresh' ? 'Is the Refresh Token URL right?' : 'Is the Token URL right?',
  }
}

/** The scope string as it went out, before it was percent-encoded. */
function sentScopes(input: Circumstance['scopes']): string {
  return (input && joinScopes(input.scopes, input.scopeDelimiter)?.plain) ?? '(none)'
}

const endpointTitles: Partial<Record<Circumstance['step'], string>> = {
  refresh: 'Refresh Token URL',
  revoke: 'Revoke Token URL',
  device_authorization: 'Device Authorization URL',
  pushed: 'Pushed Authorization Request URL',
}

const sentences: Record<string, (circumstance: Circumstance) => { detail: string; hint?: string }> = {
  invalid_client: clientRefused,
  incorrect_client_credentials: clientRefused,
  unauthorized_client: grantRefused,
  unsupported_grant_type: grantRefused,
  unsupported_response_type: grantRefused,
  invalid_scope: ({ host, scopes }) => ({
    detail: `${host} does not know one of these scopes. Sent: ${sentScopes(scopes)}`,
    hint: `Check their spelling and the Scope Delimiter (now: ${scopes?.scopeDelimiter ?? 'comma'}).`,
  }),
  redirect_uri_mismatch: ({ host }) => ({
    detail: `${host} does not know the redirect URI.`,
    hint: "Add the service's callback URL to the app's settings at the provider, exactly, then connect again.",
  }),
  no_device_code: ({ host }) => ({
    detail: `The answer of ${host} had no code to enter.`,
    hint: 'Is the Device Authorization URL right?',
  }),
  no_request_uri: ({ host }) => ({
    detail: `The answer of ${host} had no request_uri.`,
    hint: 'Is the Pushed Authorization Request URL right?',
  }),
  issuer_missing: ({ host }) => ({
    detail: `The reply of ${host} does not name its issuer, which the service says it always does, so it was not used.`,
    hint: 'If the provider does not send iss, turn off Issuer in Every Reply.',
  }),
  not_json: noToken,
  no_access_token: noToken,
  redirect: ({ host, step }) => ({
    detail: `${host} answered with a redirect, which is not followed: it would take secrets elsewhere.`,
    hint: `Give the final address as the ${endpointTitles[step] ?? 'Token URL'}.`,
  }),
  issuer_mismatch: ({ host }) => ({
    detail: `The reply names another issuer than the one expected from ${host}, so it was not used.`,
    hint: 'If the provider documents this issuer, set Issuer on the service to exactly that.',
  }),
}

/**
 * What the library would not take. Its message is its own; its `cause` holds the answer, tokens and all, and so is not
 * handed on.
 */
export function explainLibrary(error: unknown, circumstance: Circumstance): unknown {
  if (!(error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError))
    return error
  return new MooringError('provider_error', {
    detail: `The answer of ${circumstance.host} is not what OAuth 2 asks for.`,
    provider: {
      kind: 'configuration',
      error: 'invalid_response',
      description: circumstance.redact(error.message),
      status: null,
      retryAfterSeconds: null,
    },
  })
}
