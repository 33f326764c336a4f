/** What happened, in words: for the activity log and the timeline of a connection. */
import type { Activity } from '@mooring/sdk'
import {
  ArrowLeftRight,
  Ban,
  Blocks,
  Cable,
  CircleAlert,
  CircleCheck,
  Eye,
  FlaskConical,
  KeyRound,
  LockKeyhole,
  LogIn,
  type LucideIcon,
  Mail,
  PencilLine,
  Plug,
  PlugZap,
  Power,
  PowerOff,
  RotateCw,
  Trash2,
  TriangleAlert,
  UserRound,
} from 'lucide-react'
import type { Tone } from '../ui/notice.tsx'

export interface ActivityWords {
  title: string
  /** `mute` where all is as it should be: success is quiet, failure is loud. */
  tone: Tone
  icon: LucideIcon
}

/** Of types that say the same whatever the entry holds. */
const plain: Record<string, ActivityWords> = {
  'service.ready': { title: 'Service marked as Ready', tone: 'mute', icon: Blocks },
  'service.secrets_replaced': { title: 'Secrets of the service replaced', tone: 'mute', icon: KeyRound },
  'connection.created': { title: 'Connection created', tone: 'mute', icon: Plug },
  'connection.authorized': { title: 'Connected', tone: 'ok', icon: PlugZap },
  'connection.authorization_failed': { title: 'Could not connect', tone: 'bad', icon: CircleAlert },
  'connection.refreshed': { title: 'Token refreshed', tone: 'mute', icon: RotateCw },
  'connection.refresh_failed': { title: 'Refresh failed', tone: 'warn', icon: RotateCw },
  'connection.reauthorization_required': { title: 'Reconnect needed', tone: 'bad', icon: CircleAlert },
  'connection.revoked': { title: 'Revoked', tone: 'mute', icon: Ban },
  'connection.enabled': { title: 'Connection enabled', tone: 'mute', icon: Power },
  'connection.disabled': { title: 'Connection disabled', tone: 'mute', icon: PowerOff },
  'connection.updated': { title: 'Connection changed', tone: 'mute', icon: PencilLine },
  'connection.credentials_read': { title: 'Credential read', tone: 'warn', icon: Eye },
  'connection.deleted': { title: 'Connection deleted', tone: 'mute', icon: Trash2 },
  'api_key.created': { title: 'API key created', tone: 'mute', icon: KeyRound },
  'api_key.deleted': { title: 'API key deleted', tone: 'mute', icon: Trash2 },
  'user.created': { title: 'Person added', tone: 'mute', icon: UserRound },
  'user.updated': { title: 'Person changed', tone: 'mute', icon: UserRound },
  'user.deleted': { title: 'Person removed', tone: 'mute', icon: Trash2 },
  'user.signed_in': { title: 'Signed in', tone: 'mute', icon: LogIn },
  'user.password_changed': { title: 'Password changed', tone: 'mute', icon: KeyRound },
  'user.password_link_created': { title: 'Password link made', tone: 'mute', icon: KeyRound },
  'invitation.created': { title: 'Person invited', tone: 'mute', icon: Mail },
  'invitation.deleted': { title: 'Invitation withdrawn', tone: 'mute', icon: Mail },
  'provider.paused': { title: 'Renewals wait for the provider', tone: 'warn', icon: TriangleAlert },
  'provider.resumed': { title: 'The provider answers again', tone: 'mute', icon: RotateCw },
  'key.rotated': { title: 'Encryption key rotated', tone: 'mute', icon: LockKeyhole },
}

/** A type that a newer server knows is told by its own name. */
export function activityWords(entry: Activity): ActivityWords {
  switch (entry.type) {
    case 'connection.invoked':
      return call(entry)
    case 'connection.tested':
      return entry.ok
        ? { title: 'Test passed', tone: 'ok', icon: FlaskConical }
        : { title: 'Test failed', tone: 'bad', icon: FlaskConical }
    case 'connection.updated':
      if (!entry.ok) return { title: 'The provider did not confirm the revocation', tone: 'warn', icon: TriangleAlert }
      break
    case 'api_key.created':
      if (entry.cause === 'rolled') return { title: 'API key rolled', tone: 'mute', icon: KeyRound }
      break
    case 'connection.credentials_read':
      if (entry.count !== undefined) return { title: `Credential read ${entry.count} times`, tone: 'warn', icon: Eye }
      break
    default:
  }
  const known = plain[entry.type]
  if (known !== undefined) return known
  const [what = '', happened = ''] = entry.type.split('.')
  const title = `${what} ${happened}`.replaceAll('_', ' ').trim()
  return { title, tone: entry.ok ? 'mute' : 'bad', icon: entry.ok ? CircleCheck : CircleAlert }
}

/** Method and path; for calls that were folded into one entry, which name no path, their number. */
function call({ ok, method = '', host = '', path = '', status = 0, count = 1 }: Activity): ActivityWords {
  const title = path === '' ? `${count} calls, ${method} ${host}` : `${method} ${path}`
  return { title, tone: ok ? 'mute' : status >= 500 ? 'bad' : 'warn', icon: ok ? ArrowLeftRight : TriangleAlert }
}

export interface ActivityKind {
  /** As the API filters: a type, or the part before its dot. */
  value: string
  label: string
}

/** Kinds of events to choose from, the most wanted first. */
export const activityKinds: readonly { label: string; kinds: readonly ActivityKind[] }[] = [
  {
    label: 'Use',
    kinds: [
      { value: 'connection.invoked', label: 'Calls' },
      { value: 'connection.tested', label: 'Tests' },
      { value: 'connection.credentials_read', label: 'Credentials read' },
    ],
  },
  {
    label: 'Staying connected',
    kinds: [
      { value: 'connection.refreshed', label: 'Tokens refreshed' },
      { value: 'connection.refresh_failed', label: 'Refreshes that failed' },
      { value: 'connection.reauthorization_required', label: 'Reconnect needed' },
      { value: 'connection.authorized', label: 'Connected' },
      { value: 'connection.authorization_failed', label: 'Could not connect' },
      { value: 'connection.revoked', label: 'Revoked' },
    ],
  },
  {
    label: 'Everything about',
    kinds: [
      { value: 'connection', label: 'Connections, calls included' },
      { value: 'service', label: 'Services' },
      { value: 'api_key', label: 'API keys' },
      { value: 'user', label: 'People' },
      { value: 'invitation', label: 'Invitations' },
      { value: 'key', label: 'Encryption keys' },
    ],
  },
]

const callers: Record<string, LucideIcon> = { user: UserRound, api_key: KeyRound }

/** Who: `user:Olga Owner` as a name and what it is. null: Mooring itself, which keeps connections live by itself. */
export function actorWords(actor: string | null): { name: string; what: string; icon: LucideIcon } {
  if (actor === null || actor === 'system') return { name: 'Mooring', what: 'by itself', icon: Cable }
  const at = actor.indexOf(':')
  const kind = actor.slice(0, Math.max(at, 0))
  const what = kind === 'api_key' ? 'API key' : kind === 'user' ? 'person' : kind.replaceAll('_', ' ')
  return { name: actor.slice(at + 1), what, icon: callers[kind] ?? UserRound }
}

/** The same in running text: "Olga", "API key Billing job". */
export function nameOf(actor: string | null): string {
  const { name, what } = actorWords(actor)
  return what === 'API key' ? `${what} ${name}` : name
}

/** Types whose title says all that their detail does. */
const titled = ['created', 'revoked', 'enabled', 'disabled'].map((word) => `connection.${word}`)

/** What there is to add to the title; empty where that is nothing. */
export function detailWords({ type, ok, detail }: Pick<Activity, 'type' | 'ok' | 'detail'>): string {
  if (ok && titled.includes(type)) return ''
  // What was noticed on the way is the part worth telling.
  return type === 'connection.authorized' ? detail.replace(/^Authorized\. ?/, '') : detail
}

const causes: Record<string, string> = {
  // That somebody asked for it is told by who it was.
  'asked for': '',
  due: 'it was due',
  expired: 'the token had ended',
  'refused by the API': 'the API refused the token',
  credentials: '',
  'authorized by a person': 'signed in at the provider',
  revocation: '',
}

/** Why it happened, where that is known; codes of failures stay as they came. */
export function causeWords(cause: string | null): string {
  if (cause === null) return ''
  return cause
    .split('; ')
    .map((part) => causes[part] ?? part)
    .filter((part) => part !== '')
    .join(', ')
}
