/** What the palette offers, and in which order. */
import type { Connection, Service } from '@mooring/sdk'
import type { LinkProps } from '@tanstack/react-router'
import type { NavItem } from './nav.ts'

export interface Entry {
  /** Stays the same from visit to visit; what was chosen lately is remembered by it. */
  key: string
  label: string
  /** Also searched, and shown small. */
  detail: string
  to: LinkProps | (() => void)
  icon?: NavItem['icon']
  connection?: Connection
  service?: Service
}

export function entriesOf(
  connections: readonly Connection[],
  services: readonly Service[],
  pages: readonly NavItem[],
  actions: readonly Entry[],
): Entry[] {
  return [
    ...connections.map((connection) => ({
      key: `connection ${connection.linkName}`,
      label: connection.name,
      detail: connection.linkName,
      to: { to: '/connections/$link', params: { link: connection.linkName } } satisfies LinkProps,
      connection,
    })),
    ...pages.map(({ label, link, icon }) => ({ key: `page ${label}`, label, detail: 'Page', to: link, icon })),
    ...actions,
    ...services.map((service) => ({
      key: `service ${service.linkName}`,
      label: service.name,
      detail: service.linkName,
      to: { to: '/services/$link/general', params: { link: service.linkName } } satisfies LinkProps,
      service,
    })),
  ]
}

const shown = 50

/**
 * Those in which every word of the query occurs, best first: labels that begin with it, words that do, the rest. What was
 * chosen lately comes first among equals, and with nothing typed first of all.
 */
export function search(entries: readonly Entry[], query: string, recent: readonly string[]): Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return entries
    .map((entry, index) => ({ entry, index, rank: rankOf(entry, words), lately: recent.indexOf(entry.key) }))
    .filter(({ rank }) => rank < Infinity)
    .toSorted((a, b) => a.rank - b.rank || latelyFirst(a.lately, b.lately) || a.index - b.index)
    .slice(0, shown)
    .map(({ entry }) => entry)
}

function rankOf({ label, detail }: Entry, words: readonly string[]): number {
  const name = label.toLowerCase()
  const all = `${name} ${detail.toLowerCase()}`
  if (!words.every((word) => all.includes(word))) return Infinity
  const [first] = words
  if (first === undefined || name.startsWith(words.join(' '))) return 0
  return name.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(first)) ? 1 : 2
}

function latelyFirst(a: number, b: number): number {
  return (a === -1 ? Infinity : a) === (b === -1 ? Infinity : b)
    ? 0
    : (a === -1 ? Infinity : a) - (b === -1 ? Infinity : b)
}

const storage = 'mooring.recent'
const remembered = 8

/** Newest first. */
export function recentKeys(): string[] {
  return (localStorage.getItem(storage) ?? '').split('\n').filter(Boolean)
}

export function remember({ key }: Entry): void {
  const keys = [key, ...recentKeys().filter((other) => other !== key)].slice(0, remembered)
  localStorage.setItem(storage, keys.join('\n'))
}
