/** An authorization block of Postman, by its type. Keys, tokens, secrets and passwords in it are not looked at. */
import type { Auth } from '@mooring/contract'
import type { Way } from './draft.ts'
import { parameterNameFrom } from './names.ts'
import { type Notes, quoted } from './notes.ts'
import { type OAuth2, targets } from './targets.ts'
import { type Fields, fieldsIn, listIn, textIn } from './values.ts'

/** Of a field, with variables filled in; undefined where one is left, or nothing is said. */
type Read = (field: string) => string | undefined

/** The way, or a sentence about why there is none. */
const types: Record<string, (read: Read, way: Pick<Way, 'label'>) => Way | string> = {
  apikey(read, way) {
    const key = read('key')
    if (key === undefined) return 'the name of the API key is not in the collection'
    const location = read('in') === 'query' ? 'query' : 'header'
    return { ...way, auth: targets.keys([{ name: parameterNameFrom(key, 'API key'), key, location }]) }
  },
  basic: (_, way) => ({ ...way, auth: targets.password() }),
  bearer: (_, way) => ({ ...way, auth: targets.token('Bearer') }),
  digest: (_, way) => ({ ...way, auth: targets.digest() }),
  oauth1: (read, way) => ({ ...way, auth: oauth1Of(read) }),
  oauth2: oauth2Of,
  awsv4: (read, way) => ({
    ...way,
    auth: targets.aws({ service: read('service'), region: read('region') ?? 'us-east-1' }),
  }),
  hawk: (_, way) => ({ ...way, auth: targets.hawk() }),
  ntlm: (_, way) => ({ ...way, auth: targets.ntlm() }),
  edgegrid: (_, way) => ({ ...way, auth: targets.edgegrid() }),
  jwt: (read, way) => ({ ...way, auth: targets.jwt({ algorithm: read('algorithm') }) }),
}

export function wayOf(type: string, auth: Fields, fill: (text: string) => string, notes: Notes): Way | undefined {
  const label = quoted(type)
  const make = Object.hasOwn(types, type) ? types[type] : undefined
  if (make === undefined) {
    notes.add(`${label}: this type of authorization is none of ours, so there is no draft of it.`)
    return undefined
  }
  const given = parametersOf(auth[type])
  const read: Read = (field) => {
    const text = textIn(given[field])
    const filled = text === undefined ? undefined : fill(text)
    if (filled?.includes('{{') !== true) return filled
    notes.add(`${label}: ${field} is a variable without a value in the collection; fill it in.`)
    return undefined
  }
  const way = make(read, { label })
  if (typeof way !== 'string') return way
  notes.add(`${label}: ${way}.`)
  return undefined
}

/** A list of keys and values in v2.1, an object in v2.0. */
function parametersOf(given: unknown): Fields {
  if (!Array.isArray(given)) return fieldsIn(given)
  return Object.fromEntries(
    listIn(given).flatMap((each): [string, unknown][] => {
      const { key, value } = fieldsIn(each)
      return typeof key === 'string' ? [[key, value]] : []
    }),
  )
}

function oauth1Of(read: Read): Auth {
  const location = read('addParamsToHeader') === 'false' ? 'query' : 'header'
  return targets.oauth1({ signatureMethod: read('signatureMethod'), realm: read('realm'), parameterLocation: location })
}

const grants: Record<string, OAuth2['grantType']> = {
  authorization_code: 'authorization_code',
  authorization_code_with_pkce: 'authorization_code',
  client_credentials: 'client_credentials',
  password_credentials: 'password',
}

function oauth2Of(read: Read, way: Pick<Way, 'label'>): Way | string {
  const said = read('grant_type') ?? 'authorization_code'
  const grantType = grants[said]
  if (grantType === undefined) return `its grant type ${quoted(said)} is not offered`
  const withPerson = grantType === 'authorization_code'
  const token = read('accessTokenUrl')
  const refresh = read('refreshTokenUrl')
  const inQuery = read('addTokenTo') === 'queryParams'
  const prefix = read('headerPrefix')
  const auth = targets.oauth2({
    grantType,
    clientId: read('clientId'),
    clientAuthentication: read('client_authentication') === 'body' ? 'form' : 'header',
    authorizationUrl: withPerson ? read('authUrl') : undefined,
    tokenUrl: token,
    refreshTokenUrl: refresh === token ? undefined : refresh,
    parameterLocation: inQuery ? 'query' : undefined,
    bearerName: inQuery || prefix === 'Bearer' ? undefined : prefix,
  })
  const scopes = (read('scope') ?? '').split(/[\s,]+/).flatMap((value) => (value === '' ? [] : [{ value }]))
  return { ...way, auth, scopes, scopeDelimiter: 'space' }
}
