/** `Idempotency-Key`: a write that creates something happens once; a repeat within 24 hours gets the first reply. */
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../access/caller.ts'
import { invalid, MooringError } from '../errors.ts'
import { tokenHash } from '../ids.ts'
import type { Store } from '../store.ts'
import type { Place, Vault } from '../vault/vault.ts'

const day = 86_400_000
/** A claim this old whose request never ended was left by a process that died. */
const abandonedAfter = 60_000
/** How long a repeat waits for the first request. */
const patience = 10_000

export interface Idempotency {
  once(
    request: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    body: unknown,
    run: () => Promise<unknown>,
  ): Promise<unknown>
}

export function createIdempotency({
  store,
  vault,
  now,
}: {
  store: Store
  vault: Vault
  now: () => number
}): Idempotency {
  const place = (workspaceId: string, id: string): Place => ({
    workspaceId,
    table: 'idempotency',
    row: id,
    field: 'body',
  })

  return {
    async once(request, reply, caller, body, run) {
      const key = request.headers['idempotency-key']
      if (key === undefined) return run()
      if (typeof key !== 'string' || key.length === 0 || key.length > 255) {
        throw invalid([{ path: 'Idempotency-Key', code: 'invalid_format', message: 'Use 1 to 255 characters.' }])
      }
      const id = tokenHash(JSON.stringify([caller.workspaceId, caller.id, key]))
      // The key is in it, and is stored nowhere: a stolen database gives nothing to guess a body's secrets against.
      const requestHash = tokenHash(JSON.stringify([key, request.method, request.url, body ?? null]))
      const until = Date.now() + patience
      for (;;) {
        const earlier = await store.idempotency.claim({
          id,
          workspaceId: caller.workspaceId,
          requestHash,
          status: 0,
          body: null,
          createdAt: now(),
        })
        if (earlier === undefined) break
        if (earlier.createdAt < now() - day) {
          await store.idempotency.prune(now() - day)
          continue
        }
        if (earlier.status === 0 && earlier.createdAt < now() - abandonedAfter) {
          await store.idempotency.release(id)
          continue
        }
        if (earlier.requestHash !== requestHash) {
          throw invalid([
            {
              path: 'Idempotency-Key',
              code: 'reused',
              message: 'This key was used with another request; take a new one.',
            },
          ])
        }
        if (earlier.status !== 0 && earlier.body !== null) {
          void reply.header('Idempotency-Replayed', 'true').header('Cache-Control', 'no-store')
          const replayed: unknown = JSON.parse(vault.open(place(caller.workspaceId, id), earlier.body))
          return replayed
        }
        if (Date.now() > until)
          throw new MooringError('rate_limited', {
            detail: 'The first request with this Idempotency-Key has not ended yet.',
            hint: 'Repeat it later.',
            retryAfterSeconds: 5,
          })
        await wait(50)
      }
      let result: unknown
      try {
        result = await run()
      } catch (error) {
        await store.idempotency.release(id)
        throw error
      }
      // The first reply of a new API key holds the key, so replies are sealed (S-47).
      await store.idempotency.finish(id, 201, vault.seal(place(caller.workspaceId, id), JSON.stringify(result)))
      return result
    },
  }
}
