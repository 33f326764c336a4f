/** People: who they are, how they sign in, what they are signed in with. */
import { z } from 'zod'
import * as field from './fields.ts'

/** People hold every role but `invoke`, which is for keys. */
export const UserRole = z.enum(['owner', 'admin', 'developer', 'viewer'], {
  error: 'Use owner, admin, developer or viewer.',
})
export type UserRole = z.infer<typeof UserRole>

/** Names of people have points and apostrophes: "Conan O'Brien Jr.". */
export const personName = field
  .text({
    max: 100,
    first: [/^[\p{L}\p{N}]/u, 'Start with a letter or a number.'],
    all: [/^[\p{L}\p{M}\p{N} .,'’()_-]*$/u, "Use letters, digits, spaces and . , ' ( ) _ - only."],
  })
  .meta({ title: 'Name' })

export const email = field
  .text({
    min: 3,
    max: 254,
    all: [/^[^\s@]+@[^\s@]+$/, 'Write an e-mail address, such as ana@example.com.'],
  })
  .meta({ title: 'E-mail address' })

/** Length decides (NIST SP 800-63B section 3.1.1.2); composition rules do not. */
export const password = field
  .text({ min: 12, max: 256, all: [/^[^\p{Cc}\p{Cs}]*$/u, 'Remove line breaks and other control characters.'] })
  .meta({ title: 'Password' })

const oneTimeToken = z.string().min(1).max(200)

export const User = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    role: UserRole,
    active: z.boolean(),
    /** False for somebody who only ever signed in through the identity provider. */
    hasPassword: z.boolean(),
    createdAt: z.string(),
    lastSeenAt: z.string().nullable(),
  })
  .meta({ id: 'User' })
export type User = z.infer<typeof User>

/** What the console starts with. Writes with a session send `csrfToken` as `X-CSRF-Token`. */
export const Session = z
  .object({
    user: User,
    workspace: z.string(),
    csrfToken: z.string(),
    expiresAt: z.string(),
  })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof Session>

/** What somebody who is not signed in may know. */
export const SignInOptions = z
  .object({
    /** True until the first person exists. */
    setupNeeded: z.boolean(),
    /** The OpenID Connect provider, where one is set up: `url` is where to go. */
    provider: z.object({ name: z.string(), url: z.string() }).nullable(),
  })
  .meta({ id: 'SignInOptions' })
export type SignInOptions = z.infer<typeof SignInOptions>

export const SignInInput = z
  .strictObject({
    email: z.string().min(1, 'Fill this in.').max(254),
    password: z.string().min(1, 'Fill this in.').max(256),
  })
  .meta({ id: 'SignInInput' })
export type SignInInput = z.infer<typeof SignInInput>

/** The one-time link of the first start, an invitation or a password reset carries `token`. */
export const SetupInput = z
  .strictObject({ token: oneTimeToken, name: personName, email, password })
  .meta({ id: 'SetupInput' })
export type SetupInput = z.infer<typeof SetupInput>

export const TokenInput = z.strictObject({ token: oneTimeToken }).meta({ id: 'TokenInput' })
export const PasswordResetInput = z.strictObject({ token: oneTimeToken, password }).meta({ id: 'PasswordResetInput' })

/** What one may change of oneself. A new password asks for the current one, where there is one. */
export const ProfilePatch = z
  .strictObject({ name: personName, email, password, currentPassword: z.string().max(256) })
  .partial()
  .meta({ id: 'ProfilePatch' })
export type ProfilePatch = z.infer<typeof ProfilePatch>

export const UserPatch = z.strictObject({ role: UserRole, active: z.boolean() }).partial().meta({ id: 'UserPatch' })
export type UserPatch = z.infer<typeof UserPatch>

/** One browser somebody is signed in with. */
export const SignedIn = z
  .object({
    id: z.string(),
    current: z.boolean(),
    userAgent: z.string(),
    address: z.string(),
    createdAt: z.string(),
    lastSeenAt: z.string(),
    expiresAt: z.string(),
  })
  .meta({ id: 'SignedIn' })
export type SignedIn = z.infer<typeof SignedIn>

export const InvitationInput = z
  .strictObject({ email: email.optional(), name: personName.optional(), role: UserRole })
  .meta({ id: 'InvitationInput' })
export type InvitationInput = z.infer<typeof InvitationInput>

export const Invitation = z
  .object({
    id: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    role: UserRole,
    invitedBy: z.string(),
    createdAt: z.string(),
    expiresAt: z.string(),
  })
  .meta({ id: 'Invitation' })
export type Invitation = z.infer<typeof Invitation>

/** The only reply that holds the link. */
export const CreatedInvitation = Invitation.extend({ url: z.string() }).meta({ id: 'CreatedInvitation' })
export type CreatedInvitation = z.infer<typeof CreatedInvitation>

/** What whoever holds an invitation's token sees of it. */
export const InvitationView = z
  .object({
    workspace: z.string(),
    invitedBy: z.string(),
    role: UserRole,
    email: z.string().nullable(),
    name: z.string().nullable(),
    expiresAt: z.string(),
  })
  .meta({ id: 'InvitationView' })
export type InvitationView = z.infer<typeof InvitationView>

export const PasswordLink = z.object({ url: z.string(), expiresAt: z.string() }).meta({ id: 'PasswordLink' })
export type PasswordLink = z.infer<typeof PasswordLink>
