/** The words people read for what the API says in codes and instants. */
import type { Connection } from '@mooring/sdk'
import type { Output } from './output.ts'

type Style = Output['style']

const words: Record<Connection['status'], [format: Parameters<Style>[0], words: string]> = {
  created: ['dim', '○ Not connected'],
  active: ['green', '✓ Active'],
  reauthorization_required: ['red', '✗ Reconnect needed'],
  revoked: ['dim', '○ Revoked'],
  disabled: ['dim', '○ Disabled'],
}

/** The status of a connection with its sign; colour only underlines it. */
export function statusWords(connection: Pick<Connection, 'status' | 'reauthorizationNeeded'>, style: Style): string {
  if (connection.status === 'active' && connection.reauthorizationNeeded) {
    return style('yellow', '! Active, reconnect for new scopes')
  }
  return style(...words[connection.status])
}

export const stageWords = (stage: 'draft' | 'ready', style: Style): string =>
  stage === 'ready' ? style('green', '✓ Ready') : style('yellow', '○ Draft')

/** A tick or a cross. */
export const mark = (ok: boolean, style: Style): string => (ok ? style('green', '✓') : style('red', '✗'))

const units: [seconds: number, name: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
]

/** `in 42 min`, `3 h ago`, `now`; `never` (or what is given) for null. */
export function relativeTime(instant: string | null | undefined, now: Date, whenNone = 'never'): string {
  if (instant === null || instant === undefined) return whenNone
  const seconds = Math.round((Date.parse(instant) - now.getTime()) / 1000)
  if (Number.isNaN(seconds)) return instant
  const size = Math.abs(seconds)
  const unit = units.find(([length]) => size >= length)
  if (unit === undefined) return 'now'
  const amount = `${Math.floor(size / unit[0])} ${unit[1]}`
  return seconds > 0 ? `in ${amount}` : `${amount} ago`
}
