/** `/v1/catalogue`. */
import { routes } from '@mooring/contract'
import type { FastifyInstance } from 'fastify'
import { demand, demandUnlimited } from '../access/caller.ts'
import type { Door } from '../access/door.ts'
import { getEntry, listCategories, listEntries } from '../catalogue/catalogue.ts'
import { logoOf } from '../catalogue/logo.ts'
import { notFound } from '../errors.ts'
import type { Serve } from './route.ts'

export interface CatalogueParts {
  door: Door
  publicUrl: () => string
}

export function catalogueRoutes(app: FastifyInstance, serve: Serve, { door, publicUrl }: CatalogueParts): void {
  const read = { permission: 'read' } as const
  serve(routes.listCatalogue, read, async ({ query }) => listEntries(query, publicUrl()))
  serve(routes.listCatalogueCategories, read, async () => ({ items: listCategories() }))
  serve(routes.getCatalogueEntry, read, async ({ params }) => getEntry(params.id, publicUrl()))
  app.get<{ Params: { id: string } }>('/v1/catalogue/:id/logo', async (request, reply) => {
    const caller = await door.authenticate(request)
    demand(caller, 'read')
    demandUnlimited(caller)
    const logo = logoOf(request.params.id)
    if (logo === undefined) throw notFound('logo')
    return reply
      .type('image/svg+xml')
      .header('X-Content-Type-Options', 'nosniff')
      .header('Content-Security-Policy', "default-src 'none'; sandbox")
      .header('Cache-Control', 'private, max-age=86400')
      .send(logo)
  })
}
