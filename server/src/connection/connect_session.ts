/** Connect sessions (S-8): a page on which somebody without an account authorizes connections of their own. */
import type { ConnectSession, ConnectSessionInput, Diagnosis, FieldError } from '@mooring/contract'
import { type Actor, actorOf, type Caller } from '../access/caller.ts'
import type { Tries } from '../access/tries.ts'
import { invalid, MooringError, notFound } from '../errors.ts'
import { newId, randomToken, tokenHash } from '../ids.ts'
import type { AttemptRecord, ConnectionRecord, ConnectSessionRecord, Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import type { Authorizer } from './authorize.ts'
import type { Beginning } from './begin.ts'
import { bind, type Bound } from './bind.ts'
import { type Offer, offerOf } from './connect_offer.ts'
import { circumstancesOf, diagnose } from './diagnosis.ts'
import { checkReturnTo, type ReturnRules, withOutcome } from './return_to.ts'

/** How long a link works, in milliseconds. */
const life = 30 * 60_000

export interface ConnectSessionParts extends ReturnRules {
  store: Store
  vault: Vault
  authorizer: Pick<Authorizer, 'authorizeFromPage'>
  tries: Tries
  now: () => number
}

export interface ConnectSessions {
  /** Throws validation_failed for a connection that is not there, or where there is none to offer. */
  create(caller: Caller, input: ConnectSessionInput): Promise<ConnectSession>
  /** Throws not_found. It may be over. */
  find(token: string): Promise<ConnectSessionRecord>
  isOver(session: ConnectSessionRecord): boolean
  workspaceOf(session: ConnectSessionRecord): Promise<string>
  offers(session: ConnectSessionRecord): Promise<Offer[]>
  /** Binds it to the browser that uses it first; gives what that browser must hold. Throws forbidden for another. */
  bind(session: ConnectSessionRecord, cookie: string | undefined): Promise<string>
  /** Connects for the session's user. Throws not_found. */
  connect(
    session: ConnectSessionRecord,
    linkName: string,
    credentials: Record<string, string> | undefined,
    address: string,
  ): Promise<Connecting>
  /** Of an attempt that was begun from a page which still works; undefined for others. */
  ofAttempt(attempt: AttemptRecord): Promise<ConnectSessionRecord | undefined>
  attempt(session: ConnectSessionRecord, id: string): Promise<AttemptRecord | undefined>
  /** Where to go once this connection is connected: back to whoever sent the person, if nothing is left to do. */
  wayOn(session: ConnectSessionRecord, linkName: string): Promise<string | null>
}

/** What became of it: at the provider, done, or told what is wrong (`errors` by key of the prompt). */
export type Connecting =
  | Awaited<ReturnType<Beginning['authorizeFromPage']>>
  | { kind: 'refused'; error: MooringError; diagnosis: Diagnosis; errors: FieldError[] }

/** The cookie that binds a session to the browser that uses it. */
export function sessionBindingCookie({ id }: Pick<ConnectSessionRecord, 'id'>): string {
  return `mooring_${id}`
}

/** As events and the audit log name the end user. */
export function endUser({ workspaceId, id, user }: ConnectSessionRecord): Actor {
  return { workspaceId, kind: 'connect_session', id, name: user }
}

export function createConnectSessions(parts: ConnectSessionParts): ConnectSessions {
  const { store, vault, authorizer, tries, now, publicUrl } = parts

  /** Shared ones only by name: whoever authorizes one does so for everybody. */
  const chosen = async (workspaceId: string, linkNames: string[] | undefined): Promise<string[]> => {
    if (linkNames === undefined) return perUser(store, workspaceId)
    const ids: string[] = []
    const errors: FieldError[] = []
    for (const [index, linkName] of linkNames.entries()) {
      const found = await store.connections.find(workspaceId, linkName)
      if (found?.linkName === linkName) ids.push(found.id)
      else
        errors.push({
          path: `connections.${index}`,
          code: 'not_found',
          message: `There is no connection with the link name ${linkName}.`,
        })
    }
    if (errors.length > 0) throw invalid(errors)
    return [...new Set(ids)]
  }

  const boundOf = async (connection: ConnectionRecord): Promise<Bound> => {
    const service = await store.services.find(connection.workspaceId, connection.serviceId)
    if (service === undefined) throw notFound('connection')
    return bind(vault, service, connection)
  }

  /** Those that are still there and switched on. */
  const connectionsOf = async (session: ConnectSessionRecord): Promise<ConnectionRecord[]> => {
    const found = await Promise.all(session.connections.map((id) => store.connections.find(session.workspaceId, id)))
    return found.filter((one) => one !== undefined).filter(({ enabled }) => enabled)
  }

  const offers: ConnectSessions['offers'] = async (session) =>
    Promise.all((await connectionsOf(session)).map(async (one) => offerOf(store, await boundOf(one), session.user)))

  return {
    offers,

    async create(caller, input) {
      const { workspaceId } = caller
      const at = now()
      const returnTo = checkReturnTo(input.returnTo, parts) ?? null
      const connections = await chosen(workspaceId, input.connections)
      if (connections.length === 0) {
        throw invalid([
          {
            path: 'connections',
            code: 'required',
            message: 'There is no connection that each user authorizes for themself: name those to offer.',
          },
        ])
      }
      const token = randomToken(32)
      const record: ConnectSessionRecord = {
        id: newId('cns', at),
        workspaceId,
        tokenHash: tokenHash(token),
        bindingHash: null,
        user: input.user.id,
        userName: input.user.name ?? null,
        userEmail: input.user.email ?? null,
        connections,
        returnTo,
        madeBy: actorOf(caller),
        expiresAt: at + life,
        createdAt: at,
      }
      await store.connectSessions.insert(record)
      return { token, url: `${publicUrl()}/connect/s/${token}`, expiresAt: new Date(record.expiresAt).toISOString() }
    },

    async find(token) {
      const session = await store.connectSessions.findByToken(tokenHash(token))
      if (session !== undefined) return session
      throw new MooringError('not_found', {
        detail: 'This link is not known here: it is wrong, or it ended a while ago.',
        hint: 'Ask whoever sent it for a new one.',
      })
    },

    isOver: ({ expiresAt }) => expiresAt <= now(),

    async workspaceOf({ workspaceId }) {
      return (await store.workspaces.list()).find(({ id }) => id === workspaceId)?.name ?? ''
    },

    async bind(session, cookie) {
      const binding = cookie ?? randomToken(32)
      if (await store.connectSessions.bind(session.workspaceId, session.id, tokenHash(binding))) return binding
      throw new MooringError('forbidden', {
        detail: 'This link is in use in another browser.',
        hint: 'Go on there, or ask whoever sent it for a new one.',
      })
    },

    async connect(session, linkName, credentials, address) {
      const connection = (await connectionsOf(session)).find((one) => one.linkName === linkName)
      if (connection === undefined) throw notFound('connection')
      const asked = { user: session.user, connectSessionId: session.id }
      const bound = await boundOf(connection)
      // What is entered goes to the provider: nobody shall guess through this page.
      const account = `connect session ${session.id}`
      try {
        if (credentials === undefined) return await authorizer.authorizeFromPage(endUser(session), bound, asked)
        await tries.count(account, address)
        const entered = { ...asked, credentials: fitting(bound, credentials, now()) }
        const done = await authorizer.authorizeFromPage(endUser(session), bound, entered)
        await tries.right(account, address)
        return done
      } catch (error) {
        return refused(error, bound)
      }
    },

    async ofAttempt({ workspaceId, connectSessionId }) {
      const session =
        connectSessionId === null ? undefined : await store.connectSessions.find(workspaceId, connectSessionId)
      return session === undefined || session.expiresAt <= now() ? undefined : session
    },

    async attempt(session, id) {
      for (const connectionId of session.connections) {
        const found = await store.attempts.find(connectionId, id)
        if (found !== undefined) return found.connectSessionId === session.id ? found : undefined
      }
      return undefined
    },

    async wayOn(session, linkName) {
      const open = (await offers(session)).some(({ state }) => state !== 'connected')
      return open || session.returnTo === null
        ? null
        : withOutcome(session.returnTo, { state: 'succeeded' }, linkName, publicUrl())
    },
  }
}

/** Throws on what is no refusal. */
function refused(error: unknown, bound: Bound): Connecting {
  if (!(error instanceof MooringError) || ['not_found', 'forbidden', 'internal_error'].includes(error.code)) throw error
  const errors = (error.errors ?? []).map((one) => ({ ...one, path: one.path.replace(/^credentials\./, '') }))
  const diagnosis = diagnose(error, circumstancesOf(bound, bound.connection.scopes, 'connect'))
  return { kind: 'refused', error, diagnosis, errors }
}

/** What was pasted, without the white space around it where the values are not right with it. */
function fitting({ scheme, auth }: Bound, values: Record<string, string>, at: number): Record<string, string> {
  if (!('errors' in scheme.read(auth, values, at))) return values
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.trim()]))
}

/** Of all connections those that each user authorizes for themself, by name. */
async function perUser(store: Store, workspaceId: string): Promise<string[]> {
  const found: ConnectionRecord[] = []
  for (let cursor: string | undefined; ;) {
    const { items, nextCursor } = await store.connections.list(workspaceId, {}, { limit: 100, cursor })
    found.push(...items.filter((one) => one.enabled && one.authorizationLevel === 'per_user'))
    if (nextCursor === null) return found.toSorted((a, b) => a.name.localeCompare(b.name)).map(({ id }) => id)
    cursor = nextCursor
  }
}
