/** Who is here, what they may do, and who is invited (S-50). Only an owner makes, changes or removes an owner. */
import type {
  CreatedInvitation,
  Invitation,
  InvitationInput,
  PasswordLink,
  User,
  UserPatch,
  UserRole,
} from '@mooring/contract'
import { invalid, MooringError, notFound } from '../errors.ts'
import { event, type EventType } from '../events/event.ts'
import type { EventRecord, OneTimeLinkRecord, PageOf, PageRequest, Store, UserRecord } from '../store.ts'
import { actorOf, type Caller, demandOwner } from './caller.ts'
import { newLink } from './one_time.ts'
import type { Sessions } from './session.ts'
import { changedMeanwhile } from './sign_in.ts'
import { userReply } from './user.ts'

export interface People {
  list(caller: Caller, page: PageRequest): Promise<PageOf<User>>
  /** These throw not_found; forbidden for an owner unless the caller is one, and for the last owner. */
  update(caller: Caller, id: string, patch: UserPatch): Promise<User>
  delete(caller: Caller, id: string): Promise<void>
  /** In place of any earlier link of theirs. */
  passwordLink(caller: Caller, id: string): Promise<PasswordLink>
  invite(caller: Caller, input: InvitationInput): Promise<CreatedInvitation>
  invitations(caller: Caller, page: PageRequest): Promise<PageOf<Invitation>>
  withdraw(caller: Caller, id: string): Promise<void>
}

export interface PeopleParts {
  store: Store
  sessions: Sessions
  now: () => number
  publicUrl: () => string
}

export function createPeople({ store, sessions, now, publicUrl }: PeopleParts): People {
  const told = (caller: Caller, type: EventType, detail: string): EventRecord =>
    event(caller.workspaceId, now(), type, { actor: actorOf(caller), cause: 'asked for', detail })

  const found = async (inside: Store, caller: Caller, id: string): Promise<UserRecord> => {
    const user = await inside.users.find(caller.workspaceId, id)
    if (user === undefined) throw notFound('person')
    return user
  }

  /** Somebody must be left who can let others in. */
  const demandAnotherOwner = async (inside: Store, user: UserRecord): Promise<void> => {
    if (user.role !== 'owner' || !user.active) return
    if ((await inside.users.countActive(user.workspaceId, 'owner')) > 1) return
    throw new MooringError('forbidden', {
      detail: `${user.name} is the last active owner and stays one.`,
      hint: 'Make somebody else an owner first.',
    })
  }

  return {
    async list(caller, page) {
      await sessions.flush(true)
      const { items, nextCursor } = await store.users.list(caller.workspaceId, page)
      return { items: items.map(userReply), nextCursor }
    },

    update: (caller, id, patch) =>
      store.transaction(async (inside) => {
        const user = await found(inside, caller, id)
        if (user.role === 'owner') demandOwner(caller, 'changes an owner')
        if (patch.role === 'owner') demandOwner(caller, 'makes somebody an owner')
        const { role = user.role, active = user.active } = patch
        if (role !== 'owner' || !active) await demandAnotherOwner(inside, user)
        if (role === user.role && active === user.active) return userReply(user)
        const changed: UserRecord = { ...user, role, active, version: user.version + 1 }
        if (!(await inside.users.update(changed))) throw changedMeanwhile()
        if (!active) {
          await inside.sessions.deleteOthers(user.workspaceId, id, null)
          await inside.oneTimeLinks.deleteAll(user.workspaceId, 'password', id)
        }
        await inside.events.append([told(caller, 'user.updated', `${user.name}: ${differences(user, changed)}.`)])
        return userReply(changed)
      }),

    delete: (caller, id) =>
      store.transaction(async (inside) => {
        const user = await found(inside, caller, id)
        if (user.role === 'owner') demandOwner(caller, 'removes an owner')
        await demandAnotherOwner(inside, user)
        await inside.users.delete(caller.workspaceId, id)
        await inside.events.append([told(caller, 'user.deleted', `${user.name} with role ${user.role}.`)])
      }),

    passwordLink: (caller, id) =>
      store.transaction(async (inside) => {
        const user = await found(inside, caller, id)
        if (user.role === 'owner') demandOwner(caller, 'makes a link for the password of an owner')
        if (!user.active) {
          throw new MooringError('forbidden', {
            detail: `${user.name} is deactivated and cannot sign in.`,
            hint: 'Reactivate them first.',
          })
        }
        const about = { userId: id, madeBy: caller.name }
        const { record, url } = newLink('password', caller.workspaceId, about, now(), publicUrl())
        await inside.oneTimeLinks.deleteAll(caller.workspaceId, 'password', id)
        await inside.oneTimeLinks.insert(record)
        await inside.events.append([told(caller, 'user.password_link_created', `For ${user.name}.`)])
        return { url, expiresAt: new Date(record.expiresAt).toISOString() }
      }),

    invite: (caller, input) =>
      store.transaction(async (inside) => {
        if (input.role === 'owner') demandOwner(caller, 'invites an owner')
        const { email = null, name = null, role } = input
        if (email !== null && (await inside.users.findByEmail(caller.workspaceId, email)) !== undefined)
          throw invalid([{ path: 'email', code: 'taken', message: 'Somebody here has this address already.' }])
        const about = { email, name, role, madeBy: caller.name }
        const { record, url } = newLink('invitation', caller.workspaceId, about, now(), publicUrl())
        await inside.oneTimeLinks.insert(record)
        const who = name ?? email ?? 'Somebody'
        await inside.events.append([told(caller, 'invitation.created', `${who} with role ${role}.`)])
        return { ...invitationReply(record, role), url }
      }),

    async invitations(caller, page) {
      const { items, nextCursor } = await store.oneTimeLinks.invitations(caller.workspaceId, now(), page)
      return { items: items.map((record) => invitationReply(record, record.role ?? 'viewer')), nextCursor }
    },

    withdraw: (caller, id) =>
      store.transaction(async (inside) => {
        const record = await inside.oneTimeLinks.find(caller.workspaceId, id)
        if (record?.kind !== 'invitation') throw notFound('invitation')
        if (record.role === 'owner') demandOwner(caller, 'withdraws the invitation of an owner')
        if (!(await inside.oneTimeLinks.take(caller.workspaceId, id))) throw notFound('invitation')
        const who = record.name ?? record.email ?? 'Somebody'
        await inside.events.append([told(caller, 'invitation.deleted', `${who} with role ${record.role}.`)])
      }),
  }
}

function differences(before: UserRecord, after: UserRecord): string {
  return [
    ...(before.role === after.role ? [] : [`${after.role} instead of ${before.role}`]),
    ...(before.active === after.active ? [] : [after.active ? 'reactivated' : 'deactivated']),
  ].join(', ')
}

function invitationReply(record: OneTimeLinkRecord, role: UserRole): Invitation {
  const { id, email, name, madeBy, createdAt, expiresAt } = record
  return {
    id,
    email,
    name,
    role,
    invitedBy: madeBy ?? '',
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  }
}
