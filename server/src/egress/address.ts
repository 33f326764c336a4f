// Which addresses the server may connect to (S-32). Pure: who listens and what is allowed are arguments.
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { canonicalHost, parseHostPattern } from './hosts.ts'

export type Address = ipaddr.IPv4 | ipaddr.IPv6
export type Network = [Address, number]

/** What an operator allows although it is not global unicast. */
export interface AllowList {
  networks: readonly Network[]
  /** `host:port` and `address:port`, canonical; each allows exactly itself. */
  endpoints: ReadonlySet<string>
}

/** One thing this server listens on, as a network because 0.0.0.0 answers on all of 127/8. */
export interface Listener {
  network: Network
  port: number
}

export interface AddressRules {
  allow: AllowList
  own: readonly Listener[]
}

/** Why an address is refused; a class that may be shown, never the address. */
export type Refusal =
  | 'metadata'
  | 'own address'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'embedded IPv4'
  | 'reserved'
  | 'not an address'

/**
 * Addresses where clouds hand out machine credentials or configuration to whoever asks from inside. They stay refused
 * under a wider allowed network. From the documentation of AWS (IMDS, DNS, ECS and EKS agents), Google Cloud, Azure
 * (IMDS and wire server), Alibaba, Tencent, Oracle, Scaleway and OpenStack.
 */
const METADATA: readonly Network[] = [
  '169.254.169.0/24',
  '169.254.170.0/24',
  '169.254.0.23/32',
  '169.254.42.42/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/64',
  'fd20:ce::254/128',
  'fd00:c1::a9fe:a9fe/128',
  'fd00:42::42/128',
  'fe80::a9fe:a9fe/128',
].map((cidr) => ipaddr.parseCIDR(cidr))

/** What IANA has given out as global unicast; everything outside is unassigned or special (RFC 4291, section 2.4). */
const GLOBAL_UNICAST_V6: Network = ipaddr.parseCIDR('2000::/3')
const NAT64: readonly Network[] = ['64:ff9b::/96', '64:ff9b:1::/48'].map((cidr) => ipaddr.parseCIDR(cidr))
const LOOPBACK: readonly Network[] = ['127.0.0.0/8', '::1/128', '0.0.0.0/32', '::/128'].map((c) => ipaddr.parseCIDR(c))

const REFUSALS: Readonly<Record<string, Refusal>> = {
  loopback: 'loopback',
  // Connecting to 0.0.0.0 or :: reaches this machine.
  unspecified: 'loopback',
  private: 'private',
  uniqueLocal: 'private',
  deprecatedSiteLocal: 'private',
  carrierGradeNat: 'private',
  linkLocal: 'link-local',
}

/**
 * Reads the operator's list: CIDRs and `host:port` pairs between commas or spaces. A bare address is a network of one;
 * `[::1]:80` and `10.0.0.7:8443` are pairs. Throws an Error that names the wrong entry.
 */
export function parseAllow(entries: string): AllowList {
  const networks: Network[] = []
  const endpoints = new Set<string>()
  for (const entry of entries.split(/[\s,]+/).filter((part) => part !== '')) {
    const network = parseNetwork(entry)
    const pattern = network === undefined ? parseHostPattern(entry) : undefined
    if (network !== undefined) networks.push(network)
    else if (pattern !== undefined && !('error' in pattern) && !pattern.wildcard && pattern.port !== undefined) {
      endpoints.add(endpoint(pattern.host, pattern.port))
    } else {
      throw new Error(`"${entry}" is neither a network such as 10.0.0.0/8 nor a pair such as db.internal:8080`)
    }
  }
  return { networks, endpoints }
}

/**
 * What this server listens on. `interfaces` are the machine's addresses: a listener on 0.0.0.0 or ::, or on a name,
 * answers on all of them; one on a loopback address also answers to 0.0.0.0 and ::.
 */
export function listeners(own: readonly { host: string; port: number }[], interfaces: readonly string[]): Listener[] {
  return own.flatMap(({ host, port }) => {
    const address = parseAddress(canonicalHost(host).replace(/^\[|\]$/g, ''))
    const everywhere = address === undefined || address.range() === 'unspecified'
    const mine = everywhere ? interfaces.flatMap((text) => parseAddress(text) ?? []) : [address]
    const networks = mine.map((one): Network => [one, bits(one)])
    const local = everywhere || address.range() === 'loopback' ? LOOPBACK : []
    return [...networks, ...local].map((network) => ({ network, port }))
  })
}

/**
 * Whether a connection to `address` may be opened for a URL whose host is `hostname` (the literal itself when the URL
 * holds an address). Exact pairs come first; then metadata and own addresses, which no network and no name opens.
 */
export function judge(address: string, port: number, hostname: string, rules: AddressRules): 'allowed' | Refusal {
  const parsed = parseAddress(address)
  if (parsed === undefined) return 'not an address'
  const { networks, endpoints } = rules.allow
  if (endpoints.has(endpoint(parsed.toString(), port))) return 'allowed'

  // What a translator or tunnel on the way could make of it counts as much as the address itself.
  const meanings = [parsed, ...embedded(parsed)]
  if (meanings.some((one) => METADATA.some((network) => inside(one, network)))) return 'metadata'
  const isOwn = (one: Address): boolean => rules.own.some((own) => own.port === port && inside(one, own.network))
  if (meanings.some(isOwn)) return 'own address'

  if (endpoints.has(endpoint(hostname, port))) return 'allowed'
  if (networks.some((network) => inside(parsed, network))) return 'allowed'
  return refusal(parsed) ?? 'allowed'
}

function refusal(address: Address): Refusal | undefined {
  const range = address.range()
  const named = REFUSALS[range]
  if (named !== undefined) return named
  if (embedded(address).length > 0) return 'embedded IPv4'
  if (range !== 'unicast') return 'reserved'
  return address.kind() === 'ipv6' && !inside(address, GLOBAL_UNICAST_V6) ? 'reserved' : undefined
}

/**
 * The IPv4 addresses an IPv6 address carries: compatible and mapped (RFC 4291, 2.5.5), translated (RFC 2765), NAT64
 * (RFC 6052, 2.2, every prefix length the well-known and local-use prefixes leave room for), 6to4 (RFC 3056), Teredo
 * server and client (RFC 4380, 4: the client's is inverted) and ISATAP (RFC 5214, 6.1).
 */
function embedded(address: Address): ipaddr.IPv4[] {
  if (!(address instanceof ipaddr.IPv6)) return []
  const bytes = address.toByteArray()
  const at = (...positions: number[]): ipaddr.IPv4 => new ipaddr.IPv4(positions.map((index) => bytes[index] ?? 0))
  const last = at(12, 13, 14, 15)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = address.parts
  if (a === 0 && b === 0 && c === 0 && d === 0) {
    const carrier = (e === 0 && (f === 0 || f === 0xffff)) || (e === 0xffff && f === 0)
    return carrier ? [last] : []
  }
  if (NAT64.some((network) => inside(address, network))) {
    return [last, at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12)]
  }
  if (a === 0x2002) return [at(2, 3, 4, 5)]
  if (a === 0x2001 && b === 0) return [at(4, 5, 6, 7), new ipaddr.IPv4(last.octets.map((octet) => octet ^ 0xff))]
  if ((e === 0 || e === 0x0200) && f === 0x5efe) return [last]
  return []
}

/** Strict: the forms a resolver or WHATWG URL writes, with the zone of a scoped address left out. */
function parseAddress(text: string): Address | undefined {
  const unscoped = text.replace(/%.*$/s, '')
  return isIP(unscoped) === 0 ? undefined : ipaddr.parse(unscoped)
}

function parseNetwork(text: string): Network | undefined {
  const [, base = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = base.includes('%') ? undefined : parseAddress(base)
  if (address === undefined) return undefined
  const prefix = length === undefined ? bits(address) : Number(length)
  return prefix <= bits(address) ? [address, prefix] : undefined
}

function inside(address: Address, network: Network): boolean {
  return address.kind() === network[0].kind() && address.match(network)
}

function bits(address: Address): number {
  return address.kind() === 'ipv4' ? 32 : 128
}

function endpoint(host: string, port: number): string {
  const name = canonicalHost(host).replace(/^\[|\]$/g, '')
  return `${parseAddress(name)?.toString() ?? name}:${port}`
}
