/** Who is calling, and what each role may do (S-50). */
import type { Role } from '@mooring/contract'
import { MooringError, notFound } from '../errors.ts'

/** The browser session that a person calls with. */
export interface CallerSession {
  id: string
  /** What a write must bring in `X-CSRF-Token`. */
  csrfToken: string
  /** When it ends if it is not used again, in milliseconds since the epoch. */
  expiresAt: number
}

export interface Caller {
  workspaceId: string
  kind: 'api_key' | 'user'
  id: string
  name: string
  role: Role
  /** Link names the caller is limited to; null for all. */
  connections: ReadonlySet<string> | null
  /** Of a person only. */
  session?: CallerSession
}

/** Who is behind something that happens: a caller, or the end user of a connect session, who calls nothing. */
export interface Actor extends Pick<Caller, 'workspaceId' | 'id' | 'name'> {
  kind: Caller['kind'] | 'connect_session'
}

/**
 * `credentials` is reading a connection's raw credential; `invoke` is calling through it; `audit` is reading its log;
 * `keys` is API keys, `encryption` the keys that seal what is stored.
 */
export type Permission = 'read' | 'invoke' | 'credentials' | 'manage' | 'keys' | 'people' | 'audit' | 'encryption'

const permissions: Record<Role, ReadonlySet<Permission>> = {
  owner: new Set(['read', 'invoke', 'credentials', 'manage', 'keys', 'people', 'audit', 'encryption']),
  admin: new Set(['read', 'invoke', 'credentials', 'manage', 'keys', 'people', 'audit', 'encryption']),
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
  people: 'manage people and invitations',
  audit: 'read the audit log',
  encryption: 'manage encryption keys',
}

export function can(caller: Caller, permission: Permission): boolean {
  return permissions[caller.role].has(permission)
}

/** Throws forbidden. */
export function demand(caller: Caller, permission: Permission): void {
  if (can(caller, permission)) return
  throw new MooringError('forbidden', {
    detail: `The role ${caller.role} may not ${needs[permission]}.`,
    hint: caller.kind === 'user' ? 'Ask an owner or an admin for another role.' : 'Use an API key with another role.',
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

/** Throws forbidden for whoever is not a person in a browser. */
export function demandSession(caller: Caller): CallerSession {
  if (caller.session !== undefined) return caller.session
  throw new MooringError('forbidden', {
    detail: 'This is for people who are signed in; an API key has no session.',
    hint: 'Sign in with a browser.',
  })
}

/** Only an owner makes, changes or ends what is an owner's. `what`: the end of "Only an owner …". Throws forbidden. */
export function demandOwner(caller: Caller, what: string): void {
  if (caller.role !== 'owner') throw new MooringError('forbidden', { detail: `Only an owner ${what}.` })
}

/** Who it is, in a form that no renaming changes. */
export function stableId(actor: Actor): string {
  return `${actor.kind}:${actor.id}`
}

/** How an event names who caused it. */
export function actorOf(actor: Actor): string {
  return `${actor.kind}:${actor.name}`
}

/** Whether a stable id is a person's of the console, who has a session to show (S-8). */
export function isPerson(id: string | null): boolean {
  return id?.startsWith('user:') === true
}
