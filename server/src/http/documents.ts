/** The contract as documents: OpenAPI 3.1 at `/v1/openapi.json`, a readable reference at `/docs`. */
import type { FastifyInstance } from 'fastify'
import type { Keys } from '../access/key.ts'
import { openApi } from './openapi.ts'

export function documentRoutes(
  app: FastifyInstance,
  { keys, version, publicUrl }: { keys: Keys; version: string; publicUrl: () => string },
): void {
  let document: string | undefined
  app.get('/v1/openapi.json', async (request, reply) => {
    await keys.authenticate(request.headers.authorization)
    document ??= JSON.stringify(openApi({ version, publicUrl: publicUrl() }))
    return reply.type('application/json; charset=utf-8').send(document)
  })
}
