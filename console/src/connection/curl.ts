/** A call through our proxy as a command line. It holds no credential: the caller's key comes from the environment. */

export interface CurlCall {
  /** Where the server is reached. */
  origin: string
  connection: string
  method: string
  /** A path under the base URL, or a whole URL. */
  target: string
  headers?: readonly (readonly [name: string, value: string])[]
  body?: string | undefined
  /** For a per-user connection. */
  user?: string | undefined
}

export function curlFor({ origin, connection, method, target, headers = [], body, user }: CurlCall): string {
  const path = /^[/?]/.test(target) || target === '' ? target : `/${target}`
  const parts = [
    `curl ${method === 'GET' && body === undefined ? '' : `-X ${quoted(method)} `}${quoted(`${origin}/v1/proxy/${connection}${path}`)}`,
    // In double quotes: the shell fills it in.
    '-H "Authorization: Bearer $MOORING_API_KEY"',
    ...(user === undefined ? [] : [`-H ${quoted(`Mooring-User: ${user}`)}`]),
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${quoted(body)}`]),
  ]
  return parts.join(' \\\n  ')
}

/** In single quotes, in which a shell reads nothing; a single quote is closed, written by itself, and opened again. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
