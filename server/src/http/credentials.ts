/**
 * `GET /v1/connections/{connection}/credentials`, for programs that call the API themselves, which ask as often as they
 * call. In its plain form it is answered without the framework, whose way costs more than all else of it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type CredentialParts, routes } from '@mooring/contract'
import { actorOf, type Caller, demand } from '../access/caller.ts'
import type { Keys } from '../access/key.ts'
import type { Limits } from '../access/limits.ts'
import type { Invoker } from '../call/invoke.ts'
import { event } from '../events/event.ts'
import { actOf } from './acts.ts'
import type { Along, Auditor } from './auditor.ts'

type Query = Parameters<Invoker['credentials']>[2]

/** What is told, and the event of it: neither is to go out before the other is on record. */
export type ReadCredentials = (
  caller: Caller,
  connection: string,
  query: Query,
) => Promise<{ told: CredentialParts; along: Along }>

export function createReadCredentials({ invoker, now }: { invoker: Invoker; now: () => number }): ReadCredentials {
  return async (caller, connection, query) => {
    const { parts: told, connectionId, serviceId } = await invoker.credentials(caller, connection, query)
    const along: Along = {
      connectionId,
      event(count) {
        const actor = actorOf(caller)
        return event(caller.workspaceId, now(), 'connection.credentials_read', {
          connectionId,
          serviceId,
          actor,
          user: query.user ?? null,
          cause: 'asked for',
          detail: `${actor} read the raw credential${count === 1 ? '' : ` ${count} times at once`}.`,
          call: count === 1 ? null : { count },
        })
      },
    }
    return { told, along }
  }
}

/** Nobody keeps a credential on the way (RFC 9111 section 5.2.2.5). */
export const untold = { 'Cache-Control': 'no-store', Pragma: 'no-cache' }

/** A link name or an id, and a user who is written without any coding. */
const plain = /^\/v1\/connections\/([\w-]{1,60})\/credentials(?:\?user=([\w.~@-]{1,100}))?$/

export interface PlainReadParts {
  read: ReadCredentials
  keys: Pick<Keys, 'authenticate'>
  limits: Pick<Limits, 'calling' | 'trusts'>
  auditor: Auditor
  newRequestId: () => string
  /** Answers as every route does. */
  refuse: (response: ServerResponse, requestId: string, error: unknown) => void
}

/** Answers the request where it is the plain form, made with a key; false where it is not, for whoever takes the others. */
export type PlainRead = (url: string, request: IncomingMessage, response: ServerResponse) => boolean

export function createPlainRead(parts: PlainReadParts): PlainRead {
  const { read, keys, limits, auditor, newRequestId, refuse } = parts
  const act = actOf(routes.getCredentials)

  const answer = async (
    named: { connection: string; query: Query },
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> => {
    const { connection, query } = named
    const asked = { ip: request.socket.remoteAddress ?? '', method: 'GET', params: { connection } }
    const known = keys.authenticate(request.headers.authorization, request)
    const caller = known instanceof Promise ? await known : known
    limits.calling(caller)
    const about = { caller, params: asked.params, query, body: undefined }
    let given: Awaited<ReturnType<ReadCredentials>>
    try {
      demand(caller, 'credentials')
      given = await read(caller, connection, query)
    } catch (error) {
      await auditor.failed(act, asked, about, error)
      throw error
    }
    await auditor.done(act, asked, { ...about, reply: given.told, along: given.along })
    const body = JSON.stringify(given.told)
    response.writeHead(200, {
      ...untold,
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      'X-Request-Id': requestId,
    })
    response.end(body)
  }

  return (url, request, response) => {
    const { method, headers } = request
    // A body is nothing to such a read, and there are rules for how it comes.
    if (method !== 'GET' || 'content-length' in headers || 'transfer-encoding' in headers) return false
    // Of whoever comes through a proxy that is trusted the framework finds the address.
    if (headers.authorization === undefined || (limits.trusts !== null && 'x-forwarded-for' in headers)) return false
    const [matched, connection, user] = plain.exec(url) ?? []
    if (matched === undefined || connection === undefined) return false
    const requestId = newRequestId()
    const named = { connection, query: user === undefined ? {} : { user } }
    answer(named, request, response, requestId).catch((error: unknown) => refuse(response, requestId, error))
    return true
  }
}
