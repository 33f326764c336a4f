/** APIs that do what a test says down to the byte, raw callers, and connections to call through. */
import { once } from 'node:events'
import {
  createServer as createHttp,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http'
import { connect, createServer as createNet, type Server, type Socket } from 'node:net'
import { ownerKey, type TestServer } from './harness.ts'

export interface Listening {
  port: number
  url: string
  close: () => Promise<void>
}

async function listen(server: Server | HttpServer, sockets: Set<Socket>): Promise<Listening> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface Seen {
  method: string
  url: string
  /** Flat, as on the wire. */
  headers: string[]
  body: Buffer
}

/** An API that reads the whole request and then answers. */
export async function answering(
  answer: (seen: Seen, response: ServerResponse) => void,
): Promise<Listening & { seen: Seen[] }> {
  const seen: Seen[] = []
  const listening = await streaming((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', rawHeaders } = request
      const one = { method, url, headers: rawHeaders, body: Buffer.concat(chunks) }
      seen.push(one)
      answer(one, response)
    })
  })
  return { ...listening, seen }
}

export async function streaming(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listening> {
  const sockets = new Set<Socket>()
  const server = createHttp({ requestTimeout: 0 }, handler)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  return listen(server, sockets)
}

/** Every connection to it is the test's own. `connections` counts them. */
export async function raw(onConnection: (socket: Socket) => void): Promise<Listening & { connections: () => number }> {
  const sockets = new Set<Socket>()
  const server = createNet((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  const listening = await listen(server, sockets)
  return { ...listening, connections: () => sockets.size }
}

/** Answers every request with these bytes once its head is there. */
export async function scripted(
  bytes: string | Buffer,
  then: (socket: Socket) => void = (socket) => socket.end(),
): ReturnType<typeof raw> {
  return raw((socket) => {
    let head = ''
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      head = ''
      socket.write(bytes)
      then(socket)
    })
  })
}

export interface RawAnswer {
  status: number
  reason: string
  /** In order and as written. */
  headers: [string, string][]
  /** All values of a header; `name` in lower case. */
  all: (name: string) => string[]
  body: Buffer
  /** Whether the body came to its end as its framing says. */
  whole: boolean
}

/** Sends raw bytes and reads all of what comes back until the other side closes. */
export async function exchange(port: number, bytes: string | Buffer): Promise<Buffer> {
  const socket = open(port)
  socket.write(bytes)
  return everything(socket)
}

export function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  return socket
}

export async function everything(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // Not events.once, which takes the reset of a socket that is still sending for a failure.
  await new Promise((resolve) => (socket.closed ? resolve(undefined) : socket.once('close', resolve)))
  return Buffer.concat(chunks)
}

/** The head of a call as its lines: request line, key, `Connection: close`, then what is given. */
export function head(method: string, path: string, ...lines: string[]): string {
  return [
    `${method} ${path} HTTP/1.1`,
    'Host: mooring.test',
    `Authorization: Bearer ${ownerKey}`,
    'Connection: close',
    ...lines,
    '',
    '',
  ].join('\r\n')
}

/** Reads one answer off the wire (RFC 9112); 1xx before it are skipped. */
export function parseAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(first.split(' ')[1])
  if (status >= 100 && status < 200) return parseAnswer(bytes.subarray(end + 4))
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  const all = (name: string): string[] =>
    headers.filter(([given]) => given.toLowerCase() === name).map(([, value]) => value)
  const rest = bytes.subarray(end + 4)
  const length = all('content-length')[0]
  const { body, whole } =
    all('transfer-encoding')[0] === 'chunked'
      ? dechunk(rest)
      : { body: rest, whole: length === undefined || Number(length) === rest.length }
  return { status, reason: first.split(' ').slice(2).join(' '), headers, all, body, whole }
}

function dechunk(bytes: Buffer): { body: Buffer; whole: boolean } {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at)
    if (line === -1) return { body: Buffer.concat(chunks), whole: false }
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16)
    if (size === 0) return { body: Buffer.concat(chunks), whole: bytes.indexOf('\r\n\r\n', at) !== -1 }
    chunks.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}

export async function callRaw(server: TestServer, bytes: string | Buffer): Promise<RawAnswer> {
  return parseAnswer(await exchange(server.mooring.port, bytes))
}

export const bearerToken = 'the-credential-of-the-connection'

/** A connection with its service, made in one step; by default a bearer token. */
export async function define(
  server: TestServer,
  name: string,
  baseUrl: string,
  more: { auth?: object; credentials?: object; service?: object } = {},
): Promise<void> {
  const made = await server.call('POST', '/v1/connections', {
    name,
    linkName: name,
    service: { name, linkName: name, auth: more.auth ?? { type: 'bearer' }, baseUrl, ...more.service },
    ...('credentials' in more || !('auth' in more) ? { credentials: more.credentials ?? { token: bearerToken } } : {}),
  })
  if (made.status !== 201 || made.body['status'] !== 'active') throw new Error(made.text)
}

/** Starts upstreams with a connection to each, and closes them all. */
export function upstreams(
  server: () => TestServer,
  prefix: string,
): {
  through: <T extends Listening>(starting: Promise<T>) => Promise<T & { name: string }>
  /** Kept to be closed. */
  keep: <T extends Listening>(one: T) => T
  /** A name not given before. */
  name: () => string
  close: () => Promise<void>
} {
  const opened: Listening[] = []
  let made = 0
  const name = (): string => `${prefix}_${++made}`
  const keep = <T extends Listening>(one: T): T => {
    opened.push(one)
    return one
  }
  return {
    name,
    keep,
    async through(starting) {
      const upstream = keep(await starting)
      const connection = name()
      await define(server(), connection, upstream.url)
      return { ...upstream, name: connection }
    },
    async close() {
      await Promise.all(opened.map((one) => one.close()))
    },
  }
}

export function values(headers: readonly string[], name: string): string[] {
  return headers.flatMap((value, index) =>
    index % 2 === 1 && headers[index - 1]?.toLowerCase() === name ? [value] : [],
  )
}

/** Waits until something holds; at most `withinMs`, counted in turns, which last longer where the machine is busy. */
export async function until(holds: () => boolean, withinMs = 3000): Promise<boolean> {
  for (let turns = withinMs / 10; !holds(); turns--) {
    if (turns <= 0) return false
    await pause(10)
  }
  return true
}

export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
}
