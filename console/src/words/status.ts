/** The status words of a connection (what each is true of, what to do about it), worked out from what the server says. */
import type { Connection } from '@mooring/sdk'
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDot,
  Clock,
  ListChecks,
  LoaderCircle,
  type LucideIcon,
  Plug,
  PowerOff,
  RotateCw,
} from 'lucide-react'
import type { Tone } from '../ui/notice.tsx'
import { span } from './time.ts'

export interface StatusWords {
  key:
    | 'not_connected'
    | 'waiting'
    | 'saved'
    | 'active'
    | 'expires_soon'
    | 'retrying'
    | 'reconnect'
    | 'missing_scopes'
    | 'revoked'
    | 'disabled'
  word: string
  tone: Tone
  icon: LucideIcon
  /** Why, in a few words; empty where the word says it all. */
  reason: string
  action: 'connect' | 'test' | 'reconnect' | 'refresh' | 'review' | 'connect_again' | 'enable' | null
  attention: boolean
}

/** Scopes asked for that the provider did not grant. Where it did not say, all were granted (RFC 6749 section 5.1). */
export function missingScopes(connection: Pick<Connection, 'grantedScopes' | 'scopes'>): string[] {
  const { grantedScopes, scopes } = connection
  return grantedScopes === null ? [] : scopes.filter((scope) => !grantedScopes.includes(scope))
}

/** While an attempt to authorize is open. */
export const waitingForSignIn: StatusWords = word(
  'waiting',
  'Waiting for sign-in',
  'info',
  LoaderCircle,
  'Not finished yet',
  'connect',
  false,
)

/** `now` in milliseconds. */
export function statusOf(connection: Connection, now: number): StatusWords {
  const left = connection.expiresAt === null ? null : Date.parse(connection.expiresAt) - now
  if (!connection.enabled || connection.status === 'disabled') {
    return word('disabled', 'Disabled', 'mute', PowerOff, 'Switched off here', 'enable', false)
  }
  switch (connection.status) {
    case 'created':
      return word('not_connected', 'Not connected', 'mute', Plug, 'Never authorized', 'connect', true)
    case 'revoked':
      return word('revoked', 'Revoked', 'mute', Ban, '', 'connect_again', false)
    case 'reauthorization_required':
      return word(
        'reconnect',
        'Reconnect needed',
        'bad',
        CircleAlert,
        connection.lastError?.detail ?? '',
        'reconnect',
        true,
      )
    case 'active':
      break
    default:
      connection.status satisfies never
  }
  if (!connection.autoRefresh && left !== null && left <= 0) {
    return word('reconnect', 'Reconnect needed', 'bad', CircleAlert, 'The access token has ended', 'reconnect', true)
  }
  if (connection.reauthorizationNeeded) {
    return word(
      'missing_scopes',
      'Missing scopes',
      'warn',
      ListChecks,
      'Scopes were changed since it was authorized',
      'review',
      true,
    )
  }
  const missing = missingScopes(connection)
  if (missing.length > 0) {
    const reason = `${missing.length} of ${connection.scopes.length} scopes not granted`
    return word('missing_scopes', 'Missing scopes', 'warn', ListChecks, reason, 'review', true)
  }
  if (connection.lastError !== null && connection.autoRefresh) {
    const next =
      connection.nextRefreshAt === null
        ? ', next try at the next call'
        : `, next try in ${span(Date.parse(connection.nextRefreshAt) - now)}`
    return word('retrying', 'Retrying', 'warn', RotateCw, `Refresh failed${next}`, 'refresh', true)
  }
  if (!connection.autoRefresh && left !== null && left < 86_400_000) {
    return word(
      'expires_soon',
      'Expires soon',
      'warn',
      Clock,
      `Expires in ${span(left)}, sign in again`,
      'reconnect',
      true,
    )
  }
  // Of a connection that each user authorizes for themself, the tokens are told with the users.
  if (connection.verifiedAt === null && connection.authorizationLevel === 'shared') {
    return word('saved', 'Saved, not tested', 'mute', CircleDot, 'No request was accepted yet', 'test', false)
  }
  return word('active', 'Active', 'ok', CircleCheck, '', null, false)
}

function word(
  key: StatusWords['key'],
  text: string,
  tone: Tone,
  icon: LucideIcon,
  reason: string,
  action: StatusWords['action'],
  attention: boolean,
): StatusWords {
  return { key, word: text, tone, icon, reason, action, attention }
}

/** "in 12 min" where it is renewed by itself, "expires in 3 min" where it is not; never both. */
export function nextStep(connection: Connection, now: number): string {
  if (connection.status !== 'active') return '–'
  if (connection.authorizationLevel === 'per_user') return 'per user'
  if (connection.autoRefresh && connection.nextRefreshAt !== null) {
    const left = Date.parse(connection.nextRefreshAt) - now
    return left <= 0 ? 'due now' : `in ${span(left)}`
  }
  if (!connection.autoRefresh && connection.expiresAt !== null) {
    const left = Date.parse(connection.expiresAt) - now
    return left <= 0 ? 'expired' : `expires in ${span(left)}`
  }
  return connection.expiresAt === null ? 'does not expire' : 'at the next call'
}
