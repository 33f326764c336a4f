// Connection pools whose every new connection is judged: name, all its addresses, then the socket (S-31, S-32).
import dns from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { callbackify } from 'node:util'
import { Agent, buildConnector, Pool } from 'undici'
import { judge, listeners, type AddressRules, type AllowList, type Refusal } from './address.ts'
import { EgressError } from './errors.ts'

export interface ResolvedAddress {
  address: string
  family: number
}

/** All addresses of a name, in the order to try them. Rejects when the name does not exist. */
export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>

export interface AgentOptions {
  allow: AllowList
  /** What this server listens on right now: an address, or 0.0.0.0 or :: for all. Asked on each new connection. */
  own: () => readonly { host: string; port: number }[]
  /** Default: the operating system's resolver. */
  resolve?: Resolve
  /** PEM certificates trusted besides the default ones. */
  ca?: string
  /** Origins with connections at once. Default 10 000. */
  origins?: number
  /** Connections per origin (scheme, host, port). Default 128. */
  connectionsPerOrigin?: number
  /** Name resolution, TCP and TLS together. Default 5 000. */
  connectTimeoutMs?: number
  /** From the request sent to the answer's headers. Default 60 000; a dispatch may set its own. */
  headersTimeoutMs?: number
  /** Longest silence within an answer's body. Default 60 000; a dispatch may set its own. */
  bodyTimeoutMs?: number
  /** How long an idle connection is kept when the other side does not say. Default 10 000. */
  keepAliveMs?: number
}

/** Shown to servers that ask for one (RFC 8446 section 4.3.2): PEM certificate and key, or both in one PKCS#12. */
export interface ClientCertificate {
  /** The same for the same certificate and key: what pools are kept apart by. */
  id: string
  cert?: string
  key?: string
  pfx?: Uint8Array
  passphrase?: string
}

/** Hosts with open connections at once; a further one is unreachable until another's connections have closed. */
const MAX_ORIGINS = 10_000
/** Bytes of answer headers; above it the answer is refused. */
const MAX_HEADER_SIZE = 32_768
/** How long one address may take before the next is tried; the last has what is left of the connect time. */
const NEXT_ADDRESS_AFTER_MS = 500

/**
 * Keep-alive HTTP/1.1 pools, one per origin, made on first use and dropped when their last connection closes. Throws
 * what OpenSSL says of a certificate that it cannot read.
 */
export function createAgent(options: AgentOptions, certificate?: ClientCertificate): Agent {
  // One context for all connections: parsing the root certificates costs milliseconds.
  const certificates = options.ca === undefined ? undefined : [...getCACertificates('default'), options.ca]
  const secureContext = createSecureContext({
    ca: certificates,
    cert: certificate?.cert,
    key: certificate?.key,
    pfx: certificate?.pfx === undefined ? undefined : Buffer.from(certificate.pfx),
    passphrase: certificate?.passphrase,
  })
  return new Agent({
    maxOrigins: options.origins ?? MAX_ORIGINS,
    factory: (origin) =>
      new Pool(origin, {
        connections: options.connectionsPerOrigin ?? 128,
        pipelining: 1,
        headersTimeout: options.headersTimeoutMs ?? 60_000,
        bodyTimeout: options.bodyTimeoutMs ?? 60_000,
        keepAliveTimeout: options.keepAliveMs ?? 10_000,
        maxHeaderSize: MAX_HEADER_SIZE,
        connect: judgedConnector(new URL(origin), secureContext, options),
      }),
  })
}

function judgedConnector(origin: URL, secureContext: SecureContext, options: AgentOptions): buildConnector.connector {
  const port = Number(origin.port || (origin.protocol === 'https:' ? 443 : 80))
  const rules = (): AddressRules => ({ allow: options.allow, own: listeners(options.own(), machineAddresses()) })
  const blocked = (refusal: Refusal): EgressError => new EgressError('egress_blocked', origin.host, refusal)

  const connect = buildConnector({
    allowH2: false,
    timeout: options.connectTimeoutMs ?? 5_000,
    secureContext,
    rejectUnauthorized: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    lookup: judgedLookup(options.resolve ?? systemResolve, (addresses, hostname) => {
      const now = rules()
      const verdicts = addresses.map(({ address }) => judge(address, port, hostname, now))
      const allowed = addresses.filter((_, index) => verdicts[index] === 'allowed')
      const refusal = verdicts.find((verdict) => verdict !== 'allowed')
      if (allowed.length === 0 && refusal !== undefined) throw blocked(refusal)
      return allowed
    }),
  })

  return (target, callback) => {
    // A socket to an address literal is opened without any lookup, so literals are judged here.
    if (isIP(target.hostname) !== 0) {
      const verdict = judge(target.hostname, port, target.hostname, rules())
      if (verdict !== 'allowed') {
        callback(blocked(verdict), null)
        return
      }
    }
    // undici takes the TLS name from the request's Host header; the certificate must be the URL host's.
    const { servername: _, ...rest } = target
    connect(rest, (...result) => {
      result[1]?.on('error', markReset)
      callback(...result)
    })
  }
}

/**
 * A body that ends with its connection is whole only if no error ended the connection (RFC 9112, section 8). undici takes
 * a reset for such an end too, going by the error's code, and asks after we do.
 */
function markReset(error: Error & { code?: string }): void {
  if (error.code === 'ECONNRESET') error.code = 'UND_ERR_SOCKET'
}

/** The lookup of one socket: what it answers is what the socket connects to, there is no second resolution. */
function judgedLookup(resolve: Resolve, select: (found: ResolvedAddress[], hostname: string) => ResolvedAddress[]) {
  const judged = callbackify(async (hostname: string): Promise<[ResolvedAddress, ...ResolvedAddress[]]> => {
    const [first, ...others] = select(await resolve(hostname), hostname)
    if (first === undefined) throw Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' })
    return [first, ...others]
  })
  const lookup: LookupFunction = (hostname, { all }, callback) => {
    judged(hostname, (error, addresses) => {
      if (error !== null) callback(error, [])
      else if (all === true) callback(null, addresses)
      else callback(null, addresses[0].address, addresses[0].family)
    })
  }
  return lookup
}

function systemResolve(hostname: string): Promise<ResolvedAddress[]> {
  return dns.lookup(hostname, { all: true })
}

function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address))
}
