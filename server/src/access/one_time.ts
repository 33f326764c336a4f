/** Links that work once: 256 random bits in the fragment of a URL, which no server and no log sees; kept hashed. */
import { MooringError } from '../errors.ts'
import { newId, randomToken, tokenHash } from '../ids.ts'
import type { OneTimeLinkRecord, Store } from '../store.ts'

type Kind = OneTimeLinkRecord['kind']

/** How long a link works, in milliseconds. */
const life: Record<Kind, number> = { setup: 30 * 60_000, invitation: 7 * 86_400_000, password: 60 * 60_000 }

/** The console's page for each. */
const path: Record<Kind, string> = { setup: '/setup', invitation: '/invite', password: '/reset' }

const another: Record<Kind, string> = {
  setup: 'A start of the server while nobody has an account prints a new one.',
  invitation: 'Ask whoever invited you for a new one.',
  password: 'Ask an owner or an admin for a new one.',
}

type About = Partial<Pick<OneTimeLinkRecord, 'userId' | 'email' | 'name' | 'role' | 'madeBy'>>

export function newLink(
  kind: Kind,
  workspaceId: string,
  about: About,
  at: number,
  publicUrl: string,
): { record: OneTimeLinkRecord; url: string } {
  const token = randomToken(32)
  const record: OneTimeLinkRecord = {
    id: newId(kind === 'invitation' ? 'inv' : 'otl', at),
    workspaceId,
    kind,
    tokenHash: tokenHash(token),
    userId: null,
    email: null,
    name: null,
    role: null,
    madeBy: null,
    ...about,
    expiresAt: at + life[kind],
    createdAt: at,
  }
  return { record, url: `${publicUrl}${path[kind]}#token=${token}` }
}

/** The link of this token. Throws not_found where it was used, withdrawn, or is over. */
export async function linkOf(store: Store, kind: Kind, token: string, at: number): Promise<OneTimeLinkRecord> {
  const link = await store.oneTimeLinks.findByHash(tokenHash(token))
  if (link?.kind !== kind || link.expiresAt <= at) throw linkOver(kind)
  return link
}

/** In a transaction: from here on it works no more. Throws not_found where another was first. */
export async function useLink(inside: Store, { workspaceId, id, kind }: OneTimeLinkRecord): Promise<void> {
  if (!(await inside.oneTimeLinks.take(workspaceId, id))) throw linkOver(kind)
}

/** The link that makes the first owner, in place of any earlier one; null once somebody has an account. */
export async function setupLink(
  store: Store,
  workspaceId: string,
  at: number,
  publicUrl: string,
): Promise<string | null> {
  return store.transaction(async (inside) => {
    await inside.oneTimeLinks.deleteAll(workspaceId, 'setup', null)
    if ((await inside.users.count(workspaceId)) > 0) return null
    const { record, url } = newLink('setup', workspaceId, {}, at, publicUrl)
    await inside.oneTimeLinks.insert(record)
    return url
  })
}

function linkOver(kind: Kind): MooringError {
  return new MooringError('not_found', {
    detail: 'This link was used already, was withdrawn, or is too old.',
    hint: another[kind],
  })
}
