import type { IncomingMessage } from 'node:http'
import type { Context, Payload } from 'oidc-provider'
import type { ControlledEndpoints, SandboxLogEntry } from './control.ts'
import { demo } from './demo.ts'
import { isForm, target } from './http.ts'
import { isRecord } from './store.ts'

export const oauth2Paths = {
  authorization: '/oauth2/authorize',
  token: '/oauth2/token',
  revocation: '/oauth2/revoke',
  introspection: '/oauth2/introspect',
  jwks: '/oauth2/jwks',
  userinfo: '/oauth2/userinfo',
  device_authorization: '/oauth2/device_authorization',
  code_verification: '/oauth2/device',
  pushed_authorization_request: '/oauth2/par',
}

type Endpoint = SandboxLogEntry['endpoint']

const endpointOf: Record<string, Endpoint> = {
  [oauth2Paths.authorization]: 'authorize',
  [oauth2Paths.token]: 'token',
  [oauth2Paths.revocation]: 'revoke',
  [oauth2Paths.introspection]: 'introspect',
}

/** Counts and notes each request, shapes token answers and loses some, between oidc-provider and the network. */
export function observe(endpoints: ControlledEndpoints) {
  return async (context: Context, next: () => Promise<void>): Promise<void> => {
    await next()
    const endpoint = endpointOf[context.path]
    if (!endpoint) return
    const fields: Payload = endpoint === 'authorize' ? { ...context.query } : (context.oidc?.body ?? {})
    const answer = isRecord(context.body) ? context.body : {}
    const error = typeof answer.error === 'string' ? { error: answer.error } : {}
    endpoints.record({ ...describeRequest(context.req, endpoint, fields, context.status), ...error })
    countRequest(endpoints, endpoint, fields)
    if (endpoint !== 'token') return

    if (context.status === 200) context.body = endpoints.shape({ ...answer, ...whose(context) })
    if (endpoints.takeDrop()) {
      context.respond = false
      context.req.socket.destroy()
    }
  }
}

/** Who signed in, beside the token, as many providers tell it. */
function whose({ oidc }: Context): Payload {
  const person = demo.people.find(({ id }) => id === oidc?.account?.accountId)
  return person === undefined ? {} : { account: { id: person.id, name: person.name, email: person.email } }
}

export function describeRequest(
  request: IncomingMessage,
  endpoint: Endpoint,
  fields: Payload,
  status: number,
): SandboxLogEntry {
  const string = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined)
  const inHeader = request.headers.authorization !== undefined
  const inForm = fields.client_secret !== undefined || fields.client_assertion !== undefined
  const rawScope = /(?:^|&)scope=([^&]*)/.exec(target(request).query)?.[1]
  const clientId = string('client_id') ?? basicUser(request.headers.authorization)
  const entry: SandboxLogEntry = {
    at: new Date().toISOString(),
    endpoint,
    status,
    parameterNames: Object.keys(fields).sort(),
  }
  if (endpoint !== 'authorize') {
    entry.clientAuthentication = inHeader && inForm ? 'several' : inHeader ? 'header' : inForm ? 'form' : 'none'
    entry.contentType = isForm(request) ? 'form' : (request.headers['content-type'] ?? '')
  }
  const optional = {
    grantType: string('grant_type'),
    clientId,
    scope: endpoint === 'authorize' ? rawScope : string('scope'),
    codeChallengeMethod: string('code_challenge_method'),
  }
  return { ...entry, ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) }
}

/** The user part of HTTP Basic, never the password. */
function basicUser(header: string | undefined): string | undefined {
  const encoded = /^basic (.+)$/i.exec(header ?? '')?.[1]
  return encoded ? Buffer.from(encoded, 'base64').toString().split(':')[0] : undefined
}

export function countRequest({ tally }: ControlledEndpoints, endpoint: Endpoint, fields: Payload): void {
  tally[endpoint] += 1
  if (endpoint !== 'token') return
  const grantType = fields.grant_type
  const known =
    grantType === 'authorization_code' || grantType === 'refresh_token' || grantType === 'client_credentials'
  tally.tokenByGrant[known ? grantType : 'other'] += 1
}
