/** Authorizing a connection from its beginning to its end, whatever the page shows of it. */
import { type Attempt, type AuthorizeReply, type Connection, MooringError } from '@mooring/sdk'
import { client } from '../data/client.ts'
import { connectionChanged, connectionPrompt } from '../data/connections.ts'
import { queryClient } from '../data/query_client.ts'
import { authTypes } from '../data/services.ts'
import { announce } from '../ui/announce.tsx'
import { tell, tellProblem } from '../ui/toast.ts'
import { wordsFor } from '../words/problem.ts'
import { untilEnded } from './attempt_watch.ts'
import type { Acts, Step, Subject } from './authorizing_step.ts'
import { remarksOn } from './outcome.ts'
import { openSignInWindow, prefersFullPage, type SignInWindow } from './sign_in_window.ts'

export interface BeginOptions {
  /** One that was opened in the click already, where the connection had to be created first; null: none is needed. */
  window?: SignInWindow | null | undefined
  /** Of a per-user connection: who signs in. Asked for where it is left out. */
  user?: string | undefined
}

export interface Flow extends Acts {
  begin: (connection: Connection, options?: BeginOptions) => void
  /** Who is told of the connection once it is authorized. */
  whenDone: (listener: ((connection: Connection) => void) | undefined) => void
  /** The page goes; the attempt stays open. */
  end: () => void
}

export function createFlow(show: (step: Step) => void): Flow {
  let done: ((connection: Connection) => void) | undefined
  let step: Step = { is: 'idle' }
  let signInWindow: SignInWindow | undefined
  let wait = new AbortController()

  const move = (next: Step): void => {
    step = next
    show(next)
  }
  /** Whatever was going on counts no more. */
  const anew = (): AbortSignal => {
    wait.abort()
    wait = new AbortController()
    return wait.signal
  }
  /** Runs a part of the flow; what it throws is shown, unless something else has begun since. */
  const run = (subject: Subject, part: (signal: AbortSignal) => Promise<void>): void => {
    const signal = anew()
    part(signal).catch(async (error: unknown) => {
      const attempt = await attemptBehind(error, subject.connection).catch(() => undefined)
      if (signal.aborted) return
      signInWindow?.close()
      fail(subject, attempt, error)
    })
  }

  const fail = (subject: Subject, attempt: Attempt | undefined, error: unknown): void => {
    move({ is: 'failed', ...subject, redirects: redirectsFor(subject.connection) ?? true, attempt, error })
  }

  const succeed = async (subject: Subject, redirects: boolean, given: Connection | undefined): Promise<void> => {
    const connection = given ?? (await client.connections.get(subject.connection.linkName))
    const remarks = await remarksOn(connection, subject.user, { redirects, now: Date.now() })
    await connectionChanged(connection)
    if (remarks.length === 0) {
      move({ is: 'idle' })
      tell(`${connection.name} is connected`)
    } else {
      move({ is: 'connected', ...subject, connection, redirects, remarks })
    }
    done?.(connection)
  }

  const watch = async (
    subject: Subject,
    begun: Exclude<AuthorizeReply, { kind: 'done' }>,
    signal: AbortSignal,
  ): Promise<void> => {
    const { attempt: id, authorizationUrl: url, expiresAt } = begun
    const device = begun.kind === 'device' ? begun : undefined
    const waiting = (attempt: Attempt | undefined): void =>
      move({ is: 'waiting', ...subject, id, url, startedAt, expiresAt, attempt, device })
    const startedAt = Date.now()
    waiting(undefined)
    const { name } = subject.connection.service
    announce(
      device === undefined
        ? `Waiting for the sign-in at ${name}`
        : `Enter the code ${device.userCode} at ${name}. Waiting for it.`,
    )
    const ended = await untilEnded(subject.connection.linkName, id, { signal, onLook: waiting })
    if (ended.state === 'succeeded') {
      // It closes by itself as well; where its opener was cut off, only that works.
      signInWindow?.close()
      await succeed(subject, true, undefined)
    } else {
      // The other window stays: it shows the provider's words to whoever is looking at it.
      fail(subject, ended, undefined)
    }
  }

  /** Sends this tab to the provider; it comes back to the Connection Summary. */
  const leave = async ({ connection, user }: Subject, signal: AbortSignal): Promise<void> => {
    const reply = await client.connections.authorize(connection.linkName, {
      ...(user === undefined ? {} : { user }),
      returnTo: `/connections/${connection.linkName}`,
    })
    if (reply.kind === 'redirect') location.assign(reply.authorizationUrl)
    else if (reply.kind === 'device') await watch({ connection, user }, reply, signal)
    else await succeed({ connection, user }, true, reply.connection)
  }

  const start = (subject: Subject, opened: SignInWindow | undefined): void => {
    const { connection, user } = subject
    signInWindow = opened
    move({ is: 'starting', ...subject })
    run(subject, async (signal) => {
      const { redirects, fields } = await queryClient.fetchQuery(connectionPrompt(connection.linkName))
      if (signal.aborted) return
      if (!redirects) {
        opened?.close()
        if (fields.length > 0) {
          move({ is: 'asking_values', ...subject, fields })
          return
        }
      } else if (opened === undefined) {
        await leave(subject, signal)
        return
      } else if (opened.blocked) {
        move({ is: 'blocked', ...subject })
        return
      }
      const reply = await client.connections.authorize(connection.linkName, user === undefined ? {} : { user })
      if (signal.aborted) return
      if (reply.kind === 'done') {
        opened?.close()
        await succeed(subject, false, reply.connection)
        return
      }
      if (reply.kind === 'device') opened?.close()
      else opened?.go(reply.authorizationUrl)
      await watch(subject, reply, signal)
    })
  }

  const begin: Flow['begin'] = (connection, { window: given, user } = {}) => {
    if (connection.authorizationLevel === 'per_user' && user === undefined) {
      given?.close()
      move({ is: 'asking_user', connection })
      return
    }
    const needed = given === undefined && needsWindow(connection)
    start({ connection, user }, needed ? openSignInWindow() : (given ?? undefined))
  }

  /** Ends the attempt that is waiting, if any, without a word. */
  const abandon = async (): Promise<void> => {
    if (step.is !== 'waiting') return
    await client.connections.cancelAttempt(step.connection.linkName, step.id)
  }

  return {
    begin,
    nameUser(user) {
      if (step.is === 'asking_user') begin(step.connection, { user })
    },
    async sendValues(credentials) {
      if (step.is !== 'asking_values') return
      const { connection, user } = step
      const reply = await client.connections.authorize(connection.linkName, {
        ...(user === undefined ? {} : { user }),
        credentials,
      })
      if (reply.kind === 'done') await succeed({ connection, user }, false, reply.connection)
    },
    openAgain() {
      if (step.is !== 'waiting') return
      const { connection, user, url } = step
      signInWindow = openSignInWindow()
      signInWindow.go(url)
      if (!signInWindow.blocked) return
      void abandon().catch(() => undefined)
      anew()
      move({ is: 'blocked', connection, user })
    },
    continueHere() {
      if (!('user' in step)) return
      const { connection, user } = step
      void abandon().catch(() => undefined)
      signInWindow?.close()
      move({ is: 'starting', connection, user })
      run({ connection, user }, async (signal) => leave({ connection, user }, signal))
    },
    async answer(replace) {
      if (step.is !== 'waiting') return
      const { connection, id } = step
      try {
        await client.connections.answerAttempt(connection.linkName, id, { replace })
      } catch (error) {
        const { title, detail } = wordsFor(error)
        tellProblem(title, detail)
      }
    },
    async cancel() {
      try {
        await abandon()
      } catch (error) {
        const { title, detail } = wordsFor(error)
        tellProblem(title, detail)
        return
      }
      anew()
      signInWindow?.close()
      move({ is: 'idle' })
      announce('Cancelled. Nothing was changed.')
    },
    again() {
      if ('user' in step) begin(step.connection, { user: step.user })
    },
    dismiss() {
      anew()
      move({ is: 'idle' })
    },
    whenDone(listener) {
      done = listener
    },
    end() {
      done = undefined
      wait.abort()
    },
  }
}

/**
 * Whether to open a window in the click, before the server can be asked. Opened in vain, where a type sends people to
 * the provider only in some of its variants, it is closed again; opened too late, it is blocked.
 */
function needsWindow(connection: Connection): boolean {
  if (prefersFullPage()) return false
  const known = redirectsFor(connection)
  if (known !== undefined) return known
  const type = queryClient.getQueryData(authTypes.queryKey)?.find((one) => one.type === connection.service.authType)
  return type?.redirects ?? true
}

/** Whether a person is sent to the provider, as far as the server was asked already. */
function redirectsFor(connection: Connection): boolean | undefined {
  return queryClient.getQueryData(connectionPrompt(connection.linkName).queryKey)?.redirects
}

/** The steps and the diagnosis, where it was the provider that refused: the server has written them down just now. */
async function attemptBehind(error: unknown, { linkName }: Connection): Promise<Attempt | undefined> {
  if (!(error instanceof MooringError) || ![422, 502, 504].includes(error.status)) return undefined
  const [latest] = (await client.connections.attempts(linkName, { limit: 1 })).items
  return latest?.state === 'failed' ? latest : undefined
}
