/** Assuming a role (AWS STS API, AssumeRole): temporary keys for long-lived ones, asked for again before they end. */
import { MooringError, type ProviderFailureKind } from '../../errors.ts'
import { type Answer, readAnswer, valueAt } from '../answer.ts'
import { formType, percentEncode, retryAfterSeconds } from '../request.ts'
import type { Exchange, OutgoingRequest } from '../scheme.ts'
import { type Keys, prepareInjector } from './inject.ts'

export interface Role {
  roleArn: string
  externalId?: string | undefined
  sessionName?: string | undefined
  durationSeconds?: number | undefined
  /** A session policy, in JSON. */
  policy?: string | undefined
  /** Of the STS endpoint; left out, the one of the region. */
  stsUrl?: string | undefined
  region: string
}

export interface Assumed {
  keys: Keys & { sessionToken: string }
  /** Milliseconds. */
  endsAt: number
  /** The ARN of the session. */
  account: string | null
}

/** The STS endpoint of a region; services without regions have theirs in us-east-1. */
export function stsUrlOf(region: string): string {
  if (region === 'aws-global') return 'https://sts.amazonaws.com/'
  return `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`
}

/** The parameters of the request, in order. */
export function assumeRoleForm({ roleArn, externalId, sessionName, durationSeconds, policy }: Role): string {
  const parameters: [string, string | undefined][] = [
    ['Action', 'AssumeRole'],
    ['Version', '2011-06-15'],
    ['RoleArn', roleArn],
    ['RoleSessionName', sessionName ?? 'mooring'],
    ['DurationSeconds', durationSeconds === undefined ? undefined : String(durationSeconds)],
    ['ExternalId', externalId],
    ['Policy', policy],
  ]
  return parameters
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${percentEncode(value)}`]))
    .join('&')
}

/** Throws MooringError: credentials_rejected, provider_error, and what the exchange throws. */
export async function assumeRole(role: Role, keys: Keys, exchange: Exchange): Promise<Assumed> {
  const url = new URL(role.stsUrl ?? stsUrlOf(role.region))
  const body = assumeRoleForm(role)
  const request: OutgoingRequest = {
    method: 'POST',
    url,
    headers: ['content-type', formType],
    body: Buffer.from(body, 'utf8'),
  }
  prepareInjector({ service: 'sts', region: role.region }, keys)(request, exchange.now())
  const headers: Record<string, string> = {}
  for (let index = 0; index < request.headers.length; index += 2)
    headers[request.headers[index] ?? ''] = request.headers[index + 1] ?? ''
  const answer = await readAnswer(await exchange.fetch(url, { method: 'POST', headers, body }), url.host)
  if (answer.status !== 200) throw refused(answer, url.host, keys, exchange.now())
  const said = (name: string): string | undefined => valueIn(answer, name)
  const [accessKeyId, secretAccessKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(said)
  const endsAt = instant(said('Expiration'))
  if (!accessKeyId || !secretAccessKey || !sessionToken || endsAt === undefined) {
    throw failed('configuration', 'no_access_token', answer.status, {
      title: 'The answer of STS had no keys',
      detail: `${url.host} answered the AssumeRole request with ${answer.status}, and no temporary keys were in it.`,
      hint: 'Is the STS URL right?',
    })
  }
  return { keys: { accessKeyId, secretAccessKey, sessionToken }, endsAt, account: said('Arn')?.slice(0, 200) ?? null }
}

/** Where the JSON of STS holds what its XML names. */
const places: Record<string, string> = {
  AccessKeyId: 'AssumeRoleResponse.AssumeRoleResult.Credentials.AccessKeyId',
  SecretAccessKey: 'AssumeRoleResponse.AssumeRoleResult.Credentials.SecretAccessKey',
  SessionToken: 'AssumeRoleResponse.AssumeRoleResult.Credentials.SessionToken',
  Expiration: 'AssumeRoleResponse.AssumeRoleResult.Credentials.Expiration',
  Arn: 'AssumeRoleResponse.AssumeRoleResult.AssumedRoleUser.Arn',
  Code: 'Error.Code',
  Message: 'Error.Message',
}

/** A value of the answer, which is XML, or JSON from some. STS nests no element in another of the same name. */
function valueIn({ fields, text }: Answer, name: string): string | undefined {
  if (fields !== undefined) {
    const value = valueAt(fields, places[name] ?? name)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  const found = new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(text)?.[1]
  return found === undefined ? undefined : unescaped(found)
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));/g, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return entities[name] ?? whole
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16)
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole
  })
}

/** RFC 3339 in XML, seconds since 1970 in JSON. */
function instant(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = /^[\d.E+]+$/.test(text) ? Number(text) * 1000 : Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}

interface Meaning {
  kind: ProviderFailureKind
  title: string
  hint?: string
}

const keysRefused: Meaning = {
  kind: 'permanent',
  title: 'AWS did not accept the keys',
  hint: 'Check the Access Key ID and the Secret Access Key; they may have been deleted or deactivated.',
}
const passing: Meaning = { kind: 'transient', title: 'STS could not do it at the moment' }

const meanings: Record<string, Meaning> = {
  AccessDenied: {
    kind: 'configuration',
    title: 'The keys may not assume this role',
    hint: "The role's trust policy must name who has the keys, with the External ID where it asks for one; and they need sts:AssumeRole on the role.",
  },
  InvalidClientTokenId: keysRefused,
  UnrecognizedClientException: keysRefused,
  SignatureDoesNotMatch: keysRefused,
  IncompleteSignature: keysRefused,
  ExpiredToken: { ...keysRefused, title: 'The Session Token has expired', hint: 'Enter new keys.' },
  ExpiredTokenException: { ...keysRefused, title: 'The Session Token has expired', hint: 'Enter new keys.' },
  MalformedPolicyDocument: {
    kind: 'configuration',
    title: 'AWS cannot read the session policy',
    hint: 'Check the Session Policy of the service.',
  },
  PackedPolicyTooLarge: {
    kind: 'configuration',
    title: 'The session policy is too long',
    hint: 'Shorten the Session Policy of the service.',
  },
  ValidationError: {
    kind: 'configuration',
    title: 'AWS refuses a value of the role',
    hint: 'Check the Role ARN, the Duration (no longer than the role allows) and the Session Name.',
  },
  RegionDisabledException: {
    kind: 'configuration',
    title: 'STS is turned off in this region',
    hint: 'Activate the region for STS in the account, or give another STS URL.',
  },
  Throttling: passing,
  ThrottlingException: passing,
  RequestLimitExceeded: passing,
}

function refused(answer: Answer, host: string, keys: Keys, now: number): MooringError {
  const { status, headers } = answer
  const code = valueIn(answer, 'Code')?.match(/^[A-Za-z.]{1,64}$/)?.[0]
  const known = code === undefined ? undefined : meanings[code]
  const { kind, title, hint } =
    known ?? (status >= 500 || status === 429 ? passing : { ...passing, kind: 'configuration' })
  const message = code === undefined || kind === 'permanent' ? undefined : valueIn(answer, 'Message')
  // What was sent must not come back in an error, whatever answers in the place of STS.
  const secrets = [
    keys.accessKeyId,
    keys.secretAccessKey,
    ...(keys.sessionToken === undefined ? [] : [keys.sessionToken]),
  ]
  const redacted = secrets.reduce<string | undefined>((rest, secret) => rest?.replaceAll(secret, '…'), message)
  const words = redacted?.replace(/\p{Cc}+/gu, ' ').slice(0, 300)
  const seconds = kind === 'transient' ? retryAfterSeconds(headers.get('retry-after') ?? '', now) : undefined
  return failed(
    kind,
    code ?? 'http_error',
    status,
    {
      title: known === undefined && kind !== 'transient' ? 'AWS refused to give keys for the role' : title,
      detail: `${host} answered the AssumeRole request with ${code ?? status}${words === undefined ? '.' : `: ${words}`}`,
      hint,
    },
    seconds === undefined ? null : Math.min(Math.max(0, Math.ceil(seconds)), 86_400),
  )
}

function failed(
  kind: ProviderFailureKind,
  error: string,
  status: number,
  told: { title: string; detail: string; hint: string | undefined },
  retryAfter: number | null = null,
): MooringError {
  const provider = { kind, error, description: null, status, retryAfterSeconds: retryAfter }
  const ofKeys = kind === 'permanent' || error === 'AccessDenied'
  return new MooringError(ofKeys ? 'credentials_rejected' : 'provider_error', { ...told, provider })
}
