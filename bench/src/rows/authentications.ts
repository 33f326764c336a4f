/** The connections that rows call through. */
import type { Authentication } from '../mooring.ts'

const farAway = '2099-01-01T00:00:00Z'

export const apiKey: Authentication = {
  auth: () => ({ type: 'api_key', parameters: [{ name: 'API key', key: 'X-Api-Key', location: 'header' }] }),
  credentials: { 'X-Api-Key': 'a key that only the server knows' },
}

/** A token that stays good for the whole run: the cost of a call, not of a renewal. */
export const oauth2: Authentication = {
  auth: (origin) => ({
    type: 'oauth2',
    grantType: 'authorization_code',
    clientId: 'bench',
    clientSecret: 'bench client secret',
    authorizationUrl: `${origin}/authorize`,
    tokenUrl: `${origin}/token`,
  }),
  credentials: { accessToken: 'access.0123456789abcdef', refreshToken: 'refresh.0123456789abcdef', expiresAt: farAway },
}

export const aws: Authentication = {
  auth: () => ({ type: 'aws', service: 's3', region: 'us-east-1' }),
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
}

export const oauth1: Authentication = {
  auth: (origin) => ({
    type: 'oauth1',
    consumerKey: 'bench',
    consumerSecret: 'bench consumer secret',
    requestTokenUrl: `${origin}/request_token`,
    authorizationUrl: `${origin}/authorize`,
    tokenUrl: `${origin}/access_token`,
    signatureMethod: 'HMAC-SHA1',
    parameterLocation: 'header',
  }),
  credentials: { token: 'token0123456789abcdef', tokenSecret: 'secret0123456789abcdef' },
}
