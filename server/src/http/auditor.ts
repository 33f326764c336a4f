/** Telling the audit log of what was asked for over HTTP and how it ended (S-53). */
import type { FastifyRequest } from 'fastify'
import { type Actor, stableId } from '../access/caller.ts'
import type { AuditLog } from '../audit/log.ts'
import type { Log } from '../log.ts'
import type { EventRecord, Store } from '../store.ts'
import type { Act, Told } from './acts.ts'
import { asMooringError } from './problem.ts'

type Asked = Pick<FastifyRequest, 'ip' | 'method' | 'params'>

export interface Auditor {
  /** `notes`: sentences to add. Throws where the log cannot be written and the act only reads. */
  done(act: Act | undefined, request: Asked, told: Told & Known): Promise<void>
  /** Never throws: whoever was refused hears why. */
  failed(act: Act | undefined, request: Asked, told: Partial<Told> & Known, error: unknown): Promise<void>
}

interface Known {
  /** Absent on routes that are open to whoever is not known yet. */
  caller?: Actor | undefined
  notes?: readonly string[]
  along?: Along | undefined
}

/** An event that is written with the entry of an act that comes in numbers. */
export interface Along {
  connectionId: string
  /** `count`: how many acts the entry stands for, and so the event. */
  event: (count: number) => EventRecord
}

export function createAuditor({ audit, store, log }: { audit: AuditLog; store: Store; log: Log }): Auditor {
  const write = async (
    act: Act,
    { ip }: Asked,
    told: Told & Known,
    ending: { outcome: 'done' | 'refused' | 'failed'; detail: string },
    several?: (count: number) => string,
  ): Promise<void> => {
    const workspaceId = told.caller?.workspaceId ?? (await store.workspaces.list())[0]?.id
    if (workspaceId === undefined) return
    const { along } = told
    const entry = { ...actorOf(told), action: act.action, object: act.object(told), address: ip, ...ending }
    try {
      if (several === undefined || along === undefined) await audit.append(workspaceId, entry)
      else {
        const { actor, actorName, action, object, address, outcome, detail } = entry
        const kind = JSON.stringify([along.connectionId, actor, actorName, action, object, address, outcome, detail])
        await audit.appendAlike(workspaceId, kind, (count) => ({
          act: count === 1 ? entry : { ...entry, detail: several(count) },
          event: along.event(count),
        }))
      }
    } catch (error) {
      log.error({ err: error, entry }, 'an entry of the audit log could not be written')
      throw error
    }
  }

  return {
    async done(act, request, told) {
      if (act === undefined) return
      const { several } = act
      const noted = (sentence: string): string => [sentence, ...(told.notes ?? [])].join(' ')
      try {
        await write(
          act,
          request,
          told,
          { outcome: 'done', detail: noted(act.detail(told)) },
          several && ((count) => noted(several(told, count))),
        )
      } catch (error) {
        // What was done stays done, and an error would have it done again. What is only shown is not shown unrecorded.
        if (request.method === 'GET') throw error
      }
    },

    async failed(act, request, told, error) {
      const known = asMooringError(error)
      if (act === undefined) return
      // Strangers must not be able to fill the log.
      if (told.caller === undefined && (act.strangers !== true || known.code !== 'unauthenticated')) return
      const outcome = known.status < 500 ? 'refused' : 'failed'
      const seen = { params: request.params, query: undefined, body: undefined, reply: undefined, ...told }
      await write(act, request, seen, { outcome, detail: known.message }).catch(() => undefined)
    },
  }
}

/** Whoever signs in is known from the reply. */
function actorOf({ caller, reply }: Told & Known): { actor: string; actorName: string } {
  if (caller !== undefined) return { actor: stableId(caller), actorName: caller.name }
  const user: unknown = typeof reply === 'object' && reply !== null && 'user' in reply ? reply.user : undefined
  if (
    typeof user === 'object' &&
    user !== null &&
    'id' in user &&
    'name' in user &&
    typeof user.id === 'string' &&
    typeof user.name === 'string'
  )
    return { actor: `user:${user.id}`, actorName: user.name }
  return { actor: 'anonymous', actorName: '' }
}
