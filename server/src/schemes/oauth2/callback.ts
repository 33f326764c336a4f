/** The reply that a person's browser brings back: RFC 6749 section 4.1.2, RFC 9207. */
import * as oauth from 'oauth4webapi'
import { MooringError } from '../../errors.ts'
import type { FinishInput } from '../scheme.ts'
import { definitionSecrets, needed } from './client.ts'
import type { Definition } from './definition.ts'
import { type Circumstance, errorWord, kindOfReply } from './failure.ts'
import { redactor } from './redact.ts'
import { explainLibrary, failed } from './words.ts'
import { nameOf } from './wire.ts'

/** The reply's parameters, checked by the library: state, issuer, no error, one code. Throws `provider_error`. */
export function readCallback(definition: Definition, input: FinishInput, now: number): URLSearchParams {
  const { kept } = input
  const { state } = kept
  if (state === undefined)
    throw new MooringError('internal_error', { detail: 'The attempt was kept without its state.' })
  const parameters = new URLSearchParams(input.parameters)
  const { callbackNames } = definition
  const renamed = parameters.get(nameOf(definition.parameterNames, 'code'))
  if (renamed !== null && !parameters.has('code')) parameters.set('code', renamed)
  const own = {
    code: callbackNames.code,
    error: callbackNames.error,
    error_description: callbackNames.errorDescription,
  }
  for (const [standard, name] of Object.entries(own)) {
    const value = name === undefined ? null : parameters.get(name)
    // What the service says of the callback alone is stronger than a standard name that has another meaning here.
    if (value !== null) parameters.set(standard, value)
  }
  const secrets = [...definitionSecrets(definition), parameters.get('code'), state, kept['verifier']]
  const circumstance: Circumstance = {
    step: 'authorize',
    host: new URL(needed(definition.authorizationUrl, 'Authorization URL')).host,
    definition,
    scopes: input,
    redact: redactor(secrets),
    now,
  }
  const issuer = expectedIssuer(definition, parameters, circumstance)
  const client = { client_id: needed(definition.clientId, 'Client ID') }
  try {
    return oauth.validateAuthResponse({ issuer }, client, parameters, state)
  } catch (error) {
    throw explain(error, circumstance)
  }
}

/**
 * The issuer this reply may name (S-5): the service's own, character for character. A service that names none still
 * refuses an issuer elsewhere than at its own endpoints, which is what a mix-up attack looks like (RFC 9207 section 1).
 */
function expectedIssuer(definition: Definition, parameters: URLSearchParams, circumstance: Circumstance): string {
  const named = parameters.getAll('iss')
  const signIn = new URL(needed(definition.authorizationUrl, 'Authorization URL')).origin
  // A refusal may come without what the Token URL's placeholders are learned from.
  const own = URL.parse(definition.tokenUrl ?? '')?.origin ?? signIn
  const iss = named[0]
  const refused = (error: string): unknown =>
    failed(
      {
        kind: 'configuration',
        error,
        description: circumstance.redact(iss ?? '') || null,
        status: null,
        retryAfterSeconds: null,
      },
      circumstance,
    )
  if (iss === undefined) {
    // RFC 9207 section 2.4: of a provider that promises it, a reply without it is somebody else's.
    if (definition.authorizationResponseIssParameterSupported) throw refused('issuer_missing')
    return definition.issuer ?? own
  }
  const origin = URL.parse(iss)?.origin
  const right =
    named.length === 1 && (definition.issuer === null ? origin === own || origin === signIn : iss === definition.issuer)
  if (right) return iss
  throw refused('issuer_mismatch')
}

function explain(error: unknown, circumstance: Circumstance): unknown {
  const { redact } = circumstance
  if (error instanceof oauth.AuthorizationResponseError) {
    const word = errorWord(error.error, redact)
    const description = error.error_description === undefined ? null : redact(error.error_description)
    return failed(
      { kind: kindOfReply(word), error: word, description, status: null, retryAfterSeconds: null },
      circumstance,
    )
  }
  return explainLibrary(error, circumstance)
}
