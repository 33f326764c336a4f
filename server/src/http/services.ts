/** `/v1/services` and `/v1/auth-types`. */
import { routes } from '@mooring/contract'
import type { FastifyInstance } from 'fastify'
import { demand, demandUnlimited } from '../access/caller.ts'
import type { Door } from '../access/door.ts'
import type { Revoker } from '../connection/revoke.ts'
import type { Importer } from '../import/index.ts'
import { schemes } from '../schemes/index.ts'
import { serviceFile } from '../service/export.ts'
import { logoLimit } from '../service/logo.ts'
import type { Previewer } from '../service/preview.ts'
import type { Services } from '../service/service.ts'
import { wrongIn } from '../service/written.ts'
import type { Store } from '../store.ts'
import { setLogo } from './acts.ts'
import type { Auditor } from './auditor.ts'
import type { Serve } from './route.ts'

export function serviceRoutes(
  serve: Serve,
  parts: { services: Services; preview: Previewer; importer: Importer; revoker: Revoker; store: Store },
): void {
  const { services, preview, importer, revoker, store } = parts
  const read = { permission: 'read' } as const
  const manage = { permission: 'manage' } as const
  serve(routes.createService, { ...manage, alsoWrong: wrongIn }, ({ caller, body }) => services.create(caller, body))
  serve(routes.listServices, read, ({ caller, query }) => services.list(caller, query, query))
  serve(routes.getService, read, ({ caller, params }) => services.get(caller, params.service))
  serve(routes.exportService, read, async ({ caller, params }) =>
    serviceFile(await services.get(caller, params.service)),
  )
  serve(routes.updateService, { ...manage, alsoWrong: wrongIn }, ({ caller, params, body }) =>
    services.update(caller, params.service, body),
  )
  serve(routes.deleteService, manage, async ({ caller, params, query }) => {
    const record = await services.find(caller, params.service)
    if (query.force === true) {
      for (;;) {
        const connections = await store.connections.ofService(record.id, 100)
        for (const connection of connections) await revoker.delete(caller, connection.linkName)
        if (connections.length === 0) break
      }
    }
    await services.delete(caller, record.id)
    return undefined
  })
  serve(routes.readyService, manage, ({ caller, params }) => services.ready(caller, params.service))
  serve(routes.cloneService, manage, ({ caller, params, query }) =>
    services.clone(caller, params.service, query.secrets === true),
  )
  serve(routes.replaceServiceSecrets, manage, ({ caller, params, body }) =>
    services.replaceSecrets(caller, params.service, body),
  )
  serve(routes.rollServiceKeys, manage, ({ caller, params }) => services.rollKeys(caller, params.service))
  serve(routes.addScope, manage, ({ caller, params, body }) => services.addScope(caller, params.service, body))
  serve(routes.listScopes, read, async ({ caller, params, query }) => ({
    items: await services.listScopes(caller, params.service, query.query ?? ''),
  }))
  serve(routes.updateScope, manage, ({ caller, params, body }) =>
    services.updateScope(caller, params.service, params.id, body),
  )
  serve(routes.deleteScope, manage, async ({ caller, params }) => {
    await services.deleteScopes(caller, params.service, [params.id])
    return undefined
  })
  serve(routes.deleteScopes, manage, async ({ caller, params, body }) => {
    await services.deleteScopes(caller, params.service, body.ids)
    return undefined
  })
  // Secrets that come along cost what they cost whoever writes them, so it is not for those who only read.
  serve(routes.previewService, manage, ({ caller, body }) => preview(caller, body))
  // It may fetch for whoever asks, and bring a client secret, so it is not for those who only read.
  serve(routes.importServices, manage, ({ body, reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return importer(body)
  })
  serve(routes.listAuthTypes, read, async () => ({
    items: schemes.map((scheme) => ({
      type: scheme.type,
      title: scheme.title,
      summary: scheme.summary,
      fields: scheme.form,
      schema: scheme.schema,
      redirects: scheme.redirects,
      scopes: scheme.scopes,
    })),
  }))
}

/** `/oauth/jwks/{callbackId}`: public keys, for providers. */
export function jwksRoute(app: FastifyInstance, services: Pick<Services, 'jwks'>): void {
  app.get<{ Params: { callbackId: string } }>('/oauth/jwks/:callbackId', async (request, reply) => {
    const set = await services.jwks(request.params.callbackId)
    // Short: a provider that looks again after a key was rolled must find the new one.
    return reply
      .type('application/jwk-set+json')
      .header('Cache-Control', 'public, max-age=60')
      .send(JSON.stringify(set))
  })
}

/** Logos are bytes, not JSON; they are read by their content and served with a fixed type (S-55). */
export async function logoRoutes(
  app: FastifyInstance,
  { services, door, auditor }: { services: Services; door: Door; auditor: Auditor },
): Promise<void> {
  await app.register(async (inside) => {
    inside.removeAllContentTypeParsers()
    inside.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: logoLimit + 1 }, (_request, body, done) =>
      done(null, body),
    )
    inside.put<{ Params: { service: string } }>(
      '/v1/services/:service/logo',
      {
        bodyLimit: logoLimit + 1,
        // Before the body is read: an outsider's megabyte is not worth keeping.
        onRequest: async (request) => void (await door.authenticate(request)),
      },
      async (request, reply) => {
        const caller = await door.authenticate(request, false)
        const { params } = request
        try {
          demand(caller, 'manage')
          demandUnlimited(caller)
          await services.setLogo(caller, params.service, Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0))
        } catch (error) {
          await auditor.failed(setLogo, request, { caller }, error)
          throw error
        }
        const told = { caller, params, query: undefined, body: undefined, reply: undefined }
        await auditor.done(setLogo, request, told)
        return reply.code(204).send()
      },
    )
  })
  app.get<{ Params: { service: string } }>('/v1/services/:service/logo', async (request, reply) => {
    const caller = await door.authenticate(request)
    demand(caller, 'read')
    demandUnlimited(caller)
    const logo = await services.logo(caller, request.params.service)
    return reply
      .type(logo.type)
      .header('X-Content-Type-Options', 'nosniff')
      .header('Content-Security-Policy', "default-src 'none'; sandbox")
      .send(Buffer.from(logo.bytes))
  })
}
