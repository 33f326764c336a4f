/** Whether a credential may go to an address, as the server will judge it, to tell before anything is sent. */
import type { Connection, Service } from '@mooring/sdk'

type Reach = Pick<Service, 'hosts' | 'anyHost' | 'baseUrl'>

/** The base URL with what the connection fills in; null where the service has none. */
export function baseOf(service: Pick<Service, 'baseUrl'>, connection: Pick<Connection, 'parameters'>): string | null {
  return (
    service.baseUrl?.replaceAll(/\{(\w+)\}/g, (whole, name: string) => connection.parameters[name] ?? whole) ?? null
  )
}

export interface Target {
  /** undefined: cannot be read, or there is no base URL for it. */
  url: URL | undefined
  allowed: boolean
}

export function targetOf(path: string, service: Reach, connection: Pick<Connection, 'parameters'>): Target {
  const base = baseOf(service, connection)
  const named = path.trim()
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(named)) {
    const url =
      base === null
        ? null
        : URL.parse(base.replace(/\/$/, '') + (/^[/?]/.test(named) || named === '' ? '' : '/') + named)
    return { url: url ?? undefined, allowed: true }
  }
  const url = URL.parse(named) ?? undefined
  if (url === undefined) return { url, allowed: false }
  const allowed =
    service.anyHost ||
    url.host === URL.parse(base ?? '')?.host ||
    service.hosts.some((pattern) => fits(url, filled(pattern, connection)))
  return { url, allowed: allowed && /^https?:$/.test(url.protocol) }
}

function filled(pattern: string, { parameters }: Pick<Connection, 'parameters'>): string {
  return pattern.replaceAll(/\{(\w+)\}/g, (whole, name: string) => parameters[name] ?? whole).toLowerCase()
}

/** `api.example.com`, `*.example.com` (subdomains only), each with or without a port. */
function fits(url: URL, pattern: string): boolean {
  const at = pattern.endsWith(']') ? -1 : pattern.lastIndexOf(':')
  const [host, port] = at === -1 ? [pattern, ''] : [pattern.slice(0, at), pattern.slice(at + 1)]
  const local = /^(?:localhost|\[::1\]|127\.[\d.]+|.*\.localhost)$/.test(url.hostname)
  if (port === '' ? url.port !== '' && !local : port !== (url.port || (url.protocol === 'https:' ? '443' : '80')))
    return false
  return host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host
}
