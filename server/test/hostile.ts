/** A provider and its API that tell everything they were sent, in every form, in answers of every kind. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Needles } from './needles.ts'

export type Mood =
  | 'well'
  | 'json error'
  | 'error word'
  | 'error with 200'
  | 'server error'
  | 'page'
  | 'headers'
  | 'redirect'
  | 'half an answer'
  | 'huge'
  | 'hang up'

export interface Hostile {
  url: string
  port: number
  mood: Mood
  /** How many requests came in each mood. */
  met: Map<Mood, number>
  close: () => void
}

export async function startHostile(needles: Needles): Promise<Hostile> {
  let turn = 0
  const hostile: Hostile = { url: '', port: 0, mood: 'well', met: new Map(), close: () => undefined }
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      hostile.met.set(hostile.mood, (hostile.met.get(hostile.mood) ?? 0) + 1)
      const path = new URL(request.url ?? '/', 'http://x').pathname
      const form = new URLSearchParams(body)
      const verifier = form.get('code_verifier')
      turn++
      if (verifier !== null) needles.watch(`code verifier ${turn}`, verifier)
      if (hostile.mood !== 'well') refuse(hostile.mood, everything(request, body), response, hostile.url)
      else grant(path, turn, needles, response)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  // A TCP server's address is never a path.
  hostile.port = (server.address() as AddressInfo).port
  hostile.url = `http://127.0.0.1:${hostile.port}`
  hostile.close = () => {
    server.closeAllConnections()
    server.close()
  }
  return hostile
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

function everything(request: IncomingMessage, body: string): string {
  const credentials = (request.headers.authorization ?? '').split(' ').at(-1) ?? ''
  const raw = [request.url, body, ...request.rawHeaders, Buffer.from(credentials, 'base64').toString('utf8')].join(' ')
  const plain = [
    ...new URLSearchParams(body).values(),
    ...new URL(request.url ?? '/', 'http://x').searchParams.values(),
  ]
  return [
    raw,
    ...plain,
    ...plain.flatMap((value) => [encodeURIComponent(value), Buffer.from(value).toString('base64')]),
  ]
    .join(' ')
    .replaceAll(/[^\x20-\x7e]/g, '.')
}

function grant(path: string, turn: number, needles: Needles, response: ServerResponse): void {
  if (path.startsWith('/oauth2/token')) {
    json(response, 200, {
      access_token: needles.plant(`access token ${turn}`, (random) => `at_${random}${random}`),
      refresh_token: needles.plant(`refresh token ${turn}`, (random) => `rt_${random}${random}`),
      token_type: 'Bearer',
      expires_in: 3600,
      // Every sign-in is another account, for a service that looks at it.
      account: `person ${turn}`,
    })
  } else if (path.startsWith('/oauth1/request')) {
    const token = needles.plant(`request token ${turn}`, (random) => `rq_${random}`)
    const secret = needles.plant(`request token secret ${turn}`, (random) => `rs_${random}`)
    response.end(`oauth_token=${token}&oauth_token_secret=${secret}&oauth_callback_confirmed=true`)
  } else if (path.startsWith('/oauth1/token')) {
    const token = needles.plant(`token ${turn}`, (random) => `tk_${random}`)
    const secret = needles.plant(`token secret ${turn}`, (random) => `ts_${random}`)
    response.end(`oauth_token=${token}&oauth_token_secret=${secret}`)
  } else if (path.startsWith('/sts')) {
    const secret = needles.plant(`role secret key ${turn}`, (random) => `rk/${random}`)
    const token = needles.plant(`role session token ${turn}`, (random) => `rst/${random}==`)
    const keys = `<AccessKeyId>ASIA${turn}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey><SessionToken>${token}</SessionToken>`
    const ends = new Date(Date.now() + 3_600_000).toISOString()
    response.end(
      `<AssumeRoleResponse><AssumeRoleResult><Credentials>${keys}<Expiration>${ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    )
  } else json(response, 200, { ok: true })
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(mood: Mood, echo: string, response: ServerResponse, url: string): void {
  switch (mood) {
    case 'well':
      return
    case 'json error':
      json(response, 400, { error: 'invalid_client', error_description: echo, error_uri: `${url}/?${echo}`, echo })
      return
    case 'error word':
      json(response, 401, { error: echo.slice(-64), message: echo, oauth_problem: echo })
      return
    case 'error with 200':
      json(response, 200, { error: { message: echo, type: echo.slice(0, 40) } })
      return
    case 'server error':
      json(response, 503, { error: 'temporarily_unavailable', error_description: echo })
      return
    case 'page':
      response.writeHead(400, { 'Content-Type': 'text/html' }).end(`<html><title>${echo}</title>${echo}</html>`)
      return
    case 'headers':
      response.writeHead(401, {
        'WWW-Authenticate': `Bearer error="${echo.slice(0, 2000)}"`,
        'X-Echo': echo.slice(0, 2000),
      })
      response.end()
      return
    case 'redirect':
      response.writeHead(302, { Location: `${url}/elsewhere?${encodeURIComponent(echo.slice(0, 2000))}` }).end()
      return
    case 'half an answer':
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': echo.length + 9999 })
      response.write(`{"echo": ${JSON.stringify(echo)}`, () => response.destroy())
      return
    case 'huge':
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.end(`{"echo": ${JSON.stringify(echo.repeat(Math.ceil(1_200_000 / echo.length)))}}`)
      return
    case 'hang up':
      response.destroy()
  }
}
