/** What happened, as people read it: a few words, an icon and a tone for every type of event. */
import type { Activity } from '@mooring/sdk'
import {
  ArrowLeftRight,
  Ban,
  CircleAlert,
  CircleCheck,
  Eye,
  FlaskConical,
  KeyRound,
  Link2,
  Link2Off,
  type LucideIcon,
  Pencil,
  Plus,
  Power,
  PowerOff,
  RotateCw,
  Trash2,
  TriangleAlert,
  UserRound,
} from 'lucide-react'
import type { Tone } from '../ui/notice.tsx'

export interface ActivityWords {
  words: string
  icon: LucideIcon
  tone: Tone
}

type Entry = [words: string, icon: LucideIcon, tone?: Tone]

/** When it went well. What is the ordinary course of things is quiet. */
const fine: Record<string, Entry> = {
  'connection.created': ['Created', Plus],
  'connection.authorized': ['Connected', Link2, 'ok'],
  'connection.refreshed': ['Token refreshed', RotateCw],
  'connection.revoked': ['Revoked', Ban, 'warn'],
  'connection.enabled': ['Enabled', Power],
  'connection.disabled': ['Disabled', PowerOff, 'warn'],
  'connection.updated': ['Changed', Pencil],
  'connection.tested': ['Test passed', FlaskConical],
  'connection.credentials_read': ['Raw credential read', Eye, 'warn'],
  'connection.invoked': ['Called', ArrowLeftRight],
  'connection.deleted': ['Deleted', Trash2, 'warn'],
  'service.ready': ['Service marked as ready', CircleCheck],
  'service.secrets_replaced': ['Client secret replaced', KeyRound],
  'api_key.created': ['API key created', KeyRound],
  'api_key.deleted': ['API key deleted', Trash2],
  'user.created': ['Person joined', UserRound],
  'user.updated': ['Person changed', UserRound],
  'user.deleted': ['Person removed', UserRound],
  'user.signed_in': ['Signed in', UserRound],
  'user.password_changed': ['Password changed', KeyRound],
  'user.password_link_created': ['Password link made', KeyRound],
  'invitation.created': ['Invitation made', Plus],
  'invitation.deleted': ['Invitation taken back', Trash2],
}

/** When it did not, or is a failure by itself. */
const failed: Record<string, Entry> = {
  'connection.authorization_failed': ['Sign-in failed', Link2Off, 'bad'],
  'connection.refresh_failed': ['Refresh failed', TriangleAlert, 'warn'],
  'connection.reauthorization_required': ['Reconnect needed', CircleAlert, 'bad'],
  'connection.updated': ['The provider did not confirm', TriangleAlert, 'warn'],
  'connection.tested': ['Test failed', FlaskConical, 'bad'],
  'connection.invoked': ['Call failed', ArrowLeftRight, 'bad'],
}

/** Also for a type this console does not know: then its own name, in words. */
export function activityWords({ type, ok }: Pick<Activity, 'type' | 'ok'>): ActivityWords {
  const [words, icon, tone] = (ok ? fine[type] : (failed[type] ?? fine[type])) ?? [inWords(type), CircleCheck]
  return { words, icon, tone: tone ?? (ok ? 'mute' : 'bad') }
}

/** Types to choose from in a filter. */
export const activityTypes = [...new Set([...Object.keys(fine), ...Object.keys(failed)])].sort()

/** `api_key.rolled` → "Api key rolled". */
function inWords(type: string): string {
  const text = type.replaceAll(/[._]+/g, ' ')
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** Who caused it: "Olga", "API key Billing job"; nobody is the server itself. */
export function actorWords(actor: string | null): string {
  if (actor === null) return 'Mooring'
  const [, kind, name = ''] = /^(\w+):(.*)$/s.exec(actor) ?? []
  return kind === 'user' ? name : kind === 'api_key' ? `API key ${name}` : actor
}

/** Why, where that is more than that somebody asked; the codes of failures stay as they came. */
export function causeWords(cause: string | null): string {
  if (cause === null) return ''
  return cause
    .split('; ')
    .map((part) => causes[part] ?? part)
    .filter(Boolean)
    .join(', ')
}

const causes: Record<string, string> = {
  'asked for': '',
  due: 'it was due',
  expired: 'the token had ended',
  'refused by the API': 'the API refused the token',
  credentials: 'with values that were typed in',
  'authorized by a person': 'by a person at the provider',
  revocation: '',
}
