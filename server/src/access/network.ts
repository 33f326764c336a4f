/** Addresses as the ones who hold them count. */
import ipaddr from 'ipaddr.js'

/** A person or a household has a /64 of IPv6, not one address. What is no address stays as it is. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':')
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

/**
 * Whether an address is one of these, written as addresses and CIDRs (checked by the settings). An IPv4 address also
 * counts as written in IPv6.
 */
export function matcherOf(list: readonly string[]): (address: string) => boolean {
  const networks = list.map((text): [Address, number] => {
    if (text.includes('/')) return ipaddr.parseCIDR(text)
    const address = ipaddr.parse(text)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  })
  return (text) => {
    if (networks.length === 0 || !ipaddr.isValid(text)) return false
    const address = ipaddr.process(text)
    return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
  }
}

/**
 * Where a request comes from: the last address of X-Forwarded-For that no trusted proxy has, as far as trusted proxies
 * wrote it. `peer`: who holds the connection.
 */
export function originOf(peer: string, forwarded: string | undefined, trusted: (address: string) => boolean): string {
  if (forwarded === undefined || !trusted(peer)) return peer
  const hops = forwarded.split(',').map((hop) => hop.trim())
  let origin = peer
  for (const hop of hops.toReversed()) {
    if (!ipaddr.isValid(hop)) return origin
    origin = hop
    if (!trusted(hop)) return origin
  }
  return origin
}
