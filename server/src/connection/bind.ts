/** A connection together with its service: the definition it uses, with its parameters filled in. */
import { authOf, type AuthFields, type Definition } from '../service/definition.ts'
import { fill } from '../service/placeholders.ts'
import { definitionOf } from '../service/secrets.ts'
import { MooringError } from '../errors.ts'
import type { AnyScheme, ScopeInput } from '../schemes/scheme.ts'
import type { AuthorizationRecord, ConnectionRecord, ServiceDocument, ServiceRecord } from '../store.ts'
import type { Place, Vault } from '../vault/vault.ts'

export interface Bound {
  connection: ConnectionRecord
  service: ServiceRecord
  scheme: AnyScheme
  /** `auth` with secrets, placeholders filled in. */
  auth: AuthFields
  /** Hosts, base URL, probe and headers, placeholders filled in. */
  document: ServiceDocument
  scopes: ScopeInput
}

export function bind(vault: Vault, service: ServiceRecord, connection: ConnectionRecord): Bound {
  const definition: Definition = definitionOf(vault, service)
  const chosen = authOf(definition)
  if (chosen === undefined || service.stage !== 'ready') {
    throw new MooringError('service_not_ready', {
      detail: `${service.name} is a draft.`,
      hint: `Complete it and mark it as ready: POST /v1/services/${service.linkName}/ready.`,
    })
  }
  const document = fill(definition.document, connection.parameters)
  return {
    connection,
    service,
    scheme: chosen.scheme,
    auth: fill(chosen.auth, connection.parameters),
    document,
    scopes: { scopes: connection.scopes, scopeDelimiter: document.scopeDelimiter },
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
