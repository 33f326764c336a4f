/** What happened, as the activity list and the event feed tell it (S-27). */
import type { EventRecord } from '../store.ts'

const eventTypes = [
  'service.ready',
  'connection.created',
  'connection.authorized',
  'connection.authorization_failed',
  'connection.refreshed',
  'connection.refresh_failed',
  'connection.reauthorization_required',
  'connection.revoked',
  'connection.enabled',
  'connection.disabled',
  'connection.updated',
  'connection.tested',
  'connection.credentials_read',
  'connection.invoked',
  'connection.deleted',
  'service.secrets_replaced',
  'api_key.created',
  'api_key.deleted',
  'user.created',
  'user.updated',
  'user.deleted',
  'user.signed_in',
  'user.password_changed',
  'user.password_link_created',
  'invitation.created',
  'invitation.deleted',
  'key.rotated',
  'provider.paused',
  'provider.resumed',
] as const
export type EventType = (typeof eventTypes)[number]

/** The types that a filter means: one type, or all with this part before their dot. */
export function typesOf(filter: string): EventType[] {
  return eventTypes.filter((type) => type === filter || type.startsWith(`${filter}.`))
}

type Facts = Partial<Omit<EventRecord, 'sequence' | 'workspaceId' | 'type' | 'at'>>

export function event(
  workspaceId: string,
  at: number,
  type: EventType,
  facts: Facts & { detail: string },
): EventRecord {
  return {
    sequence: 0,
    workspaceId,
    type,
    at,
    ok: true,
    serviceId: null,
    connectionId: null,
    actor: null,
    user: null,
    cause: null,
    call: null,
    ...facts,
  }
}
