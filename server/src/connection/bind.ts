/** A connection together with its service: the definition it uses, with its parameters filled in. */
import { authOf, type AuthFields, type Definition } from '../service/definition.ts'
import { fill } from '../schemes/placeholders.ts'
import { definitionOf } from '../service/secrets.ts'
import { MooringError } from '../errors.ts'
import type { AnyScheme, ScopeInput } from '../schemes/scheme.ts'
import type { AuthorizationRecord, ConnectionRecord, ServiceDocument, ServiceRecord } from '../store.ts'
import type { Place, Vault } from '../vault/vault.ts'

export interface Bound {
  connection: ConnectionRecord
  service: ServiceRecord
  scheme: AnyScheme
  /** Values for placeholders: the connection's parameters, and over them what connecting has learned. */
  parameters: Record<string, string>
  /** `auth` with secrets, as it is written. */
  written: AuthFields
  /** The same, placeholders filled in. */
  auth: AuthFields
  /** Hosts, base URL, probe and headers, placeholders filled in. */
  document: ServiceDocument
  scopes: ScopeInput
}

/** `learned`: of the authorization that it is bound for. */
export function bind(
  vault: Vault,
  service: ServiceRecord,
  connection: ConnectionRecord,
  learned: Record<string, string> = {},
): Bound {
  const definition: Definition = definitionOf(vault, service)
  const chosen = authOf(definition)
  if (chosen === undefined || service.stage !== 'ready') {
    throw new MooringError('service_not_ready', {
      detail: `${service.name} is a draft.`,
      hint: `Complete it and mark it as ready: POST /v1/services/${service.linkName}/ready.`,
    })
  }
  const parameters = { ...connection.parameters, ...learned }
  const auth = fill(chosen.auth, parameters)
  const document = fill(definition.document, { ...chosen.scheme.values(auth), ...parameters })
  return {
    connection,
    service,
    scheme: chosen.scheme,
    parameters,
    written: chosen.auth,
    auth,
    document,
    scopes: scopesOf(connection.scopes, parameters, document.scopeDelimiter),
  }
}

function scopesOf(
  scopes: string[],
  parameters: Record<string, string>,
  scopeDelimiter: ScopeInput['scopeDelimiter'],
): ScopeInput {
  return { scopes: fill(scopes, parameters), scopeDelimiter }
}

/** Scopes as they go out: a placeholder in one is filled in. */
export function outgoingScopes({ parameters, scopes: { scopeDelimiter } }: Bound, scopes: string[]): ScopeInput {
  return scopesOf(scopes, parameters, scopeDelimiter)
}

/** The same connection for a grant that was just given: with what was learned on the way, nothing of which is stored yet. */
export function withLearned(bound: Bound, learned: Record<string, string> | undefined): Bound {
  if (learned === undefined || Object.keys(learned).length === 0) return bound
  return {
    ...bound,
    parameters: { ...bound.parameters, ...learned },
    auth: fill(bound.auth, learned),
    document: fill(bound.document, learned),
  }
}

type Sealed = Pick<AuthorizationRecord, 'id' | 'workspaceId'>

function placeOf({ id, workspaceId }: Sealed): Place {
  return { workspaceId, table: 'authorizations', row: id, field: 'credential' }
}

export function sealCredential(vault: Vault, authorization: Sealed, credential: unknown): Uint8Array {
  return vault.seal(placeOf(authorization), JSON.stringify(credential))
}

/** The one place that opens a connection's credential. Those who call it are: a call, a renewal, a revocation. */
export function openCredential(vault: Vault, authorization: Sealed & { credential: Uint8Array | null }): unknown {
  if (authorization.credential === null)
    throw new MooringError('connection_not_active', { detail: 'The connection holds no credential any more.' })
  return JSON.parse(vault.open(placeOf(authorization), authorization.credential))
}
