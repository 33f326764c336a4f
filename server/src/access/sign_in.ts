/** Coming in: the first owner, a password, an invitation, a forgotten password. Each begins a session (S-46). */
import type { InvitationView, Session, SetupInput, SignInInput, UserRole } from '@mooring/contract'
import { invalid, MooringError } from '../errors.ts'
import { event, type EventType } from '../events/event.ts'
import type { OneTimeLinkRecord, Store, UserRecord, WorkspaceRecord } from '../store.ts'
import { linkOf, useLink } from './one_time.ts'
import { demandGoodPassword, outdated, type Passwords } from './password.ts'
import type { Browser, NewSession, Sessions } from './session.ts'
import type { Tries } from './tries.ts'
import { addressTaken, newUser, sessionReply } from './user.ts'

/** Somebody came in: what they see, and the cookie's token. */
export interface Arrival {
  session: Session
  begun: NewSession
}

export interface SignIn {
  /** True until the first person exists. */
  setupNeeded(): Promise<boolean>
  /** All of these throw not_found for a link that is over, validation_failed for a weak password or a taken address. */
  setUp(input: SetupInput, browser: Browser): Promise<Arrival>
  acceptInvitation(input: SetupInput, browser: Browser): Promise<Arrival>
  resetPassword(input: { token: string; password: string }, browser: Browser): Promise<Arrival>
  viewInvitation(token: string): Promise<InvitationView>
  /** Throws unauthenticated, the same for an unknown address and a wrong password; rate_limited. */
  signIn(input: SignInInput, browser: Browser): Promise<Arrival>
  /** For somebody who proved elsewhere who they are. `how`: the end of "Signed in …". */
  arrive(inside: Store, user: UserRecord, browser: Browser, how: string): Promise<Arrival>
}

export interface SignInParts {
  store: Store
  sessions: Sessions
  passwords: Passwords
  tries: Tries
  now: () => number
}

/** The one workspace that there is so far. */
export async function home(store: Store): Promise<WorkspaceRecord> {
  const [workspace] = await store.workspaces.list()
  if (workspace === undefined) throw new Error('there is no workspace')
  return workspace
}

export function createSignIn({ store, sessions, passwords, tries, now }: SignInParts): SignIn {
  const arrive: SignIn['arrive'] = async (inside, user, browser, how) => {
    const begun = await sessions.begin(inside, user, browser)
    await inside.events.append([about(user, 'user.signed_in', now(), `${user.name} signed in ${how}.`)])
    const { name } = await home(inside)
    return { session: sessionReply({ ...user, lastSeenAt: begun.record.lastSeenAt }, name, begun), begun }
  }

  /** A new person, by the link that they hold. */
  const join = async (
    link: OneTimeLinkRecord,
    role: UserRole,
    input: SetupInput,
    browser: Browser,
    check: (inside: Store) => Promise<void>,
  ): Promise<Arrival> => {
    demandGoodPassword(input.password, input)
    const passwordHash = await passwords.hash(input.password)
    const { name, email } = input
    const user = newUser({ workspaceId: link.workspaceId, name, email, role }, { passwordHash, identity: null }, now())
    try {
      return await store.transaction(async (inside) => {
        await check(inside)
        await useLink(inside, link)
        await inside.users.insert(user)
        await inside.events.append([about(user, 'user.created', now(), `${name} joined with role ${role}.`, link.kind)])
        return arrive(inside, user, browser, 'with a new account')
      })
    } catch (error) {
      throw addressTaken(error)
    }
  }

  return {
    arrive,

    async setupNeeded() {
      return (await store.users.count((await home(store)).id)) === 0
    },

    async setUp(input, browser) {
      const link = await linkOf(store, 'setup', input.token, now())
      return join(link, 'owner', input, browser, async (inside) => {
        if ((await inside.users.count(link.workspaceId)) === 0) return
        throw new MooringError('forbidden', { detail: 'Somebody has set this up already.', hint: 'Sign in instead.' })
      })
    },

    async acceptInvitation(input, browser) {
      const link = await linkOf(store, 'invitation', input.token, now())
      if (link.email !== null && !sameAddress(link.email, input.email)) {
        throw invalid([{ path: 'email', code: 'invalid_value', message: `The invitation is for ${link.email}.` }])
      }
      return join(link, link.role ?? 'viewer', input, browser, async () => undefined)
    },

    async viewInvitation(token) {
      const link = await linkOf(store, 'invitation', token, now())
      return {
        workspace: (await home(store)).name,
        invitedBy: link.madeBy ?? '',
        role: link.role ?? 'viewer',
        email: link.email,
        name: link.name,
        expiresAt: new Date(link.expiresAt).toISOString(),
      }
    },

    async resetPassword({ token, password }, browser) {
      const link = await linkOf(store, 'password', token, now())
      const user = await store.users.find(link.workspaceId, link.userId ?? '')
      if (user === undefined) throw new Error(`password link ${link.id} is nobody's`)
      demandGoodPassword(password, user)
      const passwordHash = await passwords.hash(password)
      return store.transaction(async (inside) => {
        await useLink(inside, link)
        const changed = { ...user, passwordHash, version: user.version + 1 }
        if (!(await inside.users.update(changed))) throw changedMeanwhile()
        await inside.sessions.deleteOthers(user.workspaceId, user.id, null)
        await inside.events.append([
          about(user, 'user.password_changed', now(), `${user.name} chose a new password.`, 'one-time link'),
        ])
        return arrive(inside, changed, browser, 'with a new password')
      })
    },

    async signIn({ email, password }, browser) {
      const workspace = await home(store)
      await tries.count(email, browser.address)
      const user = await store.users.findByEmail(workspace.id, email)
      const active = user?.active === true ? user : undefined
      if (!(await passwords.verify(password, active?.passwordHash ?? null)) || active === undefined) {
        throw new MooringError('unauthenticated', {
          detail: 'The address or the password is wrong.',
          hint: 'Check both. An owner or an admin can make a link for a new password.',
        })
      }
      await tries.right(email, browser.address)
      const stale = active.passwordHash !== null && outdated(active.passwordHash)
      const passwordHash = stale ? await passwords.hash(password) : active.passwordHash
      return store.transaction(async (inside) => {
        // Looked at again: hashing takes long enough for somebody to be deactivated meanwhile.
        const current = await inside.users.find(workspace.id, active.id)
        if (current?.active !== true || current.passwordHash !== active.passwordHash) throw changedMeanwhile()
        if (stale) await inside.users.update({ ...current, passwordHash, version: current.version + 1 })
        return arrive(inside, current, browser, 'with a password')
      })
    },
  }
}

/** An event about a person, who is its actor too. */
function about(user: UserRecord, type: EventType, at: number, detail: string, cause = 'asked for') {
  return event(user.workspaceId, at, type, { actor: `user:${user.name}`, cause, detail })
}

/** Whatever the case, as in the store. */
export function sameAddress(one: string, other: string): boolean {
  return one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase()
}

export function changedMeanwhile(): MooringError {
  return new MooringError('unavailable', {
    detail: 'This person was changed at the same moment.',
    hint: 'Repeat the request.',
    retryAfterSeconds: 1,
  })
}
