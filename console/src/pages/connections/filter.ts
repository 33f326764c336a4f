/** Which connections a list shows: by a tile, and by what is typed. */
import type { Connection } from '@mooring/sdk'
import { statusOf } from '../../words/status.ts'

export type Show = 'active' | 'attention' | 'revoked'

export const tiles: { show: Show | undefined; label: string }[] = [
  { show: undefined, label: 'All' },
  { show: 'active', label: 'Active' },
  { show: 'attention', label: 'Needs attention' },
  { show: 'revoked', label: 'Revoked' },
]

/** `now` in milliseconds. */
export function isShown(connection: Connection, show: Show | undefined, now: number): boolean {
  const { key, attention } = statusOf(connection, now)
  switch (show) {
    case undefined:
      return true
    case 'active':
      return key === 'active'
    case 'attention':
      return attention
    case 'revoked':
      return key === 'revoked'
    default:
      return show satisfies never
  }
}

/** By name, link name or service. */
export function isFound({ name, linkName, service }: Connection, query: string): boolean {
  const wanted = query.toLowerCase()
  return [name, linkName, service.name].some((text) => text.toLowerCase().includes(wanted))
}
