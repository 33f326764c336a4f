/** Authorizing on another device (RFC 8628): the code that a person enters at the provider, and asking whether they have. */
import * as oauth from 'oauth4webapi'
import { MooringError } from '../../errors.ts'
import type { DeviceBegun, DeviceInput, Exchange, Grant, ScopeInput } from '../scheme.ts'
import { definitionSecrets, needed, tokenUrl } from './client.ts'
import type { Credential, Definition } from './definition.ts'
import { bindingIn, newBinding } from './dpop.ts'
import { askEndpoint } from './endpoint.ts'
import type { Circumstance } from './failure.ts'
import { redactor } from './redact.ts'
import { joinScopes } from './scope.ts'
import { requestToken } from './token.ts'
import { failed } from './words.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:device_code'

/** RFC 8628 section 3.2, and bounds on what a provider may say. Seconds. */
const usualInterval = 5
const longestInterval = 300
const usualLife = 600
const longestLife = 3600

/** Asks for a code to show. Section 3.1. */
export async function beginDevice(definition: Definition, input: ScopeInput, exchange: Exchange): Promise<DeviceBegun> {
  const url = new URL(needed(definition.deviceAuthorizationUrl, 'Device Authorization URL'))
  const scope = joinScopes(input.scopes, input.scopeDelimiter)
  const circumstance: Circumstance = {
    step: 'device_authorization',
    host: url.host,
    definition,
    scopes: input,
    redact: redactor(definitionSecrets(definition)),
    now: exchange.now(),
  }
  const parameters: [string, string][] = [
    ...Object.entries(definition.authorizationParams),
    ...(scope === undefined ? [] : [['scope', scope.plain] satisfies [string, string]]),
    ...definition.resource.map((each): [string, string] => ['resource', each]),
  ]
  const wanted = { field: 'device_code', word: 'no_device_code' }
  const fields = await askEndpoint(definition, { url, parameters, scope, wanted, circumstance }, exchange)
  // Google called it verification_url before there was a standard.
  const verificationUri = pageUrl(fields['verification_uri'] ?? fields['verification_url'])
  const userCode = fields['user_code']
  if (verificationUri === undefined || typeof userCode !== 'string' || !/^[\x20-\x7e]{1,100}$/.test(userCode)) {
    const failure = { kind: 'configuration', error: 'no_device_code', description: null, status: null } as const
    throw failed({ ...failure, retryAfterSeconds: null }, circumstance)
  }
  return {
    userCode,
    verificationUri,
    verificationUriComplete:
      pageUrl(fields['verification_uri_complete'] ?? fields['verification_url_complete']) ?? null,
    expiresInSeconds: within(fields['expires_in'], usualLife, longestLife),
    intervalSeconds: within(fields['interval'], usualInterval, longestInterval),
    kept: {
      deviceCode: String(fields['device_code']),
      ...(definition.dpop ? { dpop: JSON.stringify(newBinding()) } : {}),
    },
  }
}

/** It is shown as a link, so it must lead to a page. */
function pageUrl(value: unknown): string | undefined {
  const url = typeof value === 'string' && value.length <= 2048 ? URL.parse(value) : null
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined
}

function within(value: unknown, usual: number, most: number): number {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && number > 0 ? Math.min(most, Math.ceil(number)) : usual
}

/** Asks once whether the person has agreed. Sections 3.4 and 3.5. Throws where they said no, or the code has ended. */
export async function pollDevice(
  definition: Definition,
  { kept, ...scopes }: DeviceInput,
  exchange: Exchange,
): Promise<Grant<Credential> | 'pending' | 'slow_down'> {
  const { deviceCode = '', dpop } = kept
  try {
    return await requestToken(definition, exchange, {
      step: 'device',
      url: tokenUrl(definition),
      scopes,
      secrets: [deviceCode],
      refreshToken: null,
      ...(dpop === undefined ? {} : { dpop: bindingIn(dpop) }),
      send: ({ server, client, authenticate }, options) =>
        oauth.genericTokenEndpointRequest(
          server,
          client,
          authenticate,
          grantType,
          { ...definition.tokenParams, device_code: deviceCode },
          options,
        ),
      read: oauth.processGenericTokenEndpointResponse,
    })
  } catch (error) {
    const word = error instanceof MooringError ? error.provider?.error : undefined
    if (word === 'authorization_pending') return 'pending'
    if (word === 'slow_down') return 'slow_down'
    throw error
  }
}
