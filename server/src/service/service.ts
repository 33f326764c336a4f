/** Services: defining, freezing, cloning, deleting (R-060 … R-182, "States"). */
import {
  type Auth,
  type FieldError,
  linkNameFrom,
  maxScopes,
  type Scope,
  type ScopeInput,
  type Service,
  type ServiceKeys,
  type ServicePatch,
  fieldErrors,
} from '@mooring/contract'
import { actorOf, type Caller, demand } from '../access/caller.ts'
import { logoUrlOf } from '../catalogue/logo.ts'
import { invalid, MooringError, notFound } from '../errors.ts'
import { event } from '../events/event.ts'
import { newId, randomToken } from '../ids.ts'
import { type EventRecord, type PageOf, type PageRequest, type ServiceRecord, type Store } from '../store.ts'
import { insertNamed, takenAs } from '../link_name.ts'
import type { Vault } from '../vault/vault.ts'
import { type AuthFields, authOf, checkDefinition, warningsOf } from './definition.ts'
import { demandScopesFree, freeze, serviceReady, widens } from './freeze.ts'
import { jwksUrlOf, publishedKeysOf, serviceKeysReply, withKeys } from './keys.ts'
import { logoTypeOf } from './logo.ts'
import { type NewService, type Origin, prepareService } from './prepare.ts'
import { definitionOf, sealSecrets } from './secrets.ts'
import { scopeOf, written } from './written.ts'

export interface ServiceParts {
  store: Store
  vault: Vault
  now: () => number
  /** Without a slash at the end. */
  publicUrl: () => string
}

export interface Services {
  /** `origin`: only where it is not to be told from the input. */
  create(caller: Caller, input: NewService, origin?: Origin): Promise<Service>
  /** A record ready to be inserted; throws what `create` would throw for its fields. */
  prepare(caller: Caller, input: NewService, under?: string): ServiceRecord
  /** Inserts under the link name that was `chosen`, else a free one; tells where the service is ready. */
  insert(store: Store, caller: Caller, record: ServiceRecord, chosen: boolean, under?: string): Promise<ServiceRecord>
  get(caller: Caller, handle: string): Promise<Service>
  list(
    caller: Caller,
    filter: { query?: string | undefined; stage?: string | undefined },
    page: PageRequest,
  ): Promise<PageOf<Service>>
  update(caller: Caller, handle: string, patch: ServicePatch): Promise<Service>
  ready(caller: Caller, handle: string): Promise<Service>
  clone(caller: Caller, handle: string, withSecrets: boolean): Promise<Service>
  delete(caller: Caller, handle: string): Promise<void>
  replaceSecrets(caller: Caller, handle: string, secrets: Record<string, string>): Promise<Service>
  /** Signs with a new key from now on. Throws validation_failed where the keys are not made here. */
  rollKeys(caller: Caller, handle: string): Promise<ServiceKeys>
  /** The public keys of the service with this callback id (RFC 7517 section 5). Throws not_found where it has none. */
  jwks(callbackId: string): Promise<{ keys: Record<string, unknown>[] }>
  addScope(caller: Caller, handle: string, input: ScopeInput): Promise<Scope>
  listScopes(caller: Caller, handle: string, query: string): Promise<Scope[]>
  updateScope(caller: Caller, handle: string, id: string, patch: Partial<ScopeInput>): Promise<Scope>
  deleteScopes(caller: Caller, handle: string, ids: string[]): Promise<void>
  setLogo(caller: Caller, handle: string, bytes: Uint8Array): Promise<void>
  logo(caller: Caller, handle: string): Promise<{ type: string; bytes: Uint8Array }>
  find(caller: Caller, handle: string): Promise<ServiceRecord>
}

export function createServices({ store, vault, now, publicUrl }: ServiceParts): Services {
  const find = async (caller: Caller, handle: string): Promise<ServiceRecord> => {
    const record = await store.services.find(caller.workspaceId, handle)
    if (record === undefined) throw notFound('service')
    return record
  }

  const sealed = (record: { id: string; workspaceId: string }, secrets: AuthFields): Uint8Array | null =>
    sealSecrets(vault, record, secrets)

  const reply = (record: ServiceRecord, connectionCount: number): Service => {
    const definition = definitionOf(vault, record)
    const { document } = record
    const chosen = authOf(definition)
    const auth: Auth | null = document.auth === null ? null : { ...document.auth }
    if (auth !== null && chosen !== undefined) {
      for (const name of chosen.scheme.secretFields) {
        if (definition.secrets[name] !== undefined) auth[name] = { set: true }
      }
    }
    return {
      id: record.id,
      name: record.name,
      linkName: record.linkName,
      description: record.description,
      stage: record.stage,
      origin: record.origin,
      ...(record.catalogueId === null ? {} : { catalogueId: record.catalogueId }),
      logoUrl:
        record.logoType === null
          ? record.catalogueId && logoUrlOf(record.catalogueId, publicUrl())
          : `${publicUrl()}/v1/services/${record.linkName}/logo`,
      ...document,
      auth,
      callbackId: record.callbackId,
      callbackUrl: callbackUrlOf(publicUrl(), record),
      jwksUrl: publishedKeysOf(definition, now()).length === 0 ? null : jwksUrlOf(publicUrl(), record),
      connectionCount,
      warnings: warningsOf(definition),
      createdAt: new Date(record.createdAt).toISOString(),
      updatedAt: new Date(record.updatedAt).toISOString(),
      readyAt: record.readyAt === null ? null : new Date(record.readyAt).toISOString(),
    }
  }

  const replyOne = async (record: ServiceRecord): Promise<Service> => {
    const counts = await store.connections.countByService([record.id])
    return reply(record, counts.get(record.id) ?? 0)
  }

  /** Reads, changes and writes a service, again where somebody else was faster. */
  const change = async (
    caller: Caller,
    handle: string,
    work: (record: ServiceRecord, connections: number) => ServiceRecord,
    happened: (changed: ServiceRecord) => EventRecord[] = () => [],
  ): Promise<ServiceRecord> => {
    for (;;) {
      const written = await store.transaction(async (inside) => {
        const record = await inside.services.find(caller.workspaceId, handle)
        if (record === undefined) throw notFound('service')
        const connections = (await inside.connections.countByService([record.id])).get(record.id) ?? 0
        const changed = { ...work(record, connections), version: record.version + 1, updatedAt: now() }
        try {
          if (!(await inside.services.update(changed))) return undefined
        } catch (error) {
          throw takenAs(error, changed.linkName)
        }
        const became = record.stage === 'draft' && changed.stage === 'ready' ? [readyEvent(caller, changed, now())] : []
        await inside.events.append([...became, ...happened(changed)])
        return changed
      })
      if (written !== undefined) return written
    }
  }

  const changeScopes = (record: ServiceRecord, scopes: Scope[]): ServiceRecord => {
    const changed = { ...record, document: { ...record.document, scopes } }
    const { errors } = checkDefinition(definitionOf(vault, changed), 'draft')
    if (errors.length > 0) throw invalid(errors)
    return changed
  }

  const insert = async (
    inside: Store,
    caller: Caller,
    record: ServiceRecord,
    chosen: boolean,
    under?: string,
  ): Promise<ServiceRecord> => {
    const named = await insertNamed(inside.services, record, chosen, under)
    if (named.stage === 'ready') await inside.events.append([readyEvent(caller, named, named.createdAt)])
    return named
  }

  const services: Services = {
    find,
    prepare: (caller, input, under) => prepareService({ vault, now }, caller, input, { under }),
    insert,

    async create(caller, input, origin) {
      const record = prepareService({ vault, now }, caller, input, { origin })
      const inserted = await store.transaction((inside) => insert(inside, caller, record, input.linkName !== undefined))
      return reply(inserted, 0)
    },

    get: async (caller, handle) => replyOne(await find(caller, handle)),

    async list(caller, filter, page) {
      const { items, nextCursor } = await store.services.list(caller.workspaceId, filter, page)
      const counts = await store.connections.countByService(items.map((item) => item.id))
      return { items: items.map((item) => reply(item, counts.get(item.id) ?? 0)), nextCursor }
    },

    async update(caller, handle, patch) {
      const record = await change(caller, handle, (before, connections) => {
        freeze(before, patch, connections)
        const stage = patch.stage ?? before.stage
        const { definition, errors } = written(definitionOf(vault, before), patch, stage, now())
        if (errors.length > 0) throw invalid(errors)
        // Whoever chooses where a stored credential goes can read it there.
        if (connections > 0 && widens(before.document, definition.document)) demand(caller, 'credentials')
        return {
          ...before,
          name: patch.name ?? before.name,
          linkName: patch.linkName ?? before.linkName,
          description: patch.description ?? before.description,
          stage,
          document: definition.document,
          secrets: patch.auth === undefined ? before.secrets : sealed(before, withKeys(definition, now()).secrets),
          readyAt: before.readyAt ?? (stage === 'ready' ? now() : null),
        }
      })
      return replyOne(record)
    },

    async ready(caller, handle) {
      const record = await change(caller, handle, (before) => {
        if (before.stage === 'ready') throw serviceReady(`${before.name} is ready already.`)
        const { errors } = checkDefinition(definitionOf(vault, before), 'ready')
        if (errors.length > 0) throw invalid(errors)
        return { ...before, stage: 'ready', readyAt: now() }
      })
      return replyOne(record)
    },

    async clone(caller, handle, withSecrets) {
      // A copy is a draft, whose endpoints can be changed to where its secrets are read.
      if (withSecrets) demand(caller, 'credentials')
      const source = await find(caller, handle)
      const at = now()
      const id = newId('svc', at)
      const name = `${Array.from(source.name).slice(0, 45).join('')} copy`
      const secrets = withSecrets ? definitionOf(vault, source).secrets : {}
      const copy: ServiceRecord = {
        ...source,
        id,
        name,
        linkName: linkNameFrom(name),
        stage: 'draft',
        origin: 'custom',
        catalogueId: null,
        callbackId: randomToken(24),
        document: {
          ...source.document,
          scopes: source.document.scopes.map((scope) => ({ ...scope, id: newId('scp', at) })),
        },
        secrets: sealed(
          { id, workspaceId: source.workspaceId },
          withKeys({ document: source.document, secrets }, at).secrets,
        ),
        logoType: null,
        version: 1,
        createdAt: at,
        updatedAt: at,
        readyAt: null,
      }
      const logo = await store.services.logo(source.workspaceId, source.id)
      const inserted = await store.transaction(async (inside) => {
        const named = await insert(inside, caller, copy, false)
        if (logo !== undefined && source.logoType !== null) {
          await inside.services.setLogo(named.workspaceId, named.id, { type: source.logoType, bytes: logo.bytes }, at)
        }
        return (await inside.services.find(named.workspaceId, named.id)) ?? named
      })
      return reply(inserted, 0)
    },

    async delete(caller, handle) {
      await store.transaction(async (inside) => {
        const record = await inside.services.find(caller.workspaceId, handle)
        if (record === undefined) throw notFound('service')
        const connections = (await inside.connections.countByService([record.id])).get(record.id) ?? 0
        if (connections > 0) {
          throw new MooringError('service_in_use', {
            detail: `${record.name} has ${connections} ${connections === 1 ? 'connection' : 'connections'}.`,
            hint: 'Delete them first, or repeat with ?force=true to revoke and delete them as well.',
          })
        }
        await inside.services.delete(caller.workspaceId, record.id)
      })
    },

    async replaceSecrets(caller, handle, secrets) {
      const replace = (before: ServiceRecord): ServiceRecord => {
        const definition = definitionOf(vault, before)
        const chosen = authOf(definition)
        const names = chosen?.scheme.secretFields ?? []
        const errors: FieldError[] = []
        for (const [name, value] of Object.entries(secrets)) {
          const rule = chosen?.scheme.fields.shape[name]
          if (rule === undefined || !names.includes(name)) {
            const known = names.length === 0 ? 'This service has no secrets.' : `This service has: ${names.join(', ')}.`
            errors.push({ path: name, code: 'unknown_field', message: known })
            continue
          }
          const parsed = rule.safeParse(value, { reportInput: true })
          if (value === '') errors.push({ path: name, code: 'required', message: 'Give the new secret.' })
          else if (!parsed.success) errors.push(...fieldErrors(parsed.error.issues, [name], value))
        }
        if (Object.keys(secrets).length === 0)
          errors.push({ path: names[0] ?? '', code: 'required', message: 'Give the new secret.' })
        if (errors.length > 0) throw invalid(errors)
        const next = { ...definition, secrets: { ...definition.secrets, ...secrets } }
        const broken = chosen?.scheme.check({ ...authOf(next)?.auth }, before.stage) ?? []
        if (broken.length > 0) throw invalid(broken)
        return { ...before, secrets: sealed(before, next.secrets) }
      }
      const record = await change(caller, handle, replace, (changed) => [
        event(caller.workspaceId, now(), 'service.secrets_replaced', {
          serviceId: changed.id,
          actor: actorOf(caller),
          cause: 'asked for',
          detail: `${Object.keys(secrets).join(', ')} of ${changed.name} replaced.`,
        }),
      ])
      return replyOne(record)
    },

    async rollKeys(caller, handle) {
      const roll = (before: ServiceRecord): ServiceRecord => {
        const definition = definitionOf(vault, before)
        if (publishedKeysOf(definition, now()).length === 0) {
          throw new MooringError('validation_failed', {
            detail: `${before.name} signs with no key that Mooring has made.`,
            hint: 'A key of your own is replaced with PUT /v1/services/{service}/secrets.',
          })
        }
        return { ...before, secrets: sealed(before, withKeys(definition, now(), true).secrets) }
      }
      const record = await change(caller, handle, roll, (changed) => [
        event(caller.workspaceId, now(), 'service.secrets_replaced', {
          serviceId: changed.id,
          actor: actorOf(caller),
          cause: 'asked for',
          detail: `${changed.name} has a new key to sign with.`,
        }),
      ])
      return serviceKeysReply(jwksUrlOf(publicUrl(), record), publishedKeysOf(definitionOf(vault, record), now()))
    },

    async jwks(callbackId) {
      const record = await store.services.findByCallbackId(callbackId)
      const keys = record === undefined ? [] : publishedKeysOf(definitionOf(vault, record), now())
      if (keys.length === 0) throw notFound('service')
      return { keys: keys.map(({ jwk }) => jwk) }
    },

    async addScope(caller, handle, input) {
      const scope = scopeOf(input, now())
      await change(caller, handle, (record) => {
        const { scopes } = record.document
        if (scopes.length >= maxScopes)
          throw invalid([{ path: 'value', code: 'too_many', message: `A service holds at most ${maxScopes} scopes.` }])
        if (scopes.some((other) => other.value === scope.value))
          throw invalid([{ path: 'value', code: 'duplicate', message: 'The service has this scope already.' }])
        return changeScopes(record, [...scopes, scope])
      })
      return scope
    },

    async listScopes(caller, handle, query) {
      const { document } = await find(caller, handle)
      const wanted = query.toLowerCase()
      return document.scopes.filter(
        ({ name, value }) => name.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted),
      )
    },

    async updateScope(caller, handle, id, patch) {
      const record = await change(caller, handle, (before, connections) => {
        const { scopes } = before.document
        if (!scopes.some((scope) => scope.id === id)) throw notFound('scope')
        demandScopesFree(before, connections)
        if (scopes.some((scope) => scope.id !== id && scope.value === patch.value)) {
          throw invalid([{ path: 'value', code: 'duplicate', message: 'The service has this scope already.' }])
        }
        return changeScopes(
          before,
          scopes.map((scope) =>
            scope.id === id ? { ...scope, name: patch.name ?? scope.name, value: patch.value ?? scope.value } : scope,
          ),
        )
      })
      const changed = record.document.scopes.find((scope) => scope.id === id)
      if (changed === undefined) throw notFound('scope')
      return changed
    },

    async deleteScopes(caller, handle, ids) {
      await change(caller, handle, (record, connections) => {
        const missing = ids.filter((id) => !record.document.scopes.some((scope) => scope.id === id))
        if (missing.length > 0) throw notFound('scope')
        demandScopesFree(record, connections)
        return changeScopes(
          record,
          record.document.scopes.filter((scope) => !ids.includes(scope.id)),
        )
      })
    },

    async setLogo(caller, handle, bytes) {
      const record = await find(caller, handle)
      await store.services.setLogo(record.workspaceId, record.id, { type: logoTypeOf(bytes), bytes }, now())
    },

    async logo(caller, handle) {
      const record = await find(caller, handle)
      const logo = await store.services.logo(record.workspaceId, record.id)
      if (logo === undefined) throw notFound('logo')
      return logo
    },
  }
  return services
}

export function callbackUrlOf(publicUrl: string, record: { callbackId: string }): string {
  return `${publicUrl}/oauth/callback/${record.callbackId}`
}

function readyEvent(caller: Caller, { id, name }: ServiceRecord, at: number): EventRecord {
  return event(caller.workspaceId, at, 'service.ready', {
    serviceId: id,
    actor: actorOf(caller),
    cause: 'asked for',
    detail: `${name} is ready.`,
  })
}
