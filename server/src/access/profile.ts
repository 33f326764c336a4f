/** What people see and change of themselves. */
import type { ProfilePatch, Session, SignedIn, User } from '@mooring/contract'
import { invalid, notFound } from '../errors.ts'
import { event } from '../events/event.ts'
import type { Store, UserRecord } from '../store.ts'
import { actorOf, type Caller, demandSession } from './caller.ts'
import { demandGoodPassword, type Passwords } from './password.ts'
import { endOf, type Sessions } from './session.ts'
import { changedMeanwhile, home } from './sign_in.ts'
import type { Tries } from './tries.ts'
import { addressTaken, userReply } from './user.ts'

/** Browsers shown; older ones end within the month. */
const shown = 100

/** All of these throw forbidden for whoever is not signed in with a browser. */
export interface Profile {
  session(caller: Caller): Promise<Session>
  sessions(caller: Caller): Promise<SignedIn[]>
  /** Throws not_found for one that is not the caller's. */
  endSession(caller: Caller, id: string): Promise<void>
  /** Throws validation_failed for a wrong current password, a weak new one, a taken address; rate_limited. */
  update(caller: Caller, patch: ProfilePatch, address: string): Promise<User>
}

export interface ProfileParts {
  store: Store
  sessions: Sessions
  passwords: Passwords
  tries: Tries
  now: () => number
}

export function createProfile({ store, sessions, passwords, tries, now }: ProfileParts): Profile {
  const self = async (inside: Store, caller: Caller): Promise<UserRecord> => {
    const user = await inside.users.find(caller.workspaceId, caller.id)
    if (user === undefined) throw notFound('person')
    return user
  }

  /** The hash of a new password, once the current one has been shown. */
  const newHash = async (user: UserRecord, patch: ProfilePatch, address: string): Promise<string | null> => {
    if (patch.password === undefined) return user.passwordHash
    if (user.passwordHash !== null) {
      await tries.count(user.email, address)
      if (!(await passwords.verify(patch.currentPassword ?? '', user.passwordHash))) {
        throw invalid([{ path: 'currentPassword', code: 'wrong', message: 'This is not your current password.' }])
      }
      await tries.right(user.email, address)
    }
    demandGoodPassword(patch.password, { name: patch.name ?? user.name, email: patch.email ?? user.email })
    return passwords.hash(patch.password)
  }

  return {
    async session(caller) {
      const { csrfToken, expiresAt } = demandSession(caller)
      const user = await self(store, caller)
      return {
        user: userReply(user),
        workspace: (await home(store)).name,
        csrfToken,
        expiresAt: new Date(expiresAt).toISOString(),
      }
    },

    async sessions(caller) {
      const current = demandSession(caller).id
      await sessions.flush(true)
      const records = await store.sessions.ofUser(caller.workspaceId, caller.id, shown)
      return records
        .filter((record) => endOf(record) > now())
        .map((record) => ({
          id: record.id,
          current: record.id === current,
          userAgent: record.userAgent,
          address: record.address,
          createdAt: new Date(record.createdAt).toISOString(),
          lastSeenAt: new Date(record.lastSeenAt).toISOString(),
          expiresAt: new Date(endOf(record)).toISOString(),
        }))
    },

    async endSession(caller, id) {
      demandSession(caller)
      if (!(await store.sessions.delete(caller.workspaceId, caller.id, id))) throw notFound('session')
    },

    async update(caller, patch, address) {
      const session = demandSession(caller)
      const user = await self(store, caller)
      const passwordHash = await newHash(user, patch, address)
      const { name = user.name, email = user.email } = patch
      const changed: UserRecord = { ...user, name, email, passwordHash, version: user.version + 1 }
      try {
        await store.transaction(async (inside) => {
          if (!(await inside.users.update(changed))) throw changedMeanwhile()
          const at = now()
          const told = { actor: actorOf(caller), cause: 'asked for' }
          if (name !== user.name || email !== user.email) {
            await inside.events.append([
              event(user.workspaceId, at, 'user.updated', { ...told, detail: `${user.name} changed their profile.` }),
            ])
          }
          if (passwordHash === user.passwordHash) return
          await inside.sessions.deleteOthers(user.workspaceId, user.id, session.id)
          await inside.oneTimeLinks.deleteAll(user.workspaceId, 'password', user.id)
          await inside.events.append([
            event(user.workspaceId, at, 'user.password_changed', { ...told, detail: `${name} chose a new password.` }),
          ])
        })
      } catch (error) {
        throw addressTaken(error)
      }
      return userReply(changed)
    },
  }
}
