/** People: being signed in, who may sign in, who is invited. */
import type {
  CreatedInvitation,
  Invitation,
  InvitationInput,
  InvitationView,
  PasswordLink,
  ProfilePatch,
  Session,
  SetupInput,
  SignedIn,
  SignInInput,
  SignInOptions,
  User,
  UserPatch,
} from '@mooring/contract'
import { everyItem, type Page } from './pages.ts'
import type { CallOptions, CreateOptions, Query, Transport } from './transport.ts'

/**
 * Being signed in with a browser, whose cookie is the session: of use in a page of the server's own origin. Where it
 * begins, the answer holds the CSRF token that the client's `csrfToken` must give from then on.
 */
export interface SessionClient {
  /** What the sign-in page offers. */
  options(options?: CallOptions): Promise<SignInOptions>
  /** Makes the first owner. */
  setUp(input: SetupInput, options?: CallOptions): Promise<Session>
  signIn(input: SignInInput, options?: CallOptions): Promise<Session>
  /** Who is signed in. */
  get(options?: CallOptions): Promise<Session>
  signOut(options?: CallOptions): Promise<void>
  /** Changes the own name, address or password; other sessions end with a new password. */
  updateProfile(patch: ProfilePatch, options?: CallOptions): Promise<User>
  /** Chooses a new password with a one-time link. */
  resetPassword(input: { token: string; password: string }, options?: CallOptions): Promise<Session>
  /** Where oneself is signed in. */
  list(options?: CallOptions): Promise<{ items: SignedIn[] }>
  /** Signs one of the own browsers out. */
  end(id: string, options?: CallOptions): Promise<void>
}

export interface Users {
  list(query?: Query<'listUsers'>, options?: CallOptions): Promise<Page<User>>
  all(query?: Query<'listUsers'>, options?: CallOptions): AsyncIterable<User>
  update(id: string, patch: UserPatch, options?: CallOptions): Promise<User>
  delete(id: string, options?: CallOptions): Promise<void>
  /** A link with which somebody chooses a new password, once. */
  passwordLink(id: string, options?: CreateOptions): Promise<PasswordLink>
}

export interface Invitations {
  /** The only answer that holds the link. */
  create(input: InvitationInput, options?: CreateOptions): Promise<CreatedInvitation>
  list(query?: Query<'listInvitations'>, options?: CallOptions): Promise<Page<Invitation>>
  all(query?: Query<'listInvitations'>, options?: CallOptions): AsyncIterable<Invitation>
  delete(id: string, options?: CallOptions): Promise<void>
  /** What an invitation is for, by the token of its link. */
  view(token: string, options?: CallOptions): Promise<InvitationView>
  accept(input: SetupInput, options?: CallOptions): Promise<Session>
}

export function createSession({ call }: Transport): SessionClient {
  return {
    options: (given) => call('getSignInOptions', {}, given),
    setUp: (body, given) => call('setUp', {}, { ...given, body }),
    signIn: (body, given) => call('signIn', {}, { ...given, body }),
    get: (given) => call('getSession', {}, given),
    signOut: (given) => call('signOut', {}, given),
    updateProfile: (body, given) => call('updateProfile', {}, { ...given, body }),
    resetPassword: (body, given) => call('resetPassword', {}, { ...given, body }),
    list: (given) => call('listSessions', {}, given),
    end: (id, given) => call('deleteSession', { id }, given),
  }
}

export function createUsers({ call }: Transport): Users {
  const list: Users['list'] = (query, given) => call('listUsers', {}, { ...given, query })
  return {
    list,
    all: (query, given) => everyItem((cursor) => list({ ...query, cursor }, given), query?.cursor),
    update: (id, body, given) => call('updateUser', { id }, { ...given, body }),
    delete: (id, given) => call('deleteUser', { id }, given),
    passwordLink: (id, given) => call('createPasswordLink', { id }, given),
  }
}

export function createInvitations({ call }: Transport): Invitations {
  const list: Invitations['list'] = (query, given) => call('listInvitations', {}, { ...given, query })
  return {
    create: (body, given) => call('createInvitation', {}, { ...given, body }),
    list,
    all: (query, given) => everyItem((cursor) => list({ ...query, cursor }, given), query?.cursor),
    delete: (id, given) => call('deleteInvitation', { id }, given),
    view: (token, given) => call('viewInvitation', {}, { ...given, body: { token } }),
    accept: (body, given) => call('acceptInvitation', {}, { ...given, body }),
  }
}
