/** Authorization server metadata (RFC 8414) and OpenID Connect Discovery 1.0: where it is, whose it is, what it says. */
import { invalid, MooringError } from '../errors.ts'
import type { Way } from './draft.ts'
import { readDocument } from './document.ts'
import { takesField } from './fit.ts'
import { type Notes, quoted } from './notes.ts'
import type { Tools } from './source.ts'
import { type OAuth2, targets } from './targets.ts'
import { type Fields, isFields, textIn, textsIn } from './values.ts'

const wellKnown = ['oauth-authorization-server', 'openid-configuration']

/** Where an issuer's metadata may be, by both rules; the third is what some servers mean by the second. */
export function metadataUrls(issuer: URL): URL[] {
  const path = issuer.pathname.replace(/\/+$/, '')
  const paths = [
    `/.well-known/oauth-authorization-server${path}`,
    `${path}/.well-known/openid-configuration`,
    `/.well-known/openid-configuration${path}`,
  ]
  return [...new Set(paths)].map((each) => new URL(each, issuer.origin))
}

/** The issuer whose metadata this URL is by either rule, without a slash at its end; undefined for any other URL. */
export function issuerOf(url: URL): string | undefined {
  for (const name of wellKnown) {
    const inserted = new RegExp(`^/\\.well-known/${name}(/.*)?$`).exec(url.pathname)
    if (inserted !== null) return url.origin + (inserted[1] ?? '').replace(/\/+$/, '')
    const appended = new RegExp(`^(/.*)/\\.well-known/${name}$`).exec(url.pathname)
    if (appended !== null) return url.origin + (appended[1] ?? '').replace(/\/+$/, '')
  }
  return undefined
}

/**
 * The metadata of an issuer, used only where it names this very issuer (S-6; RFC 8414, section 3.3). `issuer` is as it
 * was asked for, character for character. Throws provider_error, and what fetching throws.
 */
export async function discover(issuer: string, { reader }: Tools, path: string): Promise<Fields> {
  const url = URL.parse(issuer)
  if (url === null) throw invalid([{ path, code: 'invalid_url', message: 'Write the issuer as a whole URL.' }])
  let named: string | undefined
  for (const place of metadataUrls(url)) {
    const { status, text } = await reader.fetch(place, { headers: { accept: 'application/json' } })
    if (status !== 200) continue
    const metadata = await readDocument(text, path).catch((error: unknown) => {
      if (error instanceof MooringError && error.code === 'validation_failed') return undefined
      throw error
    })
    if (metadata === undefined) continue
    const said = textIn(metadata['issuer'])
    if (said === issuer) return metadata
    named ??= said
  }
  if (named !== undefined) {
    throw new MooringError('provider_error', {
      detail: `The metadata at ${url.host} names another issuer (${quoted(named)}) than the one asked for.`,
      hint: 'If that is the issuer you mean, ask for it exactly as it is written there.',
    })
  }
  throw new MooringError('provider_error', {
    detail: `${url.host} has no metadata of this issuer at any of its well-known places.`,
    hint: 'Is this the issuer, such as https://login.example.com? The endpoints can also be filled in by hand.',
  })
}

/** The metadata at a well-known URL. A slash at the end of the issuer is lost in that URL, so both are right. */
export async function metadataFrom(url: URL, { reader }: Tools): Promise<Fields> {
  const issuer = issuerOf(url)
  const { status, text } = await reader.fetch(url, { headers: { accept: 'application/json' } })
  const metadata = status === 200 ? await readDocument(text, 'url') : {}
  return demandIssuer(metadata, issuer, url)
}

export function demandIssuer(metadata: Fields, issuer: string | undefined, url: URL): Fields {
  const said = textIn(metadata['issuer'])
  if (issuer !== undefined && (said === issuer || said === `${issuer}/`)) return metadata
  throw new MooringError('provider_error', {
    detail:
      said === undefined
        ? `${url.host} answered with no metadata of an authorization server.`
        : `The metadata at ${url.host} names the issuer ${quoted(said)}, whose metadata does not belong here.`,
    hint: 'Import the issuer itself.',
  })
}

/** Our words for the methods of RFC 8414 and RFC 8705, best first. */
const clientAuthentications: [method: string, ours: string][] = [
  ['client_secret_basic', 'header'],
  ['client_secret_post', 'form'],
  ['private_key_jwt', 'private_key_jwt'],
  ['client_secret_jwt', 'client_secret_jwt'],
  ['tls_client_auth', 'tls_client_auth'],
  ['self_signed_tls_client_auth', 'self_signed_tls_client_auth'],
  ['none', 'none'],
]

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

export interface MetadataOptions {
  /** RFC 8707. */
  resource?: string
  /** In place of those that the server lists. */
  scopes?: string[]
  /** One way alone, that of a person. */
  personOnly?: boolean
}

/** One way for each grant that the server offers and a service can use. */
export function waysOfMetadata(metadata: Fields, label: string, notes: Notes, options: MetadataOptions = {}): Way[] {
  const url = (name: string): string | undefined => textIn(metadata[name])
  // What RFC 8414, section 2 says where nothing is said.
  const offered =
    'grant_types_supported' in metadata ? textsIn(metadata['grant_types_supported']) : ['authorization_code']
  const methods = textsIn(metadata['token_endpoint_auth_methods_supported'])
  const named = methods.length === 0 ? ['client_secret_basic'] : methods
  const ofThem = clientAuthentications.filter(([method]) => named.includes(method))
  const any = targets.oauth2({ grantType: 'authorization_code' })
  const known = ofThem.find(([, ours]) => takesField(any, 'clientAuthentication', ours)) ?? ofThem[0]
  if (known === undefined)
    notes.add(`${quoted(label)}: no client authentication it names (${quoted(methods.join(', '))}) is one of ours.`)
  const common = {
    clientAuthentication: known?.[1],
    tokenUrl: url('token_endpoint'),
    issuer: url('issuer'),
    ...resourceOf(options.resource),
  }
  const scopes = (options.scopes ?? textsIn(metadata['scopes_supported'])).map((value) => ({ value }))
  const way = (short: string, fields: OAuth2): Way => ({
    label: short === 'code' ? label : `${label} ${short}`,
    short,
    auth: targets.oauth2(fields),
    scopes,
    scopeDelimiter: 'space',
  })
  const ways: Way[] = []
  if (offered.includes('authorization_code') && url('authorization_endpoint') !== undefined) {
    const alone = known?.[1] === 'none'
    ways.push(
      way('code', {
        grantType: alone ? 'authorization_code_pkce' : 'authorization_code',
        ...common,
        authorizationUrl: url('authorization_endpoint'),
        revokeTokenUrl: url('revocation_endpoint'),
        pushedAuthorizationRequestUrl: url('pushed_authorization_request_endpoint'),
        pkce: pkceOf(metadata, label, notes),
        authorizationResponseIssParameterSupported:
          metadata['authorization_response_iss_parameter_supported'] === true ? true : undefined,
      }),
    )
  }
  if (options.personOnly !== true) {
    if (offered.includes('client_credentials') && known?.[1] !== 'none') {
      ways.push(way('client credentials', { grantType: 'client_credentials', ...common }))
    }
    if (offered.includes(deviceGrant) && url('device_authorization_endpoint') !== undefined) {
      const device = { deviceAuthorizationUrl: url('device_authorization_endpoint') }
      ways.push(way('device', { grantType: 'device_code', ...common, ...device }))
    }
  }
  const taken = ['authorization_code', 'client_credentials', 'refresh_token', deviceGrant]
  const left = offered.filter((grant) => !taken.includes(grant))
  if (left.length > 0)
    notes.add(`${quoted(label)}: it also offers ${left.map(quoted).join(', ')}, of which there is no draft.`)
  if (ways.length === 0) notes.add(`${quoted(label)}: it offers no grant that a draft could be made of.`)
  if (metadata['require_pushed_authorization_requests'] === true)
    notes.add(`${quoted(label)}: it insists on pushed authorization requests (RFC 9126).`)
  if (isFields(metadata['mtls_endpoint_aliases']))
    notes.add(`${quoted(label)}: it has other endpoints for TLS clients, not taken.`)
  return ways
}

/** Undefined leaves it on. */
function pkceOf(metadata: Fields, label: string, notes: Notes): boolean | undefined {
  const methods = textsIn(metadata['code_challenge_methods_supported'])
  if (methods.includes('S256')) return undefined
  if (methods.length > 0) {
    notes.add(`${quoted(label)}: it takes no S256 code challenge, so PKCE is off in the draft.`)
    return false
  }
  notes.add(`${quoted(label)}: it does not say that it takes PKCE. It is on; turn it off only if signing in fails.`)
  return undefined
}

/** A field of its own where there is one; else sent along in all three requests (RFC 8707, section 2). */
function resourceOf(resource: string | undefined): Partial<OAuth2> {
  if (resource === undefined) return {}
  if (takesField(targets.oauth2({ grantType: 'authorization_code' }), 'resource')) return { resource: [resource] }
  return { authorizationParams: { resource }, tokenParams: { resource }, refreshParams: { resource } }
}
