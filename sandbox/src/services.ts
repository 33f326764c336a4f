import { demo } from './demo.ts'

/** A body for `POST /v1/services`. */
export interface SandboxServiceDefinition {
  name: string
  linkName: string
  description: string
  stage: 'ready'
  auth: { type: string; [field: string]: unknown }
  scopes?: { name: string; value: string }[]
  scopeDelimiter?: 'space'
  baseUrl: string
  probe: { method: 'GET'; path: string }
}

export interface SandboxService {
  linkName: string
  service: SandboxServiceDefinition
  /** What a connection of this service takes as `credentials`; null where none are typed in. Public demo values. */
  credentials: Record<string, string> | null
}

const scopes = [
  { name: 'Read', value: 'read' },
  { name: 'Write', value: 'write' },
  { name: 'Profile', value: 'profile' },
]

/** @param url the sandbox's public URL, without a slash at the end */
export function describeServices(url: string): SandboxService[] {
  const oauth2Urls = { tokenUrl: `${url}/oauth2/token`, revokeTokenUrl: `${url}/oauth2/revoke` }
  const withPerson = { ...oauth2Urls, authorizationUrl: `${url}/oauth2/authorize` }
  const { confidential, public: publicClient, machine } = demo.oauth2
  const account = { tokenResponse: { account: 'account.email' } }
  const oauth2Scopes = { scopes, scopeDelimiter: 'space' } as const

  const define = (
    kind: string,
    api: string,
    name: string,
    description: string,
    auth: SandboxServiceDefinition['auth'],
    credentials: SandboxService['credentials'],
    more: Pick<SandboxServiceDefinition, 'scopes' | 'scopeDelimiter'> = {},
  ): SandboxService => {
    const linkName = `sandbox_${kind}`
    const baseUrl = `${url}/api/${api}`
    const probe = { method: 'GET', path: '/me' } as const
    return {
      linkName,
      service: { name, linkName, description, stage: 'ready', auth, ...more, baseUrl, probe },
      credentials,
    }
  }

  return [
    define(
      'oauth2',
      'oauth2',
      'Sandbox OAuth 2',
      'OAuth 2 with a person and a confidential client. Refresh tokens rotate.',
      {
        type: 'oauth2',
        grantType: 'authorization_code',
        ...confidential,
        clientAuthentication: 'form',
        ...withPerson,
        ...account,
      },
      null,
      oauth2Scopes,
    ),
    define(
      'pkce',
      'oauth2',
      'Sandbox OAuth 2 with PKCE',
      'OAuth 2 with a person and a public client.',
      {
        type: 'oauth2',
        grantType: 'authorization_code_pkce',
        ...publicClient,
        clientAuthentication: 'none',
        ...withPerson,
        ...account,
      },
      null,
      oauth2Scopes,
    ),
    define(
      'machine',
      'oauth2',
      'Sandbox OAuth 2 for machines',
      'OAuth 2 client credentials: no person takes part.',
      { type: 'oauth2', grantType: 'client_credentials', ...machine, clientAuthentication: 'form', ...oauth2Urls },
      null,
      { scopes: scopes.slice(0, 2), scopeDelimiter: 'space' },
    ),
    define(
      'api_key',
      'api_key',
      'Sandbox API key',
      'A key in the header X-Api-Key.',
      { type: 'api_key', parameters: [{ name: 'API key', key: 'X-Api-Key', location: 'header' }] },
      { 'X-Api-Key': demo.apiKey },
    ),
    define(
      'basic',
      'basic',
      'Sandbox Basic',
      'Username and password.',
      {
        type: 'basic',
        delivery: 'header',
        parameters: [
          { name: 'Username', key: 'username' },
          { name: 'Password', key: 'password' },
        ],
      },
      { ...demo.basic },
    ),
    define(
      'bearer',
      'bearer',
      'Sandbox bearer token',
      'A token that does not expire.',
      { type: 'bearer', parameterName: 'Bearer Token', tokenPrefix: 'Bearer' },
      { token: demo.bearer },
    ),
    define(
      'oauth1',
      'oauth1',
      'Sandbox OAuth 1',
      'OAuth 1.0a with a person, signed with HMAC-SHA1.',
      {
        type: 'oauth1',
        ...demo.oauth1,
        requestTokenUrl: `${url}/oauth1/request_token`,
        authorizationUrl: `${url}/oauth1/authorize`,
        tokenUrl: `${url}/oauth1/access_token`,
        revokeTokenUrl: `${url}/oauth1/revoke`,
        signatureMethod: 'HMAC-SHA1',
        parameterLocation: 'header',
      },
      null,
    ),
    define(
      'aws',
      'aws',
      'Sandbox AWS signature',
      'Requests signed with AWS Signature Version 4.',
      { type: 'aws', service: demo.aws.service, region: demo.aws.region },
      { ...demo.aws.longLived },
    ),
    define(
      'digest',
      'digest',
      'Sandbox Digest',
      'A user name and a password that are proven, not sent. Nonces live for a minute.',
      { type: 'digest' },
      { ...demo.basic },
    ),
    define(
      'hmac',
      'hmac',
      'Sandbox HMAC signature',
      'Requests signed with HMAC-SHA256.',
      { type: 'hmac', stringToSign: String.raw`{timestamp}\n{method}\n{target}\n{bodyHash}` },
      { ...demo.hmac },
    ),
    define(
      'jwt',
      'jwt',
      'Sandbox signed JWT',
      'Tokens signed with a shared secret.',
      { type: 'jwt', prompts: [{ key: 'issuer', label: 'Issuer' }], claims: { iss: '{issuer}' } },
      { issuer: demo.jwt.issuer, key: demo.jwt.secret },
    ),
    define(
      'session',
      'session',
      'Sandbox session',
      'Signing in gives a token for a minute.',
      {
        type: 'session',
        signInUrl: `${url}/api/session/sign_in`,
        tokenPath: 'session.token',
        lifetimePath: 'session.expires_in',
        sendAs: 'X-Session-Token',
        sendFormat: '{token}',
      },
      { ...demo.basic },
    ),
  ]
}

/** One line about each service for people: the values to type in. */
export function explainServices(services: readonly SandboxService[]) {
  return services.map(({ linkName, service, credentials }) => {
    const { clientId, clientSecret, consumerKey, consumerSecret } = service.auth
    const values = credentials ?? { clientId, clientSecret, consumerKey, consumerSecret }
    const about = Object.entries(values)
      .flatMap(([name, value]) => (typeof value === 'string' ? [`${name}=${value}`] : []))
      .join(' ')
    return { name: service.name, linkName, about }
  })
}
