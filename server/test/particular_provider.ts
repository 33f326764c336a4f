/** A provider for journeys that is particular about things: its parts are functions of the test, over real HTTP. */
import { createServer, type IncomingMessage } from 'node:http'

export interface Request {
  method: string
  url: URL
  headers: IncomingMessage['headers']
  body: string
  /** The fields of a form body. */
  form: Record<string, string>
}

export interface Reply {
  status?: number
  headers?: Record<string, string>
  /** An object goes as JSON, a string as it is. */
  body?: unknown
  /** In the place of `body`. */
  bytes?: Buffer
}

export type Part = (request: Request) => Reply

export interface ParticularProvider {
  origin: string
  port: number
  /** Every request, oldest first, as `METHOD /path`. */
  asked: string[]
  /** The parts by path; a test may change them at any time. `/authorize` sends the browser back by itself. */
  parts: Record<string, Part>
  /** What `/authorize` adds to the callback. */
  callback: Record<string, string>
  stop: () => Promise<void>
}

export async function particularProvider(parts: Record<string, Part>): Promise<ParticularProvider> {
  const asked: string[] = []
  const all: Record<string, Part> = { '/authorize': sendBack, ...parts }
  const callback: Record<string, string> = {}
  function sendBack({ url }: Request): Reply {
    const back = new URL(url.searchParams.get('redirect_uri') ?? '')
    back.searchParams.set('code', 'code-1')
    back.searchParams.set('state', url.searchParams.get('state') ?? '')
    for (const [name, value] of Object.entries(callback)) back.searchParams.set(name, value)
    return { status: 302, headers: { location: back.href } }
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', `http://${request.headers.host ?? ''}`)
      const method = request.method ?? ''
      asked.push(`${method} ${url.pathname}`)
      const body = Buffer.concat(chunks).toString('utf8')
      const form = Object.fromEntries(new URLSearchParams(body))
      const part = all[url.pathname]
      const reply = part?.({ method, url, headers: request.headers, body, form }) ?? {
        status: 404,
        body: 'no such part',
      }
      const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {})
      const type = typeof reply.body === 'string' ? 'text/plain' : 'application/json'
      response.writeHead(reply.status ?? 200, { 'content-type': type, ...reply.headers }).end(reply.bytes ?? text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the provider has no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    asked,
    parts: all,
    callback,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
