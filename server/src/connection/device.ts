/** Authorizing on another device (RFC 8628): a code is asked for and shown; the provider is asked until a person has agreed. */
import type { DeviceCode } from '@mooring/contract'
import type { Actor } from '../access/caller.ts'
import { MooringError } from '../errors.ts'
import { randomToken, tokenHash } from '../ids.ts'
import type { Exchange } from '../schemes/scheme.ts'
import type { AttemptRecord, Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import {
  type Asked,
  deviceCodeOf,
  type DeviceState,
  ended,
  newAttempt,
  openDevice,
  sealDevice,
  withStep,
} from './attempt.ts'
import type { Bound } from './bind.ts'
import type { Endings } from './ending.ts'
import { exchangeTimeout } from './exchange.ts'
import type { Finishing } from './finish.ts'
import { backOff } from './plan.ts'

/** Whoever asks for an attempt has it for this long; should they die meanwhile, another goes on. Milliseconds. */
const turnTime = exchangeTimeout + 10_000
/** RFC 8628 section 3.5: how much slower after each slow_down, and a bound of ours. Seconds. */
const slower = 5
const slowest = 300

export interface DeviceParts {
  store: Store
  vault: Vault
  exchange: Exchange
  now: () => number
  /** In [0, 1). */
  random: () => number
}

/** An attempt whose code is to be shown. */
export interface DeviceStarted {
  attempt: AttemptRecord
  code: DeviceCode
  /** In the address of the attempt's page. */
  token: string
  /** What the browser that began it holds; for others nothing. */
  cookie: string
}

/**
 * Gets a code. `binds`: whether the attempt belongs to the browser that begins it. Throws what the provider's refusal is
 * told as; the attempt has then failed.
 */
export async function startDevice(
  { store, vault, exchange, now }: DeviceParts,
  endings: Endings,
  actor: Actor,
  bound: Bound,
  asked: Asked,
  binds: boolean,
): Promise<DeviceStarted> {
  const token = randomToken(32)
  const cookie = randomToken(32)
  const attempt = newAttempt(actor, bound, asked, token, now())
  await store.attempts.insert(attempt)
  let begun
  try {
    begun = await bound.scheme.beginDevice(bound.auth, { ...bound.scopes, scopes: attempt.scopes }, exchange)
  } catch (error) {
    await endings.fail(attempt, bound, 'asked for a code', error)
    throw error
  }
  const { expiresInSeconds, ...shown } = begun
  const state: DeviceState = { ...shown, failures: 0 }
  const at = now()
  const { host } = new URL(begun.verificationUri)
  const started: AttemptRecord = {
    ...withStep(attempt, at, 'code given', true, `The code is to be entered at ${host}.`),
    kept: sealDevice(vault, attempt, state),
    bindingHash: binds ? tokenHash(cookie) : null,
    pollAt: at + begun.intervalSeconds * 1000,
    expiresAt: at + expiresInSeconds * 1000,
    version: attempt.version + 1,
  }
  // Cancelled while the provider was asked.
  if (!(await store.attempts.update(started))) throw ended()
  return { attempt: started, code: deviceCodeOf(state), token, cookie }
}

/** Asks the provider about an attempt that is due. Of several who want to at once, one does. */
export async function askProvider(
  { store, vault, exchange, now, random }: DeviceParts,
  {
    endings,
    finishing,
    boundOf,
  }: { endings: Endings; finishing: Finishing; boundOf: (attempt: AttemptRecord) => Promise<Bound> },
  due: AttemptRecord,
): Promise<void> {
  const state = openDevice(vault, due)
  if (state === undefined) return
  const taken: AttemptRecord = { ...due, pollAt: now() + turnTime, version: due.version + 1 }
  if (!(await store.attempts.update(taken))) return
  /** Later again, as it is then. Who cancelled meanwhile has the last word. */
  const again = async (changed: DeviceState, waitMs: number, attempt = taken): Promise<void> => {
    const kept = sealDevice(vault, attempt, changed)
    await store.attempts.update({ ...attempt, kept, pollAt: now() + waitMs, version: taken.version + 1 })
  }
  const bound = await boundOf(taken)
  let answer
  try {
    const input = { ...bound.scopes, scopes: taken.scopes, kept: state.kept }
    answer = await bound.scheme.pollDevice(bound.auth, input, exchange)
  } catch (error) {
    const failure = error instanceof MooringError ? error.provider : undefined
    if (failure?.kind !== 'transient') {
      await endings.fail(taken, bound, 'token request', error)
      return
    }
    const failures = state.failures + 1
    const wait = Math.max(state.intervalSeconds * 1000, backOff(failures, failure.retryAfterSeconds, random()))
    // The first of a row is told; what follows would be the same.
    const told =
      failures === 1 && error instanceof MooringError
        ? withStep(taken, now(), 'token request', false, `${error.message} It is asked again.`)
        : taken
    await again({ ...state, failures }, wait, told)
    return
  }
  if (answer === 'pending' || answer === 'slow_down') {
    const wanted = state.intervalSeconds + (answer === 'slow_down' ? slower : 0)
    const intervalSeconds = Math.min(slowest, wanted)
    await again({ ...state, intervalSeconds, failures: 0 }, intervalSeconds * 1000)
    return
  }
  await finishing.granted(taken, bound, answer)
}
