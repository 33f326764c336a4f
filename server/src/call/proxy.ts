/** `/v1/proxy/…`: one request through a connection, streamed both ways. The hot path; framework types stop outside. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../access/caller.ts'
import { Passage, type PassageParts } from './passage.ts'

/** `rest`: what follows the connection's name and its slash, query included. Throws nothing: it answers. */
export type Proxy = (
  caller: Caller,
  connection: string,
  rest: string,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
) => void

export function createProxy(parts: PassageParts): Proxy {
  return (caller, connection, rest, request, response, requestId) => {
    new Passage(parts, { caller, connection, rest, request, response, requestId }).begin()
  }
}
