/** The record of an attempt to authorize: how it begins, what its steps say, what it keeps sealed. */
import type { Attempt, AuthorizeInput, DeviceCode } from '@mooring/contract'
import { z } from 'zod'
import { type Actor, actorOf, stableId } from '../access/caller.ts'
import { MooringError } from '../errors.ts'
import { newId, tokenHash } from '../ids.ts'
import type { Grant } from '../schemes/scheme.ts'
import type { AttemptRecord } from '../store.ts'
import type { Place, Vault } from '../vault/vault.ts'
import type { Bound } from './bind.ts'

/** An attempt is dead after this long (S-3), in milliseconds. A question gives it as long again. */
export const attemptLife = 600_000

/** What an attempt is for. */
export interface Asked extends Pick<AuthorizeInput, 'user' | 'returnTo'> {
  /** Of the page it is begun from. */
  connectSessionId?: string | undefined
}

/** `token`: in the address of the attempt's page; null where it has none. */
export function newAttempt(actor: Actor, bound: Bound, asked: Asked, token: string | null, at: number): AttemptRecord {
  return {
    id: newId('att', at),
    workspaceId: actor.workspaceId,
    serviceId: bound.service.id,
    connectionId: bound.connection.id,
    user: asked.user ?? '',
    state: 'waiting',
    steps: [{ at, step: 'begun', ok: true, detail: `Begun by ${actorOf(actor)}.` }],
    diagnosis: null,
    tokenHash: token === null ? null : tokenHash(token),
    correlationHash: null,
    bindingHash: null,
    kept: null,
    scopes: bound.connection.scopes,
    returnTo: asked.returnTo ?? null,
    actor: actorOf(actor),
    begunBy: stableId(actor),
    question: null,
    heldGrant: null,
    connectSessionId: asked.connectSessionId ?? null,
    pollAt: null,
    version: 1,
    createdAt: at,
    expiresAt: at + attemptLife,
  }
}

export function withStep(attempt: AttemptRecord, at: number, step: string, ok: boolean, detail: string): AttemptRecord {
  return { ...attempt, steps: [...attempt.steps, { at, step, ok, detail }] }
}

/** Who began it. */
export function beginnerOf({ workspaceId, begunBy, actor }: AttemptRecord): Actor | undefined {
  const [kind = '', id = ''] = (begunBy ?? '').split(':')
  if (kind !== 'user' && kind !== 'api_key' && kind !== 'connect_session') return undefined
  return { workspaceId, kind, id, name: (actor ?? '').slice(kind.length + 1) }
}

/** The cookie that binds an attempt to the browser that started it. */
export function bindingCookie(attemptId: string): string {
  return `mooring_${attemptId}`
}

/** Whether a browser with this cookie is the one that started. */
export function isBoundTo({ bindingHash }: AttemptRecord, cookie: string | undefined): boolean {
  return bindingHash !== null && cookie !== undefined && tokenHash(cookie) === bindingHash
}

export function ended(): MooringError {
  return new MooringError('not_found', {
    detail: 'This sign-in does not exist, is over, or was used already.',
    hint: 'Begin a new one.',
  })
}

type Sealed = Pick<AttemptRecord, 'id' | 'workspaceId'>

function placeOf({ id, workspaceId }: Sealed, field: 'kept' | 'held_grant'): Place {
  return { workspaceId, table: 'attempts', row: id, field }
}

/** What the scheme keeps until the callback. */
export function sealKept(vault: Vault, attempt: Sealed, kept: Record<string, string>): Uint8Array {
  return vault.seal(placeOf(attempt, 'kept'), JSON.stringify(kept))
}

const keptValues = z.record(z.string(), z.string())

export function openKept(vault: Vault, attempt: AttemptRecord): Record<string, string> {
  if (attempt.kept === null) return {}
  return keptValues.parse(JSON.parse(vault.open(placeOf(attempt, 'kept'), attempt.kept)))
}

/** The grant that waits for an answer. */
export function sealGrant(vault: Vault, attempt: Sealed, grant: Grant<unknown>): Uint8Array {
  return vault.seal(placeOf(attempt, 'held_grant'), JSON.stringify(grant))
}

const heldGrant = z.object({
  credential: z.unknown(),
  expiresAt: z.number().nullable(),
  grantedScopes: z.array(z.string()).nullable(),
  account: z.string().nullable(),
  notes: z.array(z.string()),
  learned: z.record(z.string(), z.string()).default({}),
})

export function openGrant(vault: Vault, attempt: AttemptRecord): Grant<unknown> {
  if (attempt.heldGrant === null) throw ended()
  return heldGrant.parse(JSON.parse(vault.open(placeOf(attempt, 'held_grant'), attempt.heldGrant)))
}

/** Of an attempt that waits for a person on another device: what they are shown, and how the asking stands. */
const deviceState = z.object({
  userCode: z.string(),
  verificationUri: z.string(),
  verificationUriComplete: z.string().nullable(),
  intervalSeconds: z.number(),
  /** Of the scheme. */
  kept: keptValues,
  /** Times in a row that the provider could not be asked. */
  failures: z.number(),
})
export type DeviceState = z.infer<typeof deviceState>

export function sealDevice(vault: Vault, attempt: Sealed, state: DeviceState): Uint8Array {
  return vault.seal(placeOf(attempt, 'kept'), JSON.stringify(state))
}

/** undefined where the attempt does not wait for another device. */
export function openDevice(vault: Vault, attempt: AttemptRecord): DeviceState | undefined {
  if (attempt.state !== 'waiting' || attempt.pollAt === null || attempt.kept === null) return undefined
  return deviceState.parse(JSON.parse(vault.open(placeOf(attempt, 'kept'), attempt.kept)))
}

export function deviceCodeOf(state: DeviceState): DeviceCode {
  const { userCode, verificationUri, verificationUriComplete, intervalSeconds } = state
  return { userCode, verificationUri, verificationUriComplete, intervalSeconds }
}

export function attemptReply(vault: Vault, record: AttemptRecord): Attempt {
  const device = openDevice(vault, record)
  return {
    id: record.id,
    state: record.state,
    user: record.user === '' ? null : record.user,
    steps: record.steps.map((step) => ({ ...step, at: new Date(step.at).toISOString() })),
    diagnosis: record.diagnosis,
    question: record.question,
    device: device === undefined ? null : deviceCodeOf(device),
    createdAt: new Date(record.createdAt).toISOString(),
    expiresAt: new Date(record.expiresAt).toISOString(),
  }
}
