/** Serving the contract's routes: who may call, what is validated, how the reply goes out. */
import {
  type FieldError,
  fieldErrors,
  type Route,
  type RouteBody,
  type RouteParams,
  type RouteQuery,
  type RouteReply,
} from '@mooring/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Caller, demand, demandUnlimited, type Permission } from '../access/caller.ts'
import type { Door } from '../access/door.ts'
import type { Limits } from '../access/limits.ts'
import { demandOwnOrigin } from '../access/origin.ts'
import { invalid, MooringError } from '../errors.ts'
import { actOf } from './acts.ts'
import type { Along, Auditor } from './auditor.ts'
import { bodyLimits } from './body.ts'
import type { Idempotency } from './idempotency.ts'
import { wantsYaml, writeYaml } from './yaml.ts'

export interface Input<R extends Route> {
  /** Nobody is known to call an open route. */
  caller: R extends { open: true } ? undefined : Caller
  params: RouteParams<R>
  query: RouteQuery<R>
  body: RouteBody<R>
  reply: FastifyReply
  request: FastifyRequest
  /** Adds a sentence to what the audit log says of this. No secrets. */
  note: (sentence: string) => void
  /** Has an event written with the entry in the audit log, for an act that comes in numbers. */
  along: (along: Along) => void
}

export interface Guard {
  /** null: whoever is known to call; on an open route, anybody. */
  permission: Permission | null
  /** True for routes about one connection, which keys limited to connections may use for theirs. */
  ofConnection?: true
  /** True for a read that shows nothing of what calls leave in memory. */
  timeless?: true
  /** Rules beyond the schema's, so that a body that breaks both kinds is told of both at once. */
  alsoWrong?: (body: unknown) => FieldError[]
}

export type Serve = <R extends Route>(
  route: R,
  guard: Guard,
  handler: (input: Input<R>) => Promise<RouteReply<R>>,
) => void

export interface ServeParts {
  app: FastifyInstance
  door: Door
  limits: Pick<Limits, 'stranger'>
  publicUrl: () => string
  idempotency: Idempotency
  auditor: Auditor
  /** After a write: makes it felt in this process before the reply goes out. */
  written: () => Promise<void>
  /** Before a read: what calls left in memory is written, so that the reply is current. */
  reading: () => Promise<void>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who a route of the contract is called by; null on open ones. */
    caller: Caller | null
  }
}

export function createServe(parts: ServeParts): Serve {
  const { app, door, limits, publicUrl, idempotency, auditor, written, reading } = parts
  app.decorateRequest('caller', null)
  return (route, guard, handler) => {
    const act = actOf(route)
    const accepted = bodyLimits(route)
    app.route({
      method: route.method,
      bodyLimit: accepted.bytes,
      config: { limits: accepted },
      url: route.path.replaceAll(/\{([a-zA-Z]+)\}/g, ':$1'),
      // Before the body is read: an outsider's megabytes are not worth parsing.
      onRequest: async (request) => {
        if (route.open === true) {
          limits.stranger(request)
          // Nobody signs a browser in from another site's page (S-54).
          if (route.method !== 'GET') demandOwnOrigin(request.headers, publicUrl())
          return
        }
        const calls = guard.permission === 'invoke' || guard.permission === 'credentials'
        const caller = await door.authenticate(request, true, calls ? 'calling' : 'managing')
        try {
          if (guard.permission !== null) demand(caller, guard.permission)
          if (guard.ofConnection !== true) demandUnlimited(caller)
        } catch (error) {
          await auditor.failed(act, request, { caller }, error)
          throw error
        }
        request.caller = caller
      },
      handler: async (request, reply) => {
        const caller = request.caller ?? undefined
        if (caller === undefined && route.open !== true)
          throw new MooringError('unauthenticated', { detail: 'Nobody is known to call.' })
        let query: unknown
        let body: unknown
        let done = false
        const run = async (): Promise<unknown> => {
          const { params } = request
          const notes: string[] = []
          let event: Along | undefined
          const note = (sentence: string): void => void notes.push(sentence)
          const along = (given: Along): void => void (event = given)
          // The schemas below made these what the route's types say.
          const input = { caller, params, query, body, reply, request, note, along } as Input<typeof route>
          const result = await handler(input)
          done = true
          await auditor.done(act, request, { caller, params, query, body, reply: result, notes, along: event })
          if (route.method !== 'GET') await written()
          return result
        }
        let result: unknown
        try {
          query = parse(route.query, request.query)
          body = bodyOf(route, request.body, guard)
          // Only what tells of connections shows what calls left.
          if (route.method === 'GET' && guard.ofConnection === true && guard.timeless !== true) await reading()
          // What an open route creates is a session: its reply belongs to one browser, once.
          const repeatable = route.status === 201 && caller !== undefined
          result = repeatable ? await idempotency.once(request, reply, caller, body, run) : await run()
        } catch (error) {
          if (!done) await auditor.failed(act, request, { caller, query, body }, error)
          throw error
        }
        reply.code(route.status)
        if (route.reply === null) return reply.send()
        if (route.yaml === true) {
          void reply.header('Vary', 'Accept')
          if (wantsYaml(request.headers.accept))
            return reply.type('application/yaml; charset=utf-8').send(await writeYaml(result))
        }
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(result))
      },
    })
  }
}

function bodyOf(route: Route, given: unknown, { alsoWrong }: Guard): unknown {
  if (route.body === undefined) return undefined
  const absent = given === undefined || given === null
  // Nothing is what {} is: with what the schema fills in.
  return parse(route.body, route.bodyOptional === true && absent ? {} : given, alsoWrong)
}

/** Throws validation_failed with every wrong field at once. */
function parse(schema: Route['body'], value: unknown, alsoWrong?: Guard['alsoWrong']): unknown {
  if (schema === undefined) return undefined
  const parsed = schema.safeParse(value ?? undefined, { reportInput: true })
  if (parsed.success) return parsed.data
  const errors = fieldErrors(parsed.error.issues, [], value)
  const more = alsoWrong?.(value) ?? []
  throw invalid([...errors, ...more.filter((error) => !errors.some((other) => other.path === error.path))])
}
