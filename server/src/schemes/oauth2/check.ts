/** Rules over several fields of an OAuth 2 definition. Paths are relative to `auth`. */
import type { FieldError, Service } from '@mooring/contract'
import { decidedNames } from './authorize.ts'
import { readPair } from '../certificate.ts'
import { byCertificate, type Definition, presets, usesPkce } from './definition.ts'
import { nameOf } from './wire.ts'

export function check(given: Partial<Definition>, stage: 'draft' | 'ready'): FieldError[] {
  const definition = { ...presets, ...given }
  return [
    ...(stage === 'ready' ? missing(definition) : []),
    ...constants(definition),
    ...names(definition),
    ...requests(definition),
    ...certificate(definition),
  ]
}

/** S-2: a code that travels without a challenge. */
export function warnings(given: Partial<Definition>): Service['warnings'] {
  const definition = { ...presets, ...given }
  if (definition.grantType === 'client_credentials' || usesPkce(definition)) return []
  const message = 'PKCE was turned off: a code that is caught on its way back can be used.'
  return [{ path: 'pkce', code: 'pkce_off', message }]
}

function missing(definition: Definition): FieldError[] {
  const { grantType, clientAuthentication } = definition
  const required: (keyof Definition)[] = ['clientId', 'tokenUrl']
  if (grantType !== 'client_credentials') required.push('authorizationUrl')
  // R-137; a secret that is never sent is not asked for either.
  if (byCertificate(clientAuthentication) || definition.certificateBoundTokens) required.push('clientCertificate')
  const withSecret = clientAuthentication !== 'none' && !byCertificate(clientAuthentication)
  if (grantType !== 'authorization_code_pkce' && withSecret) required.push('clientSecret')
  return required
    .filter((name) => definition[name] === null)
    .map((name) => ({ path: name, code: 'required', message: 'Fill this in.' }))
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
