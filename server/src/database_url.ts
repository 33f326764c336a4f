/**
 * Where a PostgreSQL database is, as a connection URI says it (libpq, section "Connection URIs"), with its words for several
 * hosts and for TLS.
 */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'

export interface DatabaseHost {
  /** A name, an address, or the folder of a socket. */
  host: string
  port: number
}

/**
 * `off`: never; `wanted`: where the server has it, checked against nothing; `on`: always, checked against nothing;
 * `authority`: its certificate must be of a known authority; `full`: and for the host that was named.
 */
export type DatabaseTls = 'off' | 'wanted' | 'on' | 'authority' | 'full'

export interface DatabaseTarget {
  /** In the order in which they are tried. */
  hosts: readonly DatabaseHost[]
  user: string
  /** undefined: as PGPASSWORD or the password file say. */
  password: string | undefined
  database: string
  tls: DatabaseTls
  /** PEM, from the files that the URL names. */
  authority: string | undefined
  certificate: string | undefined
  key: string | undefined
  applicationName: string
  /** For the server, as in `-c search_path=mooring`. */
  options: string | undefined
  /** The URL without its password. */
  shown: string
}

const modes: Record<string, DatabaseTls> = {
  disable: 'off',
  allow: 'wanted',
  prefer: 'wanted',
  require: 'on',
  'verify-ca': 'authority',
  'verify-full': 'full',
}

const known = new Set([
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'options',
  'target_session_attrs',
])

/** Throws an Error that says what is wrong without repeating anything that could be secret. */
export function parseDatabaseUrl(text: string): DatabaseTarget {
  const [, authority, path, query] = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#/]*))?(?:\?([^#]*))?$/.exec(text) ?? []
  if (authority === undefined)
    throw new Error('not a postgres:// URL; write / ? # @ : in a password as %2F %3F %23 %40 %3A')
  const parameters = new Map<string, string>()
  for (const part of (query ?? '').split('&').filter((each) => each !== '')) {
    const [name = '', ...value] = part.split('=')
    // Not named: it may be the rest of a password.
    if (!known.has(name)) throw new Error(`of parameters there are ${[...known].join(', ')}`)
    parameters.set(name, decoded(value.join('=')))
  }
  const at = authority.lastIndexOf('@')
  const [name = '', ...word] = at === -1 ? [] : authority.slice(0, at).split(':')
  const password = word.length === 0 ? parameters.get('password') : decoded(word.join(':'))
  const user = parameters.get('user') ?? decoded(name)
  if (user === '') throw new Error('it names no user')
  const database = parameters.get('dbname') ?? decoded(path ?? '')
  if (database === '') throw new Error('it names no database')
  const hosts = hostsOf(parameters, authority.slice(at + 1))
  demandPrimary(parameters.get('target_session_attrs'))
  const tls = tlsOf(parameters, hosts)
  return {
    hosts,
    user,
    password: password === '' ? undefined : password,
    database,
    tls,
    authority: parameters.get('sslrootcert') === 'system' ? undefined : authorityIn(parameters.get('sslrootcert')),
    certificate: pem('sslcert', parameters.get('sslcert')),
    key: pem('sslkey', parameters.get('sslkey')),
    applicationName: parameters.get('application_name') ?? 'mooring',
    options: parameters.get('options'),
    shown: shownDatabaseUrl(text) ?? `postgres://${encodeURIComponent(user)}@${authority}/${path ?? ''}`,
  }
}

/** The URL with `***` for its password; undefined where it cannot be told which part that is. */
export function shownDatabaseUrl(text: string): string | undefined {
  if (!/^postgres(?:ql)?:\/\/[^:@/?#]+(?::.*)?@/s.test(text)) return undefined
  // Up to the last @, should the password hold one that is not encoded.
  return text.replace(/(\/\/[^:@/?#]+):.*@/s, '$1:***@').replaceAll(/([?&](?:pass|key)[^=&]*)=[^&#]*/gi, '$1=***')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('a % in it begins no encoded character; write it as %25')
  }
}

/** Both lists may be in the query too: `?host=/var/run/postgresql`. */
function hostsOf(parameters: ReadonlyMap<string, string>, authority: string): DatabaseHost[] {
  const listed = parameters.get('host')?.split(',') ?? authority.split(',')
  const ports = parameters.get('port')?.split(',') ?? []
  return listed.map((each, index) => {
    const [, address, name, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(decoded(each)) ?? []
    const host = address ?? name
    if (host === undefined) throw new Error('a host in it is none')
    const number = Number(port ?? ports[index] ?? ports[0] ?? 5432)
    if (!Number.isInteger(number) || number < 1 || number > 65_535) throw new Error('a port in it is none')
    return { host: host === '' ? 'localhost' : host, port: number }
  })
}

/** What keeps tokens must be where they are written. */
function demandPrimary(wanted: string | undefined): void {
  if (wanted !== undefined && !['any', 'read-write', 'primary'].includes(wanted))
    throw new Error('target_session_attrs is read-write, or left out')
}

/** Without a mode TLS is used where the server has it, but for a server on this machine. */
function tlsOf(parameters: ReadonlyMap<string, string>, hosts: readonly DatabaseHost[]): DatabaseTls {
  const mode = parameters.get('sslmode')
  const here = hosts.every(
    ({ host }) => host.startsWith('/') || host === 'localhost' || (isIP(host) > 0 && isLoopback(host)),
  )
  const tls = mode === undefined ? (here ? 'off' : 'wanted') : modes[mode]
  if (tls === undefined) throw new Error(`sslmode is one of ${Object.keys(modes).join(', ')}`)
  // As libpq has it: whoever names an authority wants it asked.
  return tls === 'on' && parameters.has('sslrootcert') ? 'authority' : tls
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

function authorityIn(path: string | undefined): string | undefined {
  const text = pem('sslrootcert', path)
  if (text !== undefined) void new X509Certificate(text)
  return text
}

function pem(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Error(`${name} names a file that cannot be read`, { cause })
  }
}
