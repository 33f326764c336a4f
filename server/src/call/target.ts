/** Where a call goes: the URL it names, and whether the credential may go there (S-34, S-35). */
import { compileHosts, type HostPattern, isLoopbackName, parseHostPattern } from '../egress/hosts.ts'
import { MooringError } from '../errors.ts'
import type { Bound } from '../connection/bind.ts'
import { isUrl, placeholdersIn } from '../schemes/placeholders.ts'

export interface Targets {
  /** The URL a caller named: absolute, or a path under the base URL. Throws malformed_request, host_not_allowed. */
  resolve(named: string): URL
  /** Whether the credential may go to this URL; for redirects. */
  allows(url: URL): boolean
}

/** Prepared once a connection, asked once a call. */
export function compileTargets({ document, scheme, auth, service }: Bound): Targets {
  const base = document.baseUrl === null ? null : whole(document.baseUrl)
  const baseHost = base?.host
  const patterns = document.hosts.flatMap((text): HostPattern[] => {
    // A placeholder that holds a whole URL means its host.
    const pattern = parseHostPattern(isUrl(text) ? (URL.parse(text)?.host ?? '') : text)
    return 'error' in pattern ? [] : [pattern]
  })
  const listed = compileHosts(patterns)
  // Plain http carries the credential in the clear, so it is used only where the service itself says http, or where the
  // traffic stays on this machine.
  const plain = new Set(
    [document.baseUrl ?? '', ...Object.values(scheme.endpoints(auth))]
      .map((text) => URL.parse(text))
      .filter((url) => url?.protocol === 'http:')
      .map((url) => url?.host),
  )
  const allows = (url: URL): boolean => {
    if (url.username !== '' || url.password !== '') return false
    if (url.protocol === 'http:') {
      if (!plain.has(url.host) && !isLoopbackName(url.hostname)) return false
    } else if (url.protocol !== 'https:') return false
    return document.anyHost || (base !== null && url.host === baseHost) || listed(url)
  }
  const basePath = base === null ? '' : base.pathname.replace(/\/$/, '')
  const prefix = base === null ? '' : base.origin + basePath
  const leaves = (pathname: string): boolean => pathname !== basePath && !pathname.startsWith(`${basePath}/`)

  return {
    allows,
    resolve(named) {
      if (isAbsolute(named)) {
        const url = URL.parse(named)
        if (url === null)
          throw new MooringError('malformed_request', {
            detail: 'The URL to call cannot be read.',
            hint: 'Write it as https://host/path.',
          })
        if (named.includes('#')) url.hash = ''
        if (!allows(url)) throw hostNotAllowed(url, document.hosts, document.baseUrl, service.linkName)
        return url
      }
      if (base === null) {
        throw new MooringError('malformed_request', {
          detail: `${service.name} has no base URL, so a call names a whole URL.`,
          hint: `Write the URL with its host, or give the service a baseUrl.`,
        })
      }
      const url = URL.parse(
        named === '' ? prefix + (basePath === '' ? '/' : '') : prefix + (/^[/?]/.test(named) ? '' : '/') + named,
      )
      if (url === null || url.host !== baseHost)
        throw new MooringError('malformed_request', { detail: 'The path to call cannot be read.' })
      if (named.includes('#')) url.hash = ''
      // Dot segments, encoded ones included, are resolved by now: they may not lead out of the base URL, neither as they
      // stand nor for a server that reads paths otherwise.
      const { pathname } = url
      if (basePath !== '' && (leaves(pathname) || (/[%;]/.test(pathname) && laxly(url).some(leaves)))) {
        throw new MooringError('malformed_request', {
          detail: 'The path leaves the base URL of the service.',
          hint: 'Remove the .. segments, or name a whole URL.',
        })
      }
      return url
    },
  }
}

/** Throws where a placeholder has no value: it would be learned by connecting, and was not. */
function whole(baseUrl: string): URL {
  const url = URL.parse(baseUrl)
  const [missing] = placeholdersIn(baseUrl)
  if (url !== null && missing === undefined) return url
  throw new MooringError('connection_not_active', {
    detail: `The base URL of the service holds {${missing ?? ''}}, and this connection has no value for it.`,
    hint: 'Authorize the connection again, or give the value in its parameters.',
  })
}

/**
 * What servers make of a path that read it with less care: slashes and dots decoded, also from the forms that UTF-8 forbids,
 * decoded more than once, cut at a NUL, without what follows a semicolon in a segment (RFC 3986 section 3.3 parameters).
 */
function laxly({ origin, pathname }: URL): string[] {
  const readings: string[] = []
  let path = pathname
  for (let round = 0; round < 3; round++) {
    path = path
      .replaceAll(/%2f|%5c|%c0%af|%c1%9c/gi, '/')
      .replaceAll(/%2e|%c0%ae/gi, '.')
      .replaceAll(/%00/g, '')
      .replaceAll(/%3b/gi, ';')
    readings.push(new URL(origin + path).pathname, new URL(origin + path.replaceAll(/;[^/]*/g, '')).pathname)
    if (!path.includes('%25')) break
    path = path.replaceAll('%25', '%')
  }
  return readings
}

function isAbsolute(named: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(named)
}

function hostNotAllowed(url: URL, hosts: string[], baseUrl: string | null, service: string): MooringError {
  const place =
    url.username !== '' || url.password !== ''
      ? 'A URL with a user name in it'
      : url.protocol === 'https:'
        ? url.host
        : `${url.protocol}//${url.host}`
  const known = [...hosts, ...(baseUrl === null ? [] : [new URL(baseUrl).host])]
  return new MooringError('host_not_allowed', {
    detail: `${place} is not among the hosts that the credential of ${service} may go to: ${[...new Set(known)].join(', ')}.`,
    hint: `If it belongs to the API, add it: PATCH /v1/services/${service} {"hosts": [...]}.`,
  })
}
