/** Rotations and verifications in words, and what to do about values that do not open. */
import type { Job, JobFailure } from '@mooring/sdk'
import { CircleAlert, CircleCheck, CirclePause, LoaderCircle, type LucideIcon } from 'lucide-react'
import type { Tone } from '../ui/notice.tsx'

export const jobNames: Record<Job['kind'], string> = { key_rotation: 'Rotation', key_verification: 'Verification' }

export const jobStates: Record<Job['state'], { name: string; tone: Tone; icon: LucideIcon }> = {
  running: { name: 'Running', tone: 'info', icon: LoaderCircle },
  paused: { name: 'Paused', tone: 'warn', icon: CirclePause },
  done: { name: 'Done', tone: 'ok', icon: CircleCheck },
  failed: { name: 'Failed', tone: 'bad', icon: CircleAlert },
}

const numbers = new Intl.NumberFormat('en')

export function counted(count: number): string {
  return numbers.format(count)
}

/** "412 of 1,340 credentials re-encrypted". */
export function progressWords({ kind, done, total }: Pick<Job, 'kind' | 'done' | 'total'>): string {
  const what = kind === 'key_rotation' ? 're-encrypted' : 'checked'
  return `${counted(done)} of ${counted(total)} credentials ${what}`
}

/** "a1b2 c3d4 e5f6 0718": in fours, as people compare it. */
export function inFours(fingerprint: string): string {
  return fingerprint.replaceAll(/.{4}(?=.)/g, '$& ')
}

export interface Advice {
  /** What the value is. */
  what: string
  /** What to do about it. */
  todo: string
}

/** By where it is stored; a place that a newer server knows is told by its own name. */
export function adviceFor({ table, field, service, connection }: JobFailure): Advice {
  switch (`${table}.${field}`) {
    case 'authorizations.credential':
      return connection === null
        ? { what: 'A credential', todo: 'What it belonged to is gone; restore it from a back-up.' }
        : { what: `The credential of ${connection}`, todo: 'Reconnect it: the new credential takes its place.' }
    case 'services.secrets':
      return service === null
        ? { what: 'Secrets of a service', todo: 'The service is gone; restore it from a back-up.' }
        : { what: `The secrets of ${service}`, todo: 'Enter them again.' }
    case 'attempts.kept':
    case 'attempts.held_grant':
      return { what: 'A sign-in that is under way', todo: 'It ends by itself within ten minutes.' }
    case 'idempotency.body':
      return { what: 'A reply kept for a repeated request', todo: 'It goes by itself within a day.' }
    default:
      return { what: `${table}.${field}`, todo: 'Restore it from a back-up, or delete what it belongs to.' }
  }
}
