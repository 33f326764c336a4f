/** Services: how an API is authenticated. */
import type {
  AuthType,
  CatalogueEntry,
  CatalogueItem,
  Imported,
  Preview,
  RouteBodyInput,
  Routes,
  Scope,
  ScopeInput,
  Service,
  ServiceFile,
  ServiceKeys,
  ServicePatch,
} from '@mooring/contract'
import { segment } from './endpoints.ts'
import { everyItem, type Page } from './pages.ts'
import type { CallOptions, CreateOptions, Query, Transport } from './transport.ts'

/** Everything about services. A service is named by its link name or id. */
export interface Services {
  /** Defines a service: a draft, or with `stage: 'ready'` one that is checked whole. */
  create(service: RouteBodyInput<Routes['createService']>, options?: CreateOptions): Promise<Service>
  /** One page. */
  list(query?: Query<'listServices'>, options?: CallOptions): Promise<Page<Service>>
  /** Every service, page after page. */
  all(query?: Query<'listServices'>, options?: CallOptions): AsyncIterable<Service>
  get(service: string, options?: CallOptions): Promise<Service>
  /** Changes what the stage still allows. */
  update(service: string, patch: ServicePatch, options?: CallOptions): Promise<Service>
  /** `force` revokes and deletes its connections too; without it a service in use is kept (409 `service_in_use`). */
  delete(service: string, options?: CallOptions & { force?: boolean }): Promise<void>
  /** Marks a draft as ready, for good. 422 with every missing or wrong field. */
  ready(service: string, options?: CallOptions): Promise<Service>
  /** A draft copy, without the secrets unless asked for. */
  clone(service: string, options?: CreateOptions & { secrets?: boolean }): Promise<Service>
  /** Replaces client secrets in any stage. */
  replaceSecrets(
    service: string,
    secrets: RouteBodyInput<Routes['replaceServiceSecrets']>,
    options?: CallOptions,
  ): Promise<Service>
  /** Signs with a new key, where Mooring makes the keys of the service. */
  rollKeys(service: string, options?: CallOptions): Promise<ServiceKeys>
  /** Stores a PNG or JPEG of less than 1 MB. */
  setLogo(service: string, image: Blob | Uint8Array<ArrayBuffer>, options?: CallOptions): Promise<void>
  logo(service: string, options?: CallOptions): Promise<Blob>
  /** What a definition will send and what it lacks, in any state of completion. Nothing is stored. */
  preview(definition: RouteBodyInput<Routes['previewService']>, options?: CallOptions): Promise<Preview>
  /** Drafts made of a document, a curl command, an issuer or an MCP server. Nothing is stored. */
  import(source: RouteBodyInput<Routes['importServices']>, options?: CallOptions): Promise<Imported>
  /** As a file: no secrets, ids or times. */
  export(service: string, options?: CallOptions): Promise<ServiceFile>
  scopes: Scopes
}

/** Ready-made services: pass an entry's id as `from` to create one. */
export interface Catalogue {
  /**
   * The best first. Without a `limit` every entry that answers to the query; with `summary: true` without scopes, guide
   * and what it asks for.
   */
  list(query?: Query<'listCatalogue'>, options?: CallOptions): Promise<Page<CatalogueItem>>
  categories(options?: CallOptions): Promise<{ items: { name: string; count: number }[] }>
  get(id: string, options?: CallOptions): Promise<CatalogueEntry>
}

export interface Scopes {
  list(service: string, query?: Query<'listScopes'>, options?: CallOptions): Promise<{ items: Scope[] }>
  add(service: string, scope: ScopeInput, options?: CreateOptions): Promise<Scope>
  update(service: string, id: string, patch: Partial<ScopeInput>, options?: CallOptions): Promise<Scope>
  delete(service: string, id: string, options?: CallOptions): Promise<void>
  deleteMany(service: string, ids: string[], options?: CallOptions): Promise<void>
}

/** The authentication types, with the fields each one takes. */
export type ListAuthTypes = (options?: CallOptions) => Promise<{ items: AuthType[] }>

export function createServices({ call, send, accept }: Transport): Services {
  const list: Services['list'] = (query, options) => call('listServices', {}, { ...options, query })
  return {
    list,
    all: (query, options) => everyItem((cursor) => list({ ...query, cursor }, options), query?.cursor),
    create: (body, options) => call('createService', {}, { ...options, body }),
    get: (service, options) => call('getService', { service }, options),
    update: (service, body, options) => call('updateService', { service }, { ...options, body }),
    delete: (service, { force, ...options } = {}) =>
      call('deleteService', { service }, { ...options, query: force ? { force: 'true' } : {} }),
    ready: (service, options) => call('readyService', { service }, options),
    clone: (service, { secrets, ...options } = {}) =>
      call('cloneService', { service }, { ...options, query: secrets ? { secrets: 'true' } : {} }),
    replaceSecrets: (service, body, options) => call('replaceServiceSecrets', { service }, { ...options, body }),
    rollKeys: (service, options) => call('rollServiceKeys', { service }, options),
    async setLogo(service, image, options) {
      const body = image instanceof Blob ? image : new Blob([image])
      const type = body.type === '' ? await imageType(body) : body.type
      const response = await send(`/v1/services/${segment(service, 'service')}/logo`, {
        ...options,
        method: 'PUT',
        headers: { 'content-type': type },
        body,
      })
      await (await accept(response)).body?.cancel()
    },
    async logo(service, options) {
      const response = await accept(await send(`/v1/services/${segment(service, 'service')}/logo`, { ...options }))
      return response.blob()
    },
    preview: (body, options) => call('previewService', {}, { ...options, body }),
    export: (service, options) => call('exportService', { service }, options),
    import: (body, options) => call('importServices', {}, { ...options, body }),
    scopes: {
      list: (service, query, options) => call('listScopes', { service }, { ...options, query }),
      add: (service, body, options) => call('addScope', { service }, { ...options, body }),
      update: (service, id, body, options) => call('updateScope', { service, id }, { ...options, body }),
      delete: (service, id, options) => call('deleteScope', { service, id }, options),
      deleteMany: (service, ids, options) => call('deleteScopes', { service }, { ...options, body: { ids } }),
    },
  }
}

export function createCatalogue({ call }: Transport): Catalogue {
  return {
    list: (query, options) => call('listCatalogue', {}, { ...options, query }),
    categories: (options) => call('listCatalogueCategories', {}, { ...options }),
    get: (id, options) => call('getCatalogueEntry', { id }, options),
  }
}

/** By the first byte, which differs; the server looks at the whole of it. */
async function imageType(image: Blob): Promise<string> {
  const [first] = new Uint8Array(await image.slice(0, 1).arrayBuffer())
  return first === 0x89 ? 'image/png' : 'image/jpeg'
}
