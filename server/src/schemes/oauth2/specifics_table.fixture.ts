/** For the tests: of each provider specific a provider that demands it, and one that chokes on it. */
import { createHash } from 'node:crypto'
import type { Set, Stand } from './specifics.fixture.ts'

export interface Row {
  /** The field, or what of it. */
  option: string
  set: Set
  demands: Stand
  chokes: Stand
}

const isCode = ({ parameters }: { parameters: Record<string, string> }): boolean => 'code' in parameters

export const rows: Row[] = [
  {
    option: 'pkce',
    set: () => ({ pkce: false }),
    demands: { authorize: (query) => !query.has('code_challenge') },
    chokes: { authorize: (query) => query.get('code_challenge_method') === 'S256' },
  },
  {
    option: 'issuer',
    set: () => ({ issuer: 'https://login.example' }),
    demands: { back: (parameters) => parameters.set('iss', 'https://login.example') },
    chokes: { back: (parameters, origin) => parameters.set('iss', origin) },
  },
  {
    option: 'authorizationParams',
    set: () => ({ authorizationParams: { access_type: 'offline', nonce: '{nonce}' } }),
    demands: {
      authorize: (query) => query.get('access_type') === 'offline' && (query.get('nonce') ?? '').length >= 32,
    },
    chokes: { authorize: (query) => !query.has('access_type') },
  },
  {
    option: 'tokenParams',
    set: () => ({ tokenParams: { audience: 'https://api.example', state: '{state}' } }),
    demands: {
      token: ({ parameters }, refresh) =>
        refresh ||
        (parameters['audience'] === 'https://api.example' && (parameters['state'] ?? '').startsWith('random-')),
    },
    chokes: { token: ({ parameters }) => !('audience' in parameters) },
  },
  {
    option: 'refreshParams',
    set: () => ({ refreshParams: { action: 'renew', app: '{clientId}' } }),
    demands: {
      token: ({ parameters }, refresh) =>
        !refresh || (parameters['action'] === 'renew' && parameters['app'] === 'client'),
    },
    chokes: { token: ({ parameters }) => !('action' in parameters) },
  },
  {
    option: 'parameterNames',
    set: () => ({ parameterNames: { clientId: 'client_key', clientSecret: 'secret' } }),
    demands: {
      authorize: (query) => query.has('client_key') && !query.has('client_id'),
      token: ({ parameters }) => parameters['client_key'] === 'client' && parameters['secret'] === 'client-secret',
    },
    chokes: { token: ({ parameters }) => parameters['client_id'] === 'client' },
  },
  {
    option: 'userScopes',
    set: () => ({ userScopes: { parameter: 'user_scope', scopes: ['chat:write'] } }),
    demands: { authorize: (query) => query.get('user_scope') === 'chat:write' },
    chokes: { authorize: (query) => !query.has('user_scope') },
  },
  {
    option: 'tokenRequestMethod',
    set: () => ({ tokenRequestMethod: 'GET' }),
    demands: { token: ({ method, body }) => method === 'GET' && body === '' },
    chokes: { token: ({ method }) => method === 'POST' },
  },
  {
    option: 'tokenRequestFormat',
    set: () => ({ tokenRequestFormat: 'json' }),
    demands: { token: ({ headers, body }) => headers['content-type'] === 'application/json' && body.startsWith('{') },
    chokes: { token: ({ headers }) => headers['content-type'] === 'application/x-www-form-urlencoded' },
  },
  {
    option: 'tokenRequestFormat: query',
    set: () => ({ tokenRequestFormat: 'query' }),
    demands: { token: ({ method, query }) => method === 'POST' && query['grant_type'] !== undefined },
    chokes: { token: ({ query }) => query['grant_type'] === undefined },
  },
  {
    option: 'tokenHeaders',
    set: () => ({ tokenHeaders: { 'Api-Version': '2', 'Correlation-Id': '{uuid}' } }),
    demands: {
      token: ({ headers }) =>
        headers['api-version'] === '2' && /^[0-9a-f-]{36}$/.test(String(headers['correlation-id'])),
    },
    chokes: { token: ({ headers }) => headers['api-version'] === undefined },
  },
  {
    option: 'tokenResponse',
    set: () => ({ tokenResponse: { accessToken: 'data.token', expiresIn: 'data.life' } }),
    demands: { answer: () => ({ data: { token: 'nested', refresh_token: 'refresh-1', life: 60 } }) },
    chokes: {},
  },
  {
    option: 'expiresInZero',
    set: () => ({ expiresInZero: 'never' }),
    demands: {
      answer: () => ({ access_token: 'at', refresh_token: 'rt', expires_in: 0 }),
      good: ({ grant }) => grant.expiresAt === null,
    },
    chokes: {
      answer: () => ({ access_token: 'at', refresh_token: 'rt', expires_in: 0 }),
      good: ({ grant }) => grant.expiresAt !== null,
    },
  },
  {
    option: 'header',
    set: () => ({ header: { name: 'X-Access-Token', format: 'OAuth {token}' } }),
    demands: { call: (_, headers) => (headers['x-access-token'] ?? '').startsWith('OAuth token-') },
    chokes: { call: (_, headers) => (headers['authorization'] ?? '').startsWith('Bearer token-') },
  },
  {
    option: 'queryParameter',
    set: () => ({ parameterLocation: 'query', queryParameter: 'oauth2_token' }),
    demands: { call: ({ searchParams }) => (searchParams.get('oauth2_token') ?? '').startsWith('token-') },
    chokes: { call: ({ searchParams }) => !searchParams.has('oauth2_token') },
  },
  {
    option: 'responseMode',
    set: () => ({ responseMode: 'form_post' }),
    demands: { authorize: (query) => query.get('response_mode') === 'form_post' },
    chokes: { authorize: (query) => !query.has('response_mode') },
  },
  {
    option: 'refreshMarginSeconds',
    set: () => ({ refreshMarginSeconds: 30 }),
    demands: { good: ({ marginSeconds }) => (marginSeconds ?? 300) <= 30 },
    chokes: { good: ({ marginSeconds }) => (marginSeconds ?? 300) >= 60 },
  },
  {
    option: 'expiredWhen',
    set: () => ({ expiredWhen: [{ status: 200, bodyContains: 'token expired' }] }),
    demands: { good: ({ renews }) => renews(200, '{"error": "token expired"}') && !renews(200, '{}') },
    chokes: { good: ({ renews }) => renews(401, '') && !renews(200, '{"title": "The token expired at noon"}') },
  },
  {
    option: 'revocation',
    set: () => ({
      revocation: { method: 'DELETE', tokenIn: 'query', tokenParameter: 'access', which: 'access_token' },
    }),
    demands: { revoke: ({ method, query }) => method === 'DELETE' && (query['access'] ?? '').startsWith('token-') },
    chokes: { revoke: ({ method, body }) => method === 'POST' && body.includes('token=refresh-1') },
  },
  {
    option: 'omittedParameters',
    set: () => ({
      omittedParameters: { authorization: ['response_type', 'scope'], token: ['grant_type'], refresh: ['client_id'] },
    }),
    demands: {
      authorize: (query) => !query.has('response_type') && !query.has('scope'),
      token: ({ parameters }, refresh) => (refresh ? !('client_id' in parameters) : !('grant_type' in parameters)),
    },
    chokes: { authorize: (query) => query.get('response_type') === 'code' },
  },
  {
    option: 'authorizationNames',
    set: () => ({ authorizationNames: { clientId: 'application_id' } }),
    demands: {
      authorize: (query) => query.get('application_id') === 'client' && !query.has('client_id'),
      token: ({ parameters }) => parameters['client_id'] === 'client',
    },
    chokes: { authorize: (query) => query.get('client_id') === 'client' },
  },
  {
    option: 'callbackNames',
    set: () => ({ callbackNames: { code: 'grant_code' } }),
    demands: {
      back: (parameters) => {
        parameters.delete('code')
        parameters.set('grant_code', 'code-2')
      },
      token: (asked, refresh) => refresh || asked.parameters['code'] === 'code-2',
    },
    chokes: {
      back: (parameters) => parameters.set('grant_code', 'something else'),
      token: (asked, refresh) => refresh || asked.parameters['code'] === 'code-1',
    },
  },
  {
    option: 'grantTypeValue',
    set: () => ({ grantTypeValue: 'account_credentials' }),
    demands: { token: ({ parameters }, refresh) => refresh || parameters['grant_type'] === 'account_credentials' },
    chokes: { token: ({ parameters }, refresh) => refresh || parameters['grant_type'] === 'authorization_code' },
  },
  {
    option: 'redirectUriAlias',
    set: () => ({ redirectUriAlias: 'Our_App-Name-1' }),
    demands: {
      authorize: (query) => query.get('redirect_uri') === 'Our_App-Name-1',
      token: (asked) => !isCode(asked) || asked.parameters['redirect_uri'] === 'Our_App-Name-1',
    },
    chokes: { authorize: (query) => URL.canParse(query.get('redirect_uri') ?? '') },
  },
  {
    option: 'stateIn',
    set: () => ({ stateIn: 'redirect_uri' }),
    demands: {
      back: (parameters, _, query) => {
        if (query.has('state')) parameters.delete('state')
      },
      token: (asked) => !isCode(asked) || (asked.parameters['redirect_uri'] ?? '').includes('?state='),
    },
    chokes: { authorize: (query) => URL.parse(query.get('redirect_uri') ?? '')?.search === '' },
  },
  {
    option: 'codeChallengeEncoding',
    set: () => ({ codeChallengeEncoding: 'hex' }),
    demands: pkceAs('hex'),
    chokes: pkceAs('base64url'),
  },
  {
    option: 'authorizationFragment',
    set: () => ({ authorizationFragment: 'redirect' }),
    demands: { authorize: (_, { hash }) => hash === '#redirect' },
    chokes: { authorize: (_, { hash }) => hash === '' },
  },
  {
    option: 'refreshClientAuthentication',
    set: () => ({ refreshClientAuthentication: 'header' }),
    demands: {
      token: ({ headers, parameters }, refresh) =>
        refresh ? (headers.authorization ?? '').startsWith('Basic ') : parameters['client_secret'] === 'client-secret',
    },
    chokes: { token: ({ headers }) => headers.authorization === undefined },
  },
  {
    option: 'callParams',
    set: () => ({ callParams: { key: '{clientId}' } }),
    demands: { call: ({ searchParams }) => searchParams.get('key') === 'client' },
    chokes: { call: ({ search }) => search === '' },
  },
  {
    option: 'secondExchange',
    set: (origin) => ({
      secondExchange: {
        method: 'GET',
        url: `${origin}/long`,
        parameters: { grant_type: 'exchange', secret: '{clientSecret}', access_token: '{accessToken}' },
      },
    }),
    demands: {
      token: ({ path, method, query }) =>
        path !== '/long' ||
        (method === 'GET' && query['secret'] === 'client-secret' && query['access_token'] === 'short'),
      answer: ({ path }) => ({
        access_token: path === '/long' ? 'long' : 'short',
        refresh_token: 'refresh-1',
        expires_in: path === '/long' ? 5_184_000 : 3600,
      }),
      good: ({ grant }) => JSON.stringify(grant.credential).includes('"long"'),
    },
    chokes: { token: ({ path }) => path === '/token' },
  },
  {
    option: 'refreshExchange',
    set: (origin) => ({
      refreshExchange: {
        method: 'GET',
        url: `${origin}/renew`,
        headers: { Authorization: 'Bearer {accessToken}' },
        accessToken: 'data.token',
        expiresIn: 'data.life',
      },
    }),
    demands: {
      token: ({ path, headers }, refresh) =>
        !refresh || (path === '/renew' && headers.authorization === 'Bearer first'),
      answer: (_, refresh) => (refresh ? { data: { token: 'second', life: 60 } } : { access_token: 'first' }),
      good: ({ refreshed }) => JSON.stringify(refreshed.credential).includes('"second"'),
    },
    chokes: { token: ({ path }) => path === '/token' },
  },
  {
    option: 'learn',
    set: (origin) => ({
      tokenUrl: '{place}/token',
      refreshTokenUrl: `${origin}/eu/token`,
      learn: [{ from: 'callback', name: 'location', to: 'place', pattern: `${origin.replaceAll('.', '\\.')}/(eu|us)` }],
    }),
    demands: {
      back: (parameters, origin) => parameters.set('location', `${origin}/eu`),
      token: ({ path }) => path === '/eu/token',
      good: ({ grant }, origin) => grant.learned?.['place'] === `${origin}/eu`,
    },
    chokes: { back: (parameters) => parameters.set('location', 'https://elsewhere.example') },
  },
]

/** A provider that remembers the challenge and holds the verifier to it. */
function pkceAs(encoding: 'hex' | 'base64url'): Stand {
  let challenge = ''
  return {
    authorize: (query) => {
      challenge = query.get('code_challenge') ?? ''
      return true
    },
    token: ({ parameters }, refresh) =>
      refresh ||
      createHash('sha256')
        .update(parameters['code_verifier'] ?? '')
        .digest(encoding) === challenge,
  }
}
