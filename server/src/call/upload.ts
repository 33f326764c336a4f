/** What a caller sends along: nothing, a body read whole, or a stream that is passed on as it comes. */
import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { MooringError } from '../errors.ts'
import { formType } from '../schemes/request.ts'
import type { Live } from './live.ts'

/** A request body up to this many bytes is kept, so that the request can be repeated with a new token. */
export const keptForRepeat = 65_536
/** A body that a signature covers is read up to this many bytes. */
const readForSigning = 16_777_216

/** A request body: none, whole in memory, or a stream with what it has given so far kept while that is small. */
export interface Body {
  whole: Uint8Array | null | undefined
  stream: Readable | null
  /** The whole body, where the stream has ended and stayed small. */
  kept: () => Uint8Array | undefined
}

export const noBody: Body = { whole: null, stream: null, kept: () => undefined }

/** Throws malformed_request where the body ends early. */
export function takeBody(request: IncomingMessage, live: Live): Body | Promise<Body> {
  const length = request.headers['content-length']
  const { bodyUse } = live.applied
  const isForm = (request.headers['content-type'] ?? '').toLowerCase().startsWith(formType)
  if (bodyUse === 'bytes' || (bodyUse === 'form' && isForm)) {
    if (length === undefined || Number(length) <= readForSigning) return readBody(request)
  }
  return teed(request)
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const { bytes, rest } = await readUpTo(request, readForSigning)
  if (rest === null) return { whole: bytes, stream: null, kept: () => bytes }
  return { whole: undefined, stream: joined(bytes, rest), kept: () => undefined }
}

/** Reads a body; past the limit gives what was read and the paused rest. */
async function readUpTo(request: IncomingMessage, limit: number): Promise<{ bytes: Buffer; rest: Readable | null }> {
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    const done = (rest: Readable | null): void => {
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
      resolve({ bytes: Buffer.concat(chunks), rest })
    }
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      size += chunk.length
      if (size <= limit) return
      request.pause()
      done(request)
    }
    const onEnd = (): void => done(null)
    const onError = (error: Error): void => reject(error)
    const onClose = (): void =>
      reject(new MooringError('malformed_request', { detail: 'The request body ended early.' }))
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
  })
}

function joined(head: Uint8Array, rest: Readable): Readable {
  const both = new PassThrough()
  both.on('error', () => undefined)
  both.write(head)
  rest.pipe(both)
  rest.on('error', (error) => both.destroy(error))
  return both
}

function teed(request: IncomingMessage): Body {
  let chunks: Buffer[] | null = []
  let size = 0
  let ended = false
  const stream = new PassThrough()
  // Whoever sends the body listens while it does; an upload that ends early after that must not end the process.
  stream.on('error', () => undefined)
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > keptForRepeat) chunks = null
    else chunks?.push(chunk)
  })
  request.on('end', () => {
    ended = true
  })
  request.on('error', (error) => stream.destroy(error))
  request.on('close', () => {
    // A truncated upload must not look like a whole one to the API.
    if (!request.complete)
      stream.destroy(new MooringError('malformed_request', { detail: 'The request body ended early.' }))
  })
  request.pipe(stream)
  return { whole: undefined, stream, kept: () => (ended && chunks !== null ? Buffer.concat(chunks) : undefined) }
}

/** Whether all of a body is here, so that its request can be made again. */
export function isRepeatable(body: Body): boolean {
  return body.stream === null || body.kept() !== undefined
}

/** A repeatable body for the next time: read whole, or none. */
export function again(body: Body): Body {
  const bytes = body.stream === null ? body.whole : body.kept()
  return { whole: bytes ?? null, stream: null, kept: () => bytes ?? undefined }
}

/** What is left of an upload has no reader any more; unread, it would keep the caller from reading the answer. */
export function drain(request: IncomingMessage): void {
  request.unpipe()
  request.resume()
}

/** Whether a request brings a body (RFC 9112 section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}
