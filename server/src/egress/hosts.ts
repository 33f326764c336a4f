// Host patterns: which hosts a service's credential may be sent to (S-35). Pure; nothing here resolves a name.
import { isIP, isIPv4 } from 'node:net'
import { getPublicSuffix } from 'tldts'

/** One parsed entry of a service's `hosts`. */
export interface HostPattern {
  /** As WHATWG URL writes it: lower case, punycode, no trailing dot, IPv6 in brackets. Without the leading `*.`. */
  host: string
  /** True for `*.host`: every subdomain at any depth, never `host` itself. */
  wildcard: boolean
  /** Absent: the default port of the URL's scheme, or any port when `host` is a loopback name. */
  port?: number
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/** The URL's host in the form patterns are compared in. WHATWG already lowered the case and wrote IDN in punycode. */
export function canonicalHost(hostname: string): string {
  const host = hostname.toLowerCase()
  return host.endsWith('.') ? host.slice(0, -1) : host
}

/** True for names and literals that stay on this machine: `localhost`, `*.localhost` (RFC 6761), 127/8 and `[::1]`. */
export function isLoopbackName(hostname: string): boolean {
  const host = canonicalHost(hostname)
  if (host === 'localhost' || host === '[::1]' || host === '::1') return true
  return host.endsWith('.localhost') || (isIPv4(host) && host.startsWith('127.'))
}

/**
 * Reads one entry: `api.example.com`, `*.example.com`, an IP literal (IPv6 in brackets) or `localhost`, each with an
 * optional `:port`. The error is a sentence that says what to write instead.
 */
export function parseHostPattern(text: string): HostPattern | { error: string } {
  const wrong = (what: string): { error: string } => ({ error: `"${text}" ${what}` })

  // These come first: a URL parser would quietly drop or reinterpret every one of them.
  if (text === '') return { error: 'A host is empty; write one such as api.example.com' }
  if (text.includes('://')) return wrong('has a scheme; write the host alone, such as api.example.com')
  if (text.includes('@')) return wrong('has user-info; write the host alone, without what stands before the @')
  if (/[/\\?#]/.test(text)) return wrong('has a path or query; write the host alone, such as api.example.com')
  if (/[\s%\p{Cc}]/u.test(text)) return wrong('has a space, control or percent character; leave it out')

  const wildcard = text.startsWith('*.')
  const rest = wildcard ? text.slice(2) : text
  if (rest.includes('*')) {
    return wrong('has a * in the wrong place; one * may stand for the first label only, such as *.example.com')
  }

  if (isIP(rest) === 6) return wrong('is an IPv6 address without brackets; write it as [::1] or [::1]:8080')
  const [, name, portText] = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/.exec(rest) ?? []
  if (name === undefined) return wrong('is not a host; write one such as api.example.com or api.example.com:8443')
  if (portText !== undefined && !isPort(portText)) {
    return wrong('has a port that is not a number from 1 to 65535; write one such as api.example.com:8443')
  }

  const url = name !== '' && URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`) : undefined
  const host = canonicalHost(url?.hostname ?? '')
  const literal = host.startsWith('[') || isIPv4(host)
  if (!literal && !isDomainName(host))
    return wrong('is not a host name or IP address; write one such as api.example.com')
  if (wildcard && literal) return wrong('is a wildcard of an IP address; write the address itself')
  if (wildcard && isSharedSuffix(host)) {
    return wrong('would match hosts of unrelated owners; put * before a domain you trust, such as *.example.com')
  }
  return portText === undefined ? { host, wildcard } : { host, wildcard, port: Number(portText) }
}

/** Whether any of the patterns allows the URL's host and port. Schemes other than http and https never match. */
export function hostMatches(patterns: readonly HostPattern[], url: URL): boolean {
  return compileHosts(patterns)(url)
}

/** Builds the matcher once for many URLs: set look-ups, one per label of the host at most. */
export function compileHosts(patterns: readonly HostPattern[]): (url: URL) => boolean {
  const exact = new Set<string>()
  const wildcards = new Set<string>()
  for (const { host, wildcard, port } of patterns) (wildcard ? wildcards : exact).add(`${host}:${port ?? ''}`)

  return (url) => {
    const defaultPort = DEFAULT_PORTS[url.protocol]
    const host = canonicalHost(url.hostname)
    if (defaultPort === undefined || host === '') return false
    const port = url.port === '' ? defaultPort : url.port
    // An entry without a port is kept as `host:`.
    const portless = port === defaultPort || isLoopbackName(host)
    const has = (set: Set<string>, name: string): boolean =>
      set.has(`${name}:${port}`) || (portless && set.has(`${name}:`))

    if (has(exact, host)) return true
    if (wildcards.size === 0) return false
    for (let dot = host.indexOf('.'); dot > 0; dot = host.indexOf('.', dot + 1)) {
      if (has(wildcards, host.slice(dot + 1))) return true
    }
    return false
  }
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535
}

/** DNS lengths and characters (RFC 1123, and `_`, which real hosts carry); no empty label. */
function isDomainName(host: string): boolean {
  return host.length <= 253 && host.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label))
}

/**
 * True when the names right under `host` belong to unrelated owners: it is a public suffix (ICANN or private section of
 * the Public Suffix List) or holds nothing but such. An unlisted single label counts as one; `localhost` does not.
 */
function isSharedSuffix(host: string): boolean {
  if (isLoopbackName(host)) return false
  return getPublicSuffix(host, { allowPrivateDomains: true, extractHostname: false, validateHostname: false }) === host
}
