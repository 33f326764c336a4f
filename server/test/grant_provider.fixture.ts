/** For the tests: a token endpoint that answers as told, request by request, over real HTTP; and the services to call it with. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Answer, TestServer } from './harness.ts'

export interface Asked {
  path: string
  headers: IncomingHttpHeaders
  form: Record<string, string>
}

export type Reply = { status?: number; body: unknown; headers?: Record<string, string> }

export interface GrantProvider {
  origin: string
  asked: Asked[]
  /** Of the token endpoint. */
  tokens(): Asked[]
}

/** `answer`: for each request; an API under `/api` tells the Authorization header it got. */
export async function grantProvider(answer: (asked: Asked) => Reply): Promise<GrantProvider> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      if (path.startsWith('/api')) {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ authorization: request.headers.authorization }))
        return
      }
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')))
      const one = { path, headers: request.headers, form }
      asked.push(one)
      const { status = 200, body, headers } = answer(one)
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the provider has no port')
  const origin = `http://127.0.0.1:${address.port}`
  return { origin, asked, tokens: () => asked.filter(({ path }) => path === '/token') }
}

/** A ready service of this provider, named by its link name. */
export async function serviceOf(
  { call }: Pick<TestServer, 'call'>,
  linkName: string,
  baseUrl: string,
  auth: object,
  more: object = {},
): Promise<Answer> {
  const body = { name: linkName, linkName, stage: 'ready', auth: { type: 'oauth2', ...auth }, baseUrl, ...more }
  const made = await call('POST', '/v1/services', body)
  if (made.status !== 201) throw new Error(made.text)
  return made
}

/** A connection of the service of the same name, authorized with these values where there are any. */
export async function connectionOf(
  { call }: Pick<TestServer, 'call'>,
  service: string,
  credentials?: object,
  more: object = {},
): Promise<Answer> {
  const body = { name: service, linkName: service, service, ...more }
  const made = await call('POST', '/v1/connections', { ...body, ...(credentials ? { credentials } : {}) })
  if (made.status !== 201) throw new Error(made.text)
  return made
}

/** The parts of a compact JWT, not checked. */
export function decode(jwt: string): {
  header: Record<string, unknown>
  claims: Record<string, unknown>
  signed: string
  signature: Buffer
} {
  const [header = '', claims = '', signature = ''] = jwt.split('.')
  const read = (part: string): Record<string, unknown> => {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : {}
  }
  return {
    header: read(header),
    claims: read(claims),
    signed: `${header}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}
