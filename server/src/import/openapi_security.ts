/** Security schemes and requirements of OpenAPI, as ways to authenticate. */
import type { Way } from './draft.ts'
import { waysOfMetadata, metadataFrom } from './metadata.ts'
import { parameterNameFrom } from './names.ts'
import { quoted } from './notes.ts'
import { absolute } from './places.ts'
import type { Tools } from './source.ts'
import { type KeyParameter, type OAuth2, targets } from './targets.ts'
import { type Fields, fieldsIn, listIn, textIn, textsIn } from './values.ts'

export interface SecurityContext {
  from: URL | undefined
  baseUrl: string | undefined
  resolve: (value: unknown) => Fields
  tools: Tools
}

/** Schemes that are asked for together. */
interface Requirement {
  names: string[]
  scopes: Map<string, string[]>
}

/** More discovery documents than this one description does not need. */
const mostDiscoveries = 2

export async function waysOf(document: Fields, operations: Fields[], context: SecurityContext): Promise<Way[]> {
  const { notes } = context.tools
  const declared = new Map(
    Object.entries(fieldsIn(fieldsIn(document['components'])['securitySchemes'])).map(([name, given]) => [
      name,
      context.resolve(given),
    ]),
  )
  const requirements = requirementsOf(document, operations)
  for (const { names } of requirements)
    for (const name of names)
      if (!declared.has(name)) notes.add(`The security scheme ${quoted(name)} is asked for and not declared.`)

  const ways: Way[] = []
  // Two names may stand for one scheme, by reference.
  const done = new Set<Fields>()
  let discoveries = 0
  const alone = async (name: string, scopes: string[]): Promise<void> => {
    const scheme = declared.get(name)
    if (scheme === undefined || done.has(scheme) || Object.keys(scheme).length === 0) return
    done.add(scheme)
    if (scheme['type'] === 'openIdConnect' && discoveries++ >= mostDiscoveries) {
      notes.add(`${quoted(name)}: not discovered; import its issuer by itself.`)
      return
    }
    ways.push(...(await waysOfScheme(name, scheme, scopes, context)))
  }
  const together = new Set<string>()
  for (const { names, scopes } of requirements) {
    const known = names.filter((name) => declared.has(name))
    if (known.length === 1 && known[0] !== undefined) await alone(known[0], scopes.get(known[0]) ?? [])
    if (known.length < 2) continue
    for (const name of known) together.add(name)
    const parameters = known.map((name) => keyOf(name, declared.get(name) ?? {}))
    if (parameters.every((parameter) => parameter !== undefined)) {
      ways.push({ label: known.join(' + '), auth: targets.keys(parameters) })
      continue
    }
    const main = known.find((_, index) => parameters[index] === undefined) ?? ''
    await alone(main, scopes.get(main) ?? [])
    const rest = known.filter((name) => name !== main).map(quoted)
    notes.add(
      `${quoted(main)} is asked for together with ${rest.join(' and ')}. A service sends one of them; callers add the other to each call.`,
    )
  }
  // What only occurs together with others is no way by itself; what no operation asks for may still be one.
  for (const name of declared.keys()) if (!together.has(name)) await alone(name, [])
  return ways
}

/** Each combination once: the document's own first, then those of its operations. */
function requirementsOf(document: Fields, operations: Fields[]): Requirement[] {
  const found = new Map<string, Requirement>()
  for (const holder of [document, ...operations]) {
    for (const given of listIn(holder['security'])) {
      const entries = Object.entries(fieldsIn(given))
      const names = entries.map(([name]) => name)
      const key = JSON.stringify(names.toSorted())
      const requirement = found.get(key) ?? { names, scopes: new Map<string, string[]>() }
      for (const [name, scopes] of entries) {
        requirement.scopes.set(name, [...new Set([...(requirement.scopes.get(name) ?? []), ...textsIn(scopes)])])
      }
      found.set(key, requirement)
    }
  }
  return [...found.values()]
}

/** As one value in one place; undefined for what is more than that. */
function keyOf(name: string, scheme: Fields): KeyParameter | undefined {
  const { type, in: place, name: key, scheme: word } = scheme
  const wire = textIn(key)
  if (type === 'apiKey' && wire !== undefined && (place === 'query' || place === 'header' || place === 'cookie')) {
    return { name: parameterNameFrom(name, wire), key: wire, location: place }
  }
  const prefix = type === 'http' ? tokenWord(textIn(word)) : undefined
  if (prefix === undefined) return undefined
  return { name: parameterNameFrom(name, 'Token'), key: 'Authorization', location: 'header', prefix: `${prefix} ` }
}

/** Schemes of the IANA registry that are more than a word before a token. */
const notTokens = /^(?:basic|digest|dpop|gnap|hoba|mutual|negotiate|oauth|scram-.*|vapid|concealed)$/i

function tokenWord(scheme: string | undefined): string | undefined {
  if (scheme === undefined || notTokens.test(scheme)) return undefined
  return /^bearer$/i.test(scheme) ? 'Bearer' : scheme
}

async function waysOfScheme(name: string, scheme: Fields, asked: string[], context: SecurityContext): Promise<Way[]> {
  const { notes } = context.tools
  const type = textIn(scheme['type']) ?? 'nothing'
  const one = (auth: Way['auth']): Way[] => [{ label: name, auth }]
  switch (type) {
    case 'apiKey':
      return apiKeyWays(name, scheme, context)
    case 'http': {
      const word = textIn(scheme['scheme']) ?? ''
      if (/^basic$/i.test(word)) return one(targets.password())
      if (/^digest$/i.test(word)) return one(targets.digest())
      const prefix = tokenWord(word)
      if (prefix !== undefined) return one(targets.token(prefix))
      notes.add(`${quoted(name)}: the HTTP scheme ${quoted(word)} is none of ours, so there is no draft of it.`)
      return []
    }
    case 'oauth2':
      return Object.entries(fieldsIn(scheme['flows'])).flatMap(([flow, given]) => {
        if (flow.startsWith('x-')) return []
        return flowWay(name, flow, fieldsIn(given), Object.keys(fieldsIn(scheme['flows'])).length > 1, context)
      })
    case 'openIdConnect':
      return openIdWays(name, scheme, asked, context)
    case 'mutualTLS':
      return one(targets.certificate())
    default:
      notes.add(`${quoted(name)}: the type ${quoted(type)} is none of OpenAPI's, so there is no draft of it.`)
      return []
  }
}

function apiKeyWays(name: string, scheme: Fields, { baseUrl, tools: { notes } }: SecurityContext): Way[] {
  // The one extension that is read: without it this would be a key, which it is not.
  if (scheme['x-amazon-apigateway-authtype'] === 'awsSigv4') {
    const [, service, region] = /\.([a-z0-9-]+)\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/.exec(baseUrl ?? '') ?? []
    return [{ label: name, auth: targets.aws({ service, region }) }]
  }
  const parameter = keyOf(name, scheme)
  if (parameter === undefined) {
    notes.add(`${quoted(name)}: an API key needs a name, and a place that is query, header or cookie.`)
    return []
  }
  const inAuthorization = parameter.location === 'header' && /^authorization$/i.test(parameter.key)
  const word = /\b(Bearer|Token|Basic|Signature)\b/i.exec(textIn(scheme['description']) ?? '')?.[1]?.toLowerCase()
  if (!inAuthorization || word === undefined) {
    if (inAuthorization)
      notes.add(`${quoted(name)}: the whole value of Authorization is asked for, a word before it included.`)
    return [{ label: name, auth: targets.keys([parameter]) }]
  }
  if (word === 'signature') {
    notes.add(`${quoted(name)}: requests are signed, which the document does not say how; there is no draft of it.`)
    return []
  }
  notes.add(`${quoted(name)}: its description speaks of ${word} in Authorization, so that is what the draft sends.`)
  return [
    {
      label: name,
      auth: word === 'basic' ? targets.password() : targets.token(word === 'bearer' ? 'Bearer' : 'Token'),
    },
  ]
}

const grants: Record<string, [grantType: OAuth2['grantType'], word: string]> = {
  authorizationCode: ['authorization_code', 'code'],
  clientCredentials: ['client_credentials', 'client credentials'],
  deviceAuthorization: ['device_code', 'device'],
  password: ['password', 'password'],
}

function flowWay(name: string, flow: string, given: Fields, several: boolean, { from, tools }: SecurityContext): Way[] {
  const { notes } = tools
  const url = (field: string): string | undefined => {
    const text = textIn(given[field])
    return text === undefined ? undefined : (absolute(text, from) ?? text)
  }
  const label = several ? `${name} ${flow}` : name
  const [grantType, word] = grants[flow === 'implicit' && !several ? 'authorizationCode' : flow] ?? []
  if (flow === 'implicit') {
    const instead = several
      ? 'so there is no draft of it'
      : 'the draft uses an authorization code; fill in the token URL'
    notes.add(`${quoted(name)}: the implicit flow is not offered (RFC 9700, section 2.1.2), ${instead}.`)
  }
  if (grantType === undefined || word === undefined) {
    if (flow !== 'implicit') notes.add(`${quoted(name)}: the flow ${quoted(flow)} is not known.`)
    return []
  }
  const auth = targets.oauth2({
    grantType,
    authorizationUrl: grantType === 'authorization_code' ? url('authorizationUrl') : undefined,
    tokenUrl: url('tokenUrl'),
    refreshTokenUrl: url('refreshUrl') === url('tokenUrl') ? undefined : url('refreshUrl'),
    deviceAuthorizationUrl: url('deviceAuthorizationUrl'),
  })
  const scopes = Object.entries(fieldsIn(given['scopes'])).filter(([value]) => !value.startsWith('x-'))
  return [
    {
      label,
      short: several ? word : name,
      auth,
      scopes: scopes.map(([value, says]) => ({ value, name: textIn(says) })),
      scopeDelimiter: 'space',
    },
  ]
}

async function openIdWays(
  name: string,
  scheme: Fields,
  asked: string[],
  { from, tools }: SecurityContext,
): Promise<Way[]> {
  const text = textIn(scheme['openIdConnectUrl'])
  const url = text === undefined ? null : URL.parse(absolute(text, from) ?? text)
  const scopes = asked.map((value) => ({ value }))
  const found = url === null ? undefined : await metadataFrom(url, tools).catch(() => undefined)
  if (found !== undefined) {
    const ways = waysOfMetadata(found, name, tools.notes)
    return asked.length === 0 ? ways : ways.map((way) => ({ ...way, scopes }))
  }
  tools.notes.add(
    `${quoted(name)}: its discovery document could not be used; fill in the endpoints, or import the issuer.`,
  )
  return [{ label: name, auth: targets.oauth2({ grantType: 'authorization_code' }), scopes, scopeDelimiter: 'space' }]
}
