/** Who is calling, and what each role may do (S-50). */
import type { Role } from '@mooring/contract'
import { MooringError, notFound } from '../errors.ts'

export interface Caller {
  workspaceId: string
  kind: 'api_key'
  id: string
  name: string
  role: Role
  /** Link names the caller is limited to; null for all. */
  connections: ReadonlySet<string> | null
}

/** `credentials` is reading a connection's raw credential; `invoke` is calling through it. */
export type Permission = 'read' | 'invoke' | 'credentials' | 'manage' | 'keys' | 'audit'

const permissions: Record<Role, ReadonlySet<Permission>> = {
  owner: new Set(['read', 'invoke', 'credentials', 'manage', 'keys', 'audit']),
  admin: new Set(['read', 'invoke', 'credentials', 'manage', 'keys', 'audit']),
  developer: new Set(['read', 'invoke', 'manage']),
  viewer: new Set(['read']),
  invoke: new Set(['invoke']),
}

const needs: Record<Permission, string> = {
  read: 'read definitions and connections',
  invoke: 'call through connections',
  credentials: 'read raw credentials',
  manage: 'change services and connections',
  keys: 'manage API keys',
  audit: 'read the audit log',
}

export function can(caller: Caller, permission: Permission): boolean {
  return permissions[caller.role].has(permission)
}

/** Throws forbidden. */
export function demand(caller: Caller, permission: Permission): void {
  if (can(caller, permission)) return
  throw new MooringError('forbidden', {
    detail: `The role ${caller.role} may not ${needs[permission]}.`,
    hint: 'Use an API key with another role.',
  })
}

/** A key limited to some connections learns nothing of the others: the same 404 as for none (S-51). */
export function demandConnection(caller: Caller, linkName: string): void {
  if (caller.connections !== null && !caller.connections.has(linkName)) throw notFound('connection')
}

/** A key limited to some connections sees no definitions and makes no new ones. */
export function demandUnlimited(caller: Caller): void {
  if (caller.connections === null) return
  throw new MooringError('forbidden', {
    detail: 'This API key is limited to the connections it names.',
    hint: 'Use an API key without that limit.',
  })
}

/** Who it is for good: names change, and two may have the same one. */
export function actorId(caller: Pick<Caller, 'kind' | 'id'>): string {
  return `${caller.kind}:${caller.id}`
}

/** How an event names who caused it. */
export function actorOf(caller: Caller): string {
  return `${caller.kind}:${caller.name}`
}
