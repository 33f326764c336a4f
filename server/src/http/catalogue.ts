/** `/v1/catalogue`. */
import { routes } from '@mooring/contract'
import { getEntry, listEntries } from '../catalogue/catalogue.ts'
import type { Serve } from './route.ts'

export function catalogueRoutes(serve: Serve): void {
  const read = { permission: 'read' } as const
  serve(routes.listCatalogue, read, async ({ query }) => ({ items: listEntries(query) }))
  serve(routes.getCatalogueEntry, read, async ({ params }) => getEntry(params.id))
}
