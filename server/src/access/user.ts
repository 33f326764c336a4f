/** What the records of people turn into, and back. */
import type { Session, User, UserRole } from '@mooring/contract'
import { invalid } from '../errors.ts'
import { newId } from '../ids.ts'
import { TakenError, type UserRecord } from '../store.ts'
import { csrfTokenOf, endOf, type NewSession } from './session.ts'

export function newUser(
  about: { workspaceId: string; name: string; email: string; role: UserRole },
  proof: { passwordHash: string | null; identity: string | null },
  at: number,
): UserRecord {
  return { id: newId('usr', at), ...about, ...proof, active: true, lastSeenAt: null, version: 1, createdAt: at }
}

export function userReply(record: UserRecord): User {
  const { id, name, email, role, active, passwordHash, lastSeenAt, createdAt } = record
  return {
    id,
    name,
    email,
    role,
    active,
    hasPassword: passwordHash !== null,
    createdAt: new Date(createdAt).toISOString(),
    lastSeenAt: lastSeenAt === null ? null : new Date(lastSeenAt).toISOString(),
  }
}

export function sessionReply(user: UserRecord, workspace: string, { token, record }: NewSession): Session {
  return {
    user: userReply(user),
    workspace,
    csrfToken: csrfTokenOf(token),
    expiresAt: new Date(endOf(record)).toISOString(),
  }
}

/** Any other error as it is. */
export function addressTaken(error: unknown): unknown {
  if (!(error instanceof TakenError) || error.what !== 'email') return error
  return invalid([{ path: 'email', code: 'taken', message: 'Somebody here has this address already.' }])
}
