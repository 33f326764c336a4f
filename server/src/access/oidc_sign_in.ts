/** Who a person is here whom the identity provider has named: known, invited, or new. */
import { personName, type UserRole } from '@mooring/contract'
import { MooringError } from '../errors.ts'
import { event } from '../events/event.ts'
import type { Store, UserRecord } from '../store.ts'
import type { Identity, OidcSettings } from './oidc.ts'
import { useLink } from './one_time.ts'
import type { Browser } from './session.ts'
import { type Arrival, changedMeanwhile, home, type SignIn } from './sign_in.ts'
import { newUser } from './user.ts'

export interface OidcSignInParts {
  store: Store
  signIn: SignIn
  settings: OidcSettings
  now: () => number
}

/** Throws forbidden for somebody who may not come in. */
export type OidcSignIn = (identity: Identity, browser: Browser) => Promise<Arrival>

export function createOidcSignIn({ store, signIn, settings, now }: OidcSignInParts): OidcSignIn {
  /** The account of this verified address, which belongs to the identity from now on. */
  const linked = async (inside: Store, user: UserRecord, identity: Identity): Promise<UserRecord> => {
    if (user.identity?.startsWith(`${settings.issuer} `)) {
      throw refused('The account with your address belongs to somebody else at the identity provider.')
    }
    const changed: UserRecord = { ...user, identity: identity.key, version: user.version + 1 }
    if (!(await inside.users.update(changed))) throw changedMeanwhile()
    return changed
  }

  const joined = async (inside: Store, identity: Identity, email: string): Promise<UserRecord> => {
    const { id: workspaceId } = await home(inside)
    const invitation = await inside.oneTimeLinks.invitationFor(workspaceId, email, now())
    const role: UserRole | null = invitation?.role ?? settings.role
    if (role === null) throw refused('Nobody has invited this address.')
    if (invitation !== undefined) await useLink(inside, invitation)
    const name = invitation?.name ?? nameFrom(identity.name ?? email)
    const user = newUser({ workspaceId, name, email, role }, { passwordHash: null, identity: identity.key }, now())
    await inside.users.insert(user)
    const told = { actor: `user:${name}`, cause: 'identity provider', detail: `${name} joined with role ${role}.` }
    await inside.events.append([event(workspaceId, now(), 'user.created', told)])
    return user
  }

  const found = async (inside: Store, identity: Identity): Promise<UserRecord> => {
    const { id: workspaceId } = await home(inside)
    const known = await inside.users.findByIdentity(workspaceId, identity.key)
    if (known !== undefined) return known
    const { email, emailVerified } = identity
    if (email === null || emailVerified === false)
      throw refused('The identity provider does not vouch for your e-mail address.')
    const user = await inside.users.findByEmail(workspaceId, email)
    if (user !== undefined) return linked(inside, user, identity)
    if ((await inside.users.count(workspaceId)) === 0) throw refused('The owner has not set this up yet.')
    return joined(inside, identity, email)
  }

  return (identity, browser) =>
    store.transaction(async (inside) => {
      const user = await found(inside, identity)
      if (!user.active) throw refused('Your account is deactivated.')
      return signIn.arrive(inside, user, browser, `through ${settings.name}`)
    })
}

function refused(detail: string): MooringError {
  return new MooringError('forbidden', { detail, hint: 'Ask an owner or an admin to let you in.' })
}

/** A name that keeps to the rule, whatever the provider has. */
function nameFrom(text: string): string {
  const name = text
    .replaceAll(/[^\p{L}\p{M}\p{N} .,'’()_-]/gu, ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, 100)
    .trim()
  return personName.safeParse(name).success ? name : 'Somebody'
}
