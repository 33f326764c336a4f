/** Rules over several fields of an OAuth 2 definition. Paths are relative to `auth`. */
import type { FieldError, Service } from '@mooring/contract'
import { decidedNames } from './authorize.ts'
import { readPair } from '../certificate.ts'
import { byCertificate, type Definition, presets, usesPkce } from './definition.ts'
import { checkExchanges } from './extra.ts'
import { checkLearn } from './learn.ts'
import { begins, grants } from './grants.ts'
import { algorithmsOf, readPrivateKey } from './jwt.ts'
import { nameOf } from './wire.ts'

export function check(given: Partial<Definition>, stage: 'draft' | 'ready'): FieldError[] {
  const definition = { ...presets, ...given }
  return [
    ...(stage === 'ready' ? missing(definition) : []),
    ...constants(definition),
    ...names(definition),
    ...requests(definition),
    ...certificate(definition),
    ...checkLearn(definition, stage),
    ...checkExchanges(definition),
    ...signing(definition),
    ...(stage === 'ready' ? proofs(definition) : []),
  ]
}

/** S-1: a password that is handed over. S-2: a code that travels without a challenge. */
export function warnings(given: Partial<Definition>): Service['warnings'] {
  const definition = { ...presets, ...given }
  if (definition.grantType === 'password') {
    const message =
      'The password grant hands the password to this app, and OAuth 2.1 no longer has it: use it only where the provider offers nothing else.'
    return [{ path: 'grantType', code: 'password_grant', message }]
  }
  if (begins(definition) !== 'redirect' || usesPkce(definition)) return []
  const message = 'PKCE was turned off: a code that is caught on its way back can be used.'
  return [{ path: 'pkce', code: 'pkce_off', message }]
}

const secretMethods = ['form', 'header', 'header_raw', 'query', 'client_secret_jwt']

function missing(definition: Definition): FieldError[] {
  const { grantType, clientAuthentication, clientSecretJwt, assertion } = definition
  const { client } = grants[grantType]
  const required: (keyof Definition)[] = [...(client === 'optional' ? [] : (['clientId'] as const)), 'tokenUrl']
  if (begins(definition) === 'redirect') required.push('authorizationUrl')
  if (grantType === 'device_code') required.push('deviceAuthorizationUrl')
  // R-137; a secret that is never sent, or made for each request, is not asked for either.
  if (client === 'with secret' && secretMethods.includes(clientAuthentication) && clientSecretJwt === null)
    required.push('clientSecret')
  if (clientSecretJwt !== null) required.push('clientKey')
  if (byCertificate(clientAuthentication) || definition.certificateBoundTokens) required.push('clientCertificate')
  const errors: FieldError[] = required
    .filter((name) => definition[name] === null)
    .map((name) => ({ path: name, code: 'required', message: 'Fill this in.' }))
  if (
    grantType === 'jwt_bearer' &&
    assertion.keyFrom === 'service' &&
    (assertion.issuer ?? definition.clientId) === null
  )
    errors.push({ path: 'assertion.issuer', code: 'missing', message: 'Say who signs: the Issuer, or a Client ID.' })
  if (
    begins(definition) === 'redirect' &&
    definition.authorizationResponseIssParameterSupported &&
    definition.issuer === null
  )
    errors.push({ path: 'issuer', code: 'missing', message: 'Name the issuer that every reply must carry.' })
  if (grantType === 'password' && !definition.allowPasswordGrant) {
    const message = 'Switch the password grant on for this service on purpose, or choose another Grant Type.'
    errors.push({ path: 'allowPasswordGrant', code: 'not_allowed', message })
  }
  return errors
}

/** Where the client is optional, a way to prove it still needs what it proves it with. */
function proofs({ grantType, clientAuthentication: method, clientId, clientSecret }: Definition): FieldError[] {
  const errors: FieldError[] = []
  if (grants[grantType].client === 'with secret') return errors
  const signs = method === 'private_key_jwt' || method === 'client_secret_jwt' || byCertificate(method)
  if (clientId === null && grants[grantType].client === 'optional' && (signs || clientSecret !== null))
    errors.push({ path: 'clientId', code: 'missing', message: 'Give the Client ID that the client proves itself as.' })
  if (method === 'client_secret_jwt' && clientSecret === null)
    errors.push({ path: 'clientSecret', code: 'missing', message: 'Give the Client Secret that signs.' })
  return errors
}

/** A key that cannot sign as it should. */
function signing({ clientKey, signingAlgorithm, dpop, parameterLocation }: Definition): FieldError[] {
  const errors: FieldError[] = []
  const key = clientKey === null ? undefined : readPrivateKey(clientKey)
  if (key !== undefined && signingAlgorithm !== null && !algorithmsOf(key).includes(signingAlgorithm)) {
    const message = `The Private Key cannot sign with ${signingAlgorithm}; leave this empty, or give another key.`
    errors.push({ path: 'signingAlgorithm', code: 'invalid_value', message })
  }
  if (dpop && parameterLocation === 'query') {
    const message =
      'A token that is bound to a key travels in the header only (RFC 9449). Choose Header, or turn DPoP off.'
    errors.push({ path: 'dpop', code: 'invalid_value', message })
  }
  return errors
}

/** Constants under a name that Mooring decides about would undo what it does there, or send the name twice. */
function constants(definition: Definition): FieldError[] {
  const { parameterNames, authorizationUrl, authorizationParams } = definition
  const authorize = decidedNames(definition)
  const token = new Set([
    'grant_type',
    'code',
    'redirect_uri',
    'code_verifier',
    'client_id',
    'client_secret',
    'refresh_token',
    'client_assertion',
    'client_assertion_type',
    ...(definition.resource.length > 0 ? ['resource'] : []),
    ...(['grantType', 'code', 'redirectUri', 'clientId', 'clientSecret', 'refreshToken'] as const).map((name) =>
      nameOf(parameterNames, name),
    ),
  ])
  const own = new URLSearchParams(authorizationUrl?.split('?').slice(1).join('?') ?? '')
  return [
    ...Object.keys(authorizationParams).flatMap((name) => [
      ...reserved(`authorizationParams.${name}`, name, authorize),
      ...(own.has(name)
        ? [
            {
              path: `authorizationParams.${name}`,
              code: 'duplicate',
              message: `The Authorization URL has ${name} in its query already; keep one of the two.`,
            },
          ]
        : []),
    ]),
    ...[...new Set(own.keys())]
      .filter((name) => authorize.has(name))
      .map((name) => ({
        path: 'authorizationUrl',
        code: 'reserved',
        message: `Remove ${name} from the query: Mooring adds it.`,
      })),
    ...(['tokenParams', 'refreshParams'] as const).flatMap((field) =>
      Object.keys(definition[field]).flatMap((name) => reserved(`${field}.${name}`, name, token)),
    ),
  ]
}

function reserved(path: string, name: string, taken: Set<string>): FieldError[] {
  return taken.has(name)
    ? [{ path, code: 'reserved', message: `Remove ${name}: Mooring sets it, and a constant would undo that.` }]
    : []
}

function names({ parameterNames }: Definition): FieldError[] {
  const entries = Object.entries(parameterNames).filter(([, name]) => name !== undefined)
  return entries
    .filter(([, name], index) => entries.findIndex(([, other]) => other === name) < index)
    .map(([parameter, name]) => ({
      path: `parameterNames.${parameter}`,
      code: 'duplicate',
      message: `Two parameters cannot both be called ${name}.`,
    }))
}

function certificate({ clientCertificate }: Definition): FieldError[] {
  const read = clientCertificate === null ? undefined : readPair(clientCertificate, '', undefined)
  if (read === undefined || !('fault' in read)) return []
  const { part, message } = read.fault
  const said = part === 'passphrase' ? 'This key has a passphrase. Give it without: openssl pkey -in key.pem' : message
  return [{ path: 'clientCertificate', code: 'invalid_format', message: said }]
}

function requests({ tokenRequestMethod, tokenRequestFormat, revocation }: Definition): FieldError[] {
  const errors: FieldError[] = []
  if (tokenRequestMethod === 'GET' && tokenRequestFormat === 'json') {
    errors.push({
      path: 'tokenRequestFormat',
      code: 'invalid_value',
      message: 'A GET carries no JSON body. Use query, or POST as the method.',
    })
  }
  if (revocation.method === 'GET' && (revocation.tokenIn === 'form' || revocation.tokenIn === 'json')) {
    errors.push({
      path: 'revocation.tokenIn',
      code: 'invalid_value',
      message: 'A GET carries no body. Use query or path, or another method.',
    })
  }
  return errors
}
