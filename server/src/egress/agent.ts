// How connections are opened, each of them judged: name, all its addresses, then the socket (S-31, S-32).
import dns from 'node:dns/promises'
import { connect as connectTcp, isIP, type LookupFunction, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { callbackify } from 'node:util'
import { judge, listeners, type AddressRules, type AllowList, type Refusal } from './address.ts'
import { EgressError } from './errors.ts'
import { machineAddresses } from './machine.ts'
import { Agent } from './wire/agent.ts'
import { WireError } from './wire/error.ts'
import { type Open, shutDown } from './wire/pool.ts'

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
/** Silence after which the system asks whether the other side is still there. */
const PROBED_AFTER_MS = 60_000

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
  return new Agent((origin) => judgedOpen(origin, secureContext, options), {
    origins: options.origins ?? MAX_ORIGINS,
    connections: options.connectionsPerOrigin ?? 128,
    keepAlive: options.keepAliveMs ?? 10_000,
    longestHead: MAX_HEADER_SIZE,
  })
}

function judgedOpen(origin: URL, secureContext: SecureContext, options: AgentOptions): Open {
  const secure = origin.protocol === 'https:'
  const port = Number(origin.port || (secure ? 443 : 80))
  const host = origin.hostname.replace(/^\[|\]$/g, '')
  const isAddress = isIP(host) !== 0
  const rules = (): AddressRules => ({ allow: options.allow, own: listeners(options.own(), machineAddresses()) })
  const blocked = (refusal: Refusal): EgressError => new EgressError('egress_blocked', origin.host, refusal)
  const lookup = judgedLookup(options.resolve ?? systemResolve, (addresses, hostname) => {
    const now = rules()
    const verdicts = addresses.map(({ address }) => judge(address, port, hostname, now))
    const allowed = addresses.filter((_, index) => verdicts[index] === 'allowed')
    const refusal = verdicts.find((verdict) => verdict !== 'allowed')
    if (allowed.length === 0 && refusal !== undefined) throw blocked(refusal)
    return allowed
  })
  /** Of the newest TLS session: the next handshake is shorter with it (RFC 8446 section 2.2). */
  let session: Buffer | undefined

  const socketOf = (onread: OnReadOpts): Socket => {
    const target = {
      host,
      port,
      lookup,
      onread,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: PROBED_AFTER_MS,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    }
    if (!secure) return connectTcp(target)
    // The certificate must be the URL host's, whatever a Host header says.
    const names = isAddress ? {} : { servername: host }
    const socket = connectTls({
      ...target,
      ...names,
      secureContext,
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
      ...(session === undefined ? {} : { session }),
    })
    socket.on('session', (newest) => {
      session = newest
    })
    return socket
  }

  return (onread, opened) => {
    // A socket to an address literal is opened without any lookup, so literals are judged here.
    const verdict = isAddress ? judge(host, port, host, rules()) : 'allowed'
    if (verdict !== 'allowed') {
      process.nextTick(() => opened(blocked(verdict)))
      return () => undefined
    }
    const socket = socketOf(onread)
    const ready = secure ? 'secureConnect' : 'connect'
    const fail = (error: Error): void => {
      leave()
      session = undefined
      // What it still says is of no interest, and must not end the process.
      socket.on('error', () => undefined)
      socket.destroy()
      opened(error)
    }
    const onReady = (): void => {
      leave()
      opened(null, socket)
    }
    const onClose = (): void => fail(new WireError('CLOSED_EARLY', 'the other side closed the connection'))
    const onLate = (): void => fail(new WireError('CONNECT_TIMEOUT', 'no connection came about in time'))
    const timer = setTimeout(onLate, options.connectTimeoutMs ?? 5000)
    let waits = true
    const leave = (): void => {
      waits = false
      clearTimeout(timer)
      socket.off('error', fail).off('close', onClose).off(ready, onReady)
    }
    socket.on('error', fail).on('close', onClose).on(ready, onReady)
    return () => {
      if (waits) fail(shutDown())
    }
  }
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
