/** Answering what an attempt asks (S-16), and cancelling it. Two at once race for the record's version; one wins. */
import type { Diagnosis } from '@mooring/contract'
import { MooringError, notFound } from '../errors.ts'
import type { AttemptRecord, Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { ended, openGrant, withStep } from './attempt.ts'
import type { Bound } from './bind.ts'
import type { Endings } from './ending.ts'
import { giveBack, type GiveBackParts } from './give_back.ts'

export interface AnswerParts extends GiveBackParts {
  store: Store
  vault: Vault
  now: () => number
}

export interface Answering {
  /**
   * The attempt as it is then: over, or still waiting where the account before has changed and the question with it. An
   * answer that was given already is no error. Throws validation_failed where nothing is asked (any more), not_found.
   */
  answer(attempt: AttemptRecord, replace: boolean, actor: string | null): Promise<AttemptRecord>
  /** Throws validation_failed where it ended otherwise than by being cancelled, not_found. */
  cancel(attempt: AttemptRecord, actor: string): Promise<AttemptRecord>
}

const keptWord = 'account_kept'
const cancelledWord = 'cancelled'

export function createAnswering(
  parts: AnswerParts,
  endings: Endings,
  boundOf: (attempt: AttemptRecord) => Promise<Bound>,
): Answering {
  const { store, vault, now } = parts

  const again = async ({ connectionId, id }: AttemptRecord): Promise<AttemptRecord> => {
    const current = await store.attempts.find(connectionId, id)
    if (current === undefined) throw notFound('attempt')
    if (current.state !== 'waiting' || current.expiresAt > now()) return current
    await store.attempts.expire(now())
    return { ...current, state: 'expired', question: null, heldGrant: null }
  }

  /** Ends it without its grant, which is given back. undefined where another was first. */
  const drop = async (
    attempt: AttemptRecord,
    step: string,
    diagnosis: Diagnosis,
    actor: string | null,
  ): Promise<AttemptRecord | undefined> => {
    const closed = await endings.close(attempt, step, diagnosis, actor)
    if (closed === undefined || attempt.heldGrant === null) return closed
    const { ok, detail } = await giveBack(parts, await boundOf(attempt), openGrant(vault, attempt))
    const told = { ...withStep(closed, now(), 'given back', ok, detail), version: closed.version + 1 }
    return (await store.attempts.update(told)) ? told : closed
  }

  const take = async (attempt: AttemptRecord, actor: string | null): Promise<AttemptRecord | undefined> => {
    const { question } = attempt
    if (question === null) throw ended()
    const bound = await boundOf(attempt)
    const before = (await store.authorizations.find(bound.connection.id, attempt.user))?.account ?? null
    if (before !== null && before !== question.before && before !== question.now) {
      // Somebody else has connected since: it was not this account that was agreed to replace.
      const asked = { ...attempt, question: { ...question, before }, version: attempt.version + 1 }
      return (await store.attempts.update(asked)) ? asked : undefined
    }
    const grant = openGrant(vault, attempt)
    const answered = withStep(attempt, now(), 'answered', true, `${question.now} replaces ${question.before}.`)
    return (await endings.succeed(answered, bound, grant, { cause: 'authorized by a person', verified: true, actor }))
      ?.attempt
  }

  return {
    async answer(attempt, replace, actor) {
      for (let current = attempt; ; current = await again(current)) {
        const { state, question } = current
        if (isAnswer(current, replace)) return current
        if (state !== 'waiting' || question === null) throw nothingAsked(state)
        const answered = replace
          ? await take(current, actor)
          : await drop(current, 'answered', keptDiagnosis(question), actor)
        if (answered !== undefined) return answered
      }
    },

    async cancel(attempt, actor) {
      for (let current = attempt; ; current = await again(current)) {
        if (current.state === 'failed' && current.diagnosis?.code === cancelledWord) return current
        if (current.state !== 'waiting') throw endedAlready(current.state)
        const cancelled = await drop(current, 'cancelled', cancelledDiagnosis, actor)
        if (cancelled !== undefined) return cancelled
      }
    },
  }
}

/** Whether the attempt ended as this answer ends it. */
export function isAnswer({ state, diagnosis }: AttemptRecord, replace: boolean): boolean {
  return replace ? state === 'succeeded' : state === 'failed' && diagnosis?.code === keptWord
}

const cancelledDiagnosis: Diagnosis = {
  code: cancelledWord,
  title: 'You cancelled the sign-in',
  detail: 'Nothing was saved.',
  hint: null,
}

function keptDiagnosis({ before, now }: NonNullable<AttemptRecord['question']>): Diagnosis {
  return {
    code: keptWord,
    title: `You kept ${before}`,
    detail: `The sign-in as ${now} was not saved, and the connection is as it was.`,
    hint: 'To connect again, sign in with the account that it had before.',
  }
}

function nothingAsked(state: AttemptRecord['state']): MooringError {
  if (state === 'waiting')
    return new MooringError('validation_failed', {
      detail: 'This attempt asks nothing: the person has not signed in yet.',
      hint: 'Wait until its question is there.',
    })
  return endedAlready(state)
}

function endedAlready(state: AttemptRecord['state']): MooringError {
  return new MooringError('validation_failed', {
    detail: `This attempt is over: it ${state === 'expired' ? 'took too long' : state}.`,
    hint: 'Read it to see how it ended; to connect, begin a new one.',
  })
}
