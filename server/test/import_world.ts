/** The documents of `import/`, and a provider that answers as one of them says. */
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export interface AskedOf {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface Provider extends AsyncDisposable {
  origin: string
  asked: AskedOf[]
}

interface Answer {
  status?: number
  headers?: Record<string, string>
  body: unknown
}

/** Answers by path, `{origin}` in them filled in. */
export async function provider(answers: Record<string, Answer>): Promise<Provider> {
  const asked: AskedOf[] = []
  let origin = ''
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { pathname: path } = new URL(request.url ?? '', origin)
      asked.push({ method: request.method ?? '', path, headers: request.headers, body })
      const answer = answers[path]
      const filled = (value: string): string => value.replaceAll('{origin}', origin)
      const headers = Object.entries(answer?.headers ?? {}).map(([name, value]) => [name, filled(value)])
      response.writeHead(answer === undefined ? 404 : (answer.status ?? 200), Object.fromEntries(headers))
      const given = answer?.body ?? {}
      response.end(filled(typeof given === 'string' ? given : JSON.stringify(given)))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  origin = `http://127.0.0.1:${address.port}`
  return {
    origin,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const folder = join(import.meta.dirname, 'import')

export interface Example {
  name: string
  text: string
}

export const examples: Example[] = readdirSync(folder)
  .toSorted()
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))

interface Conversation {
  ask: string
  answers: Record<string, Answer>
}

/** What to send for an example, and to whom it leads. */
export async function bodyFor({
  name,
  text: given,
}: Example): Promise<{ body: object; provider: Provider | undefined }> {
  if (name.endsWith('.curl.txt')) return { body: { curl: given }, provider: undefined }
  if (name.endsWith('.postman.json')) return { body: { postman: given }, provider: undefined }
  const [, kind] = /\.(issuer|mcp)\.json$/.exec(name) ?? []
  if (kind === undefined) return { body: { openapi: given }, provider: undefined }
  const { ask, answers } = JSON.parse(given) as Conversation
  const standing = await provider(answers)
  return { body: { [kind]: ask.replaceAll('{origin}', standing.origin) }, provider: standing }
}
