/**
 * Every setting: its name, what it takes, its default, what it is for. The only reader of the environment.
 * A setting marked secret may also be given as a file: `MOORING_KEYS_FILE=/run/secrets/keys`.
 */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { OidcSettings } from './access/oidc.ts'
import { type DatabaseTarget, parseDatabaseUrl, shownDatabaseUrl } from './database_url.ts'
import { type AllowList, parseAllow } from './egress/address.ts'
import { type Keyring, parseKeyring } from './vault/keyring.ts'

/** A wrong value: one line that names the setting, what it holds and what it takes. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

interface Setting<T> {
  /** What it is for. */
  doc: string
  /** What it takes, as the end of the sentence "… it takes". */
  takes: string
  /** As a person would write it; null where unset means something of its own. */
  default: string | null
  secret?: true
  /** A secret value without what is secret in it; undefined where none of it may be shown. */
  masked?: (text: string) => string | undefined
  /** What `parse` throws says which part is wrong, and holds nothing secret: it is shown. */
  explains?: true
  /** Throws where the text is wrong. */
  parse: (text: string) => T
}

function setting<T>(definition: Setting<T>): Setting<T> {
  return definition
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max) throw new RangeError(text)
    return value
  }
}

function oneOf<const T extends string>(...values: T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text)
    if (found === undefined) throw new RangeError(text)
    return found
  }
}

/** An origin: scheme, host, port, nothing else. */
function origin(text: string): string {
  const url = new URL(text)
  if (
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search ||
    url.hash ||
    url.username ||
    url.password
  ) {
    throw new RangeError(text)
  }
  return url.origin
}

/** What of a list is not white space. */
function parts(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** Addresses, each with or without the length of a prefix. */
function addresses(text: string): string[] {
  for (const part of parts(text)) {
    const [address = '', length, ...more] = part.split('/')
    const bits = isIP(address) === 4 ? 32 : 128
    if (isIP(address) === 0 || more.length > 0) throw new RangeError(text)
    if (length !== undefined) wholeNumber(0, bits)(length)
  }
  return parts(text)
}

/** Reads a file of certificates. One that TLS would skip in silence is refused here. */
function certificates(path: string): string {
  const text = readFileSync(path, 'utf8')
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? []
  if (blocks.length === 0) throw new RangeError(path)
  for (const block of blocks) void new X509Certificate(block)
  return text
}

export const settings = {
  MOORING_PORT: setting({
    doc: 'The port to listen on; 0 takes a free one.',
    takes: 'a whole number from 0 to 65535',
    default: '4280',
    parse: wholeNumber(0, 65_535),
  }),
  MOORING_HOST: setting({
    doc: 'The address to listen on.',
    takes: 'an address or a host name, such as 127.0.0.1 or 0.0.0.0',
    default: '127.0.0.1',
    parse: (text) => {
      if (!/^[A-Za-z0-9.:[\]_-]+$/.test(text)) throw new RangeError(text)
      return text.replace(/^\[|\]$/g, '')
    },
  }),
  MOORING_PUBLIC_URL: setting({
    doc: 'Where people and providers reach this server; callbacks are under it. Unset: http://localhost and the port.',
    takes: 'an origin, such as https://mooring.example.com',
    default: null,
    parse: origin,
  }),
  MOORING_DATA_DIR: setting({
    doc: 'The folder of the database file and the generated key file.',
    takes: 'a path',
    default: './data',
    parse: (text) => resolve(text),
  }),
  MOORING_DATABASE_URL: setting({
    doc: 'The PostgreSQL database, which several servers may share. Unset: SQLite in the data folder.',
    takes: 'a URL such as postgres://mooring:password@db.example.com/mooring?sslmode=verify-full',
    default: null,
    secret: true,
    masked: shownDatabaseUrl,
    explains: true,
    parse: parseDatabaseUrl,
  }),
  MOORING_DATABASE_CONNECTIONS: setting({
    doc: 'The most connections to PostgreSQL that one process has for its queries; it listens on one more.',
    takes: 'a whole number from 2 to 100',
    default: '10',
    parse: wholeNumber(2, 100),
  }),
  MOORING_KEYS: setting({
    doc: 'The keyring; the first key seals. Unset: generated into the data folder.',
    takes: 'id:key pairs separated by commas, each key 32 bytes in base64',
    default: null,
    secret: true,
    explains: true,
    parse: parseKeyring,
  }),
  MOORING_BOOTSTRAP_API_KEY: setting({
    doc: 'An API key with role owner that exists from the first start.',
    takes: 'mk_ and at least 32 letters, digits, - or _',
    default: null,
    secret: true,
    parse: (text) => {
      if (!/^mk_[A-Za-z0-9_-]{32,512}$/.test(text)) throw new RangeError()
      return text
    },
  }),
  MOORING_EGRESS_ALLOW: setting({
    doc: 'Addresses reachable although private.',
    takes: 'CIDRs and host:port pairs separated by commas, such as 10.0.0.0/8,localhost:8080',
    default: '',
    explains: true,
    parse: parseAllow,
  }),
  MOORING_CA_FILE: setting({
    doc: 'A file of certificates (PEM) to trust besides the public ones.',
    takes: 'the path of a readable file of certificates in PEM',
    default: null,
    parse: certificates,
  }),
  MOORING_RETURN_ORIGINS: setting({
    doc: 'Origins that returnTo may name besides our own.',
    takes: 'origins separated by commas, such as https://app.example.com',
    default: '',
    parse: (text) => parts(text).map(origin),
  }),
  MOORING_TRUSTED_PROXIES: setting({
    doc: 'Proxies in front of this server whose X-Forwarded-For says where a request comes from.',
    takes: 'addresses and CIDRs separated by commas, such as 127.0.0.1,10.0.0.0/8',
    default: '',
    parse: addresses,
  }),
  MOORING_REQUESTS_PER_KEY: setting({
    doc: 'Management requests a second that one API key or session may make in a process; ten seconds of it at once. 0: no limit.',
    takes: 'a whole number from 0 to 1000000',
    default: '1000',
    parse: wholeNumber(0, 1_000_000),
  }),
  MOORING_CALLS_PER_KEY: setting({
    doc: 'Calls a second (proxy, invoke, credentials) that one API key or session may make in a process; ten seconds of it at once. 0: no limit.',
    takes: 'a whole number from 0 to 1000000',
    default: '0',
    parse: wholeNumber(0, 1_000_000),
  }),
  MOORING_REQUESTS_PER_ADDRESS: setting({
    doc: 'Requests a second that one address may make to a process without a valid key or session; ten seconds of it at once. 0: no limit.',
    takes: 'a whole number from 0 to 1000000',
    default: '100',
    parse: wholeNumber(0, 1_000_000),
  }),
  MOORING_CALLS_PER_CONNECTION: setting({
    doc: 'Calls through one connection that may be under way at once in a process. 0: no limit.',
    takes: 'a whole number from 0 to 1000000',
    default: '1000',
    parse: wholeNumber(0, 1_000_000),
  }),
  MOORING_OIDC_ISSUER: setting({
    doc: 'An OpenID Connect provider that people may sign in through; its callback is /oidc/callback here. Unset: passwords only.',
    takes: 'the issuer exactly as its discovery document writes it, such as https://id.example.com',
    default: null,
    parse: (text) => {
      const url = new URL(text)
      if (!/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password)
        throw new RangeError(text)
      return text
    },
  }),
  MOORING_OIDC_CLIENT_ID: setting({
    doc: 'The client id at that provider.',
    takes: 'the client id, set where MOORING_OIDC_ISSUER is set',
    default: null,
    parse: (text) => text,
  }),
  MOORING_OIDC_CLIENT_SECRET: setting({
    doc: 'The client secret at that provider. Unset: a public client, with PKCE alone.',
    takes: 'the client secret',
    default: null,
    secret: true,
    parse: (text) => text,
  }),
  MOORING_OIDC_NAME: setting({
    doc: 'What the button to sign in through that provider calls it. Unset: its host name.',
    takes: 'a name of at most 50 characters',
    default: null,
    parse: (text) => {
      if (text.length > 50) throw new RangeError(text)
      return text
    },
  }),
  MOORING_OIDC_ROLE: setting({
    doc: 'The role of people who come from that provider for the first time. Unset: only people who were invited, or have an account.',
    takes: 'admin, developer or viewer',
    default: null,
    parse: oneOf('admin', 'developer', 'viewer'),
  }),
  MOORING_LOG_LEVEL: setting({
    doc: 'How much is logged.',
    takes: 'fatal, error, warn, info, debug, trace or silent',
    default: 'info',
    parse: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  }),
  MOORING_WORKERS: setting({
    doc: 'How many processes serve.',
    takes: 'a whole number from 1 to 64',
    default: '1',
    parse: wholeNumber(1, 64),
  }),
  MOORING_CONSOLE: setting({
    doc: 'The console, at the root of the public URL; built when its sources have changed.',
    takes: 'on or off',
    default: 'on',
    parse: oneOf('on', 'off'),
  }),
  MOORING_SANDBOX: setting({
    doc: 'The built-in sandbox provider. auto: on unless NODE_ENV is production.',
    takes: 'auto, on or off',
    default: 'auto',
    parse: oneOf('auto', 'on', 'off'),
  }),
  MOORING_SANDBOX_PORT: setting({
    doc: 'The port of the sandbox provider.',
    takes: 'a whole number from 1 to 65535',
    default: '4281',
    parse: wholeNumber(1, 65_535),
  }),
} as const

type Settings = typeof settings
type Value<Name extends keyof Settings> =
  | ReturnType<Settings[Name]['parse']>
  | (Settings[Name]['default'] extends null ? null : never)

export interface Config {
  port: number
  host: string
  /** null: http://localhost and the port that was taken. */
  publicUrl: string | null
  dataDir: string
  /** null: SQLite in the data folder. */
  database: DatabaseTarget | null
  databaseConnections: number
  keys: Keyring | null
  bootstrapApiKey: string | null
  egressAllow: AllowList
  ca: string | null
  returnOrigins: string[]
  trustedProxies: string[]
  requestsPerKey: number
  callsPerKey: number
  requestsPerAddress: number
  callsPerConnection: number
  /** null: passwords only. */
  oidc: OidcSettings | null
  logLevel: Value<'MOORING_LOG_LEVEL'>
  workers: number
  console: boolean
  /** null: no sandbox. */
  sandboxPort: number | null
}

/** Reads the settings. Throws ConfigError at the first wrong one. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const read = <Name extends keyof Settings>(name: Name): ReturnType<Settings[Name]['parse']> | null => {
    const definition: Setting<unknown> = settings[name]
    const { text, from } = textOf(environment, name, definition)
    if (text === null) return null
    try {
      // The table is indexed by a name that is only known to the caller, so the result's type is said here.
      return definition.parse(text) as ReturnType<Settings[Name]['parse']>
    } catch (cause) {
      const reason = definition.explains && cause instanceof Error ? ` (${cause.message})` : ''
      const takes = `it takes ${definition.takes}.`
      throw new ConfigError(`${from} is ${shown(text, definition)}${reason}; ${takes}`, { cause })
    }
  }
  const sandbox = read('MOORING_SANDBOX')
  const sandboxPort = read('MOORING_SANDBOX_PORT')
  const wantsSandbox = sandbox === 'on' || (sandbox === 'auto' && environment['NODE_ENV'] !== 'production')
  return {
    port: read('MOORING_PORT') ?? 4280,
    host: read('MOORING_HOST') ?? '127.0.0.1',
    publicUrl: read('MOORING_PUBLIC_URL'),
    dataDir: read('MOORING_DATA_DIR') ?? resolve('data'),
    database: read('MOORING_DATABASE_URL'),
    databaseConnections: read('MOORING_DATABASE_CONNECTIONS') ?? 10,
    keys: read('MOORING_KEYS'),
    bootstrapApiKey: read('MOORING_BOOTSTRAP_API_KEY'),
    egressAllow: read('MOORING_EGRESS_ALLOW') ?? parseAllow(''),
    ca: read('MOORING_CA_FILE'),
    returnOrigins: read('MOORING_RETURN_ORIGINS') ?? [],
    trustedProxies: read('MOORING_TRUSTED_PROXIES') ?? [],
    requestsPerKey: read('MOORING_REQUESTS_PER_KEY') ?? 0,
    callsPerKey: read('MOORING_CALLS_PER_KEY') ?? 0,
    requestsPerAddress: read('MOORING_REQUESTS_PER_ADDRESS') ?? 0,
    callsPerConnection: read('MOORING_CALLS_PER_CONNECTION') ?? 0,
    oidc: oidcFrom({
      issuer: read('MOORING_OIDC_ISSUER'),
      clientId: read('MOORING_OIDC_CLIENT_ID'),
      clientSecret: read('MOORING_OIDC_CLIENT_SECRET'),
      name: read('MOORING_OIDC_NAME'),
      role: read('MOORING_OIDC_ROLE'),
    }),
    logLevel: read('MOORING_LOG_LEVEL') ?? 'info',
    workers: read('MOORING_WORKERS') ?? 1,
    console: read('MOORING_CONSOLE') === 'on',
    sandboxPort: wantsSandbox ? sandboxPort : null,
  }
}

type Unset<T> = { [K in keyof T]: T[K] | null }

/** A provider is its issuer and a client there: both, or neither. */
function oidcFrom({ issuer, clientId, name, ...rest }: Unset<OidcSettings>): OidcSettings | null {
  if (issuer !== null && clientId !== null) return { issuer, clientId, name: name ?? new URL(issuer).host, ...rest }
  if (issuer === null && clientId === null) return null
  const [there, missing] =
    issuer === null
      ? (['MOORING_OIDC_CLIENT_ID', 'MOORING_OIDC_ISSUER'] as const)
      : (['MOORING_OIDC_ISSUER', 'MOORING_OIDC_CLIENT_ID'] as const)
  throw new ConfigError(`${there} is set and ${missing} is not; it takes ${settings[missing].takes}.`)
}

/** A value as the line about it shows it: on one line, without what must not be shown. */
function shown(text: string, { secret, masked }: Setting<unknown>): string {
  const safe = secret ? masked?.(text) : text.replaceAll(/\/\/[^/?#\s]*@/g, '//***@')
  if (safe === undefined) return `(${text.length} characters, not shown)`
  const quoted = JSON.stringify(safe)
  return quoted.length > 300 ? `${quoted.slice(0, 300)}…` : quoted
}

/** The text of a setting, and the variable to name where it is wrong. */
function textOf(
  environment: Record<string, string | undefined>,
  name: string,
  definition: Setting<unknown>,
): { text: string | null; from: string } {
  const direct = environment[name]
  if (direct !== undefined && direct !== '') return { text: direct, from: name }
  const file = definition.secret ? environment[`${name}_FILE`] : undefined
  if (file === undefined || file === '') return { text: definition.default, from: name }
  const from = `${name}_FILE`
  try {
    return { text: readFileSync(file, 'utf8').trim(), from: `${from} is ${JSON.stringify(file)}, and what it holds` }
  } catch (cause) {
    throw new ConfigError(`${from} is ${JSON.stringify(file)}; it takes the path of a readable file.`, { cause })
  }
}
