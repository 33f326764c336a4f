/** Callers that take their time: their connections are kept while something moves on them, or while they wait for us. */
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { MooringError } from '../errors.ts'

/** A caller that neither sends what it has begun nor takes what it is sent for this long is cut off. Milliseconds. */
const stalledAfter = 60_000
/** The whole body of a management request is here after this long, however it trickles. Milliseconds. */
const bodyWithin = 60_000
/** Connections open at once in a process; further ones are closed as they come. */
const mostConnections = 10_000

export interface Patience {
  stalledAfter: number
  bodyWithin: number
}

export const patience: Patience = { stalledAfter, bodyWithin }

/**
 * Ends connections on which nothing moves. The timer is the socket's own, which every byte sets back. `answering`: the
 * newest response of a connection.
 */
export function cutStalled(
  server: Server,
  answering: (socket: Socket) => ServerResponse | undefined,
  { stalledAfter: limit }: Patience,
): void {
  server.maxConnections = mostConnections
  server.timeout = limit
  server.on('timeout', (socket: Socket) => {
    const response = answering(socket)
    // A call through a slow API, or a stream of events in a quiet hour: the wait is ours, not the caller's.
    if (response !== undefined && !response.writableFinished && isOurs(response)) socket.setTimeout(limit)
    else socket.destroy()
  })
}

function isOurs({ req, writableLength }: ServerResponse): boolean {
  // An upload that is paused waits for the API to take more of it.
  return writableLength === 0 && (req.complete || req.isPaused())
}

/** Answers a request whose body is not here in time, and ends its connection. */
export function limitBodyTime(
  app: FastifyInstance,
  refuse: (reply: FastifyReply, error: MooringError) => unknown,
  { bodyWithin: limit }: Patience,
): void {
  app.addHook('onRequest', (request, reply, next) => {
    const { headers } = request
    if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') {
      next()
      return
    }
    const timer = setTimeout(() => {
      if (reply.sent || request.raw.complete) return
      reply.raw.once('finish', () => request.raw.destroy())
      refuse(
        reply.header('Connection', 'close'),
        new MooringError('malformed_request', {
          detail: `The body of the request did not come within ${limit / 1000} s.`,
          hint: 'Send it at once.',
        }),
      )
    }, limit)
    timer.unref()
    const stop = (): void => clearTimeout(timer)
    request.raw.once('end', stop)
    reply.raw.once('close', stop)
    next()
  })
}
