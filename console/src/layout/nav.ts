import { type LinkProps, linkOptions } from '@tanstack/react-router'
import {
  Activity,
  Blocks,
  Cable,
  Info,
  KeyRound,
  LockKeyhole,
  type LucideIcon,
  ScrollText,
  Send,
  UserRound,
  Users,
} from 'lucide-react'
import { mayDo, type Right, useSession } from '../session.tsx'

export interface NavItem {
  label: string
  icon: LucideIcon
  link: LinkProps
  /** After `g`. */
  shortcut?: string
  /** Whoever has not got it is not shown where this leads. */
  right?: Right
}

const mainNav: NavItem[] = [
  { label: 'Connections', icon: Cable, link: linkOptions({ to: '/connections' }), shortcut: 'c' },
  { label: 'Custom services', icon: Blocks, link: linkOptions({ to: '/services' }), shortcut: 's' },
  { label: 'Activity', icon: Activity, link: linkOptions({ to: '/activity' }), shortcut: 'a' },
  { label: 'Try a request', icon: Send, link: linkOptions({ to: '/try' }), shortcut: 't' },
]

const settingsNav: NavItem[] = [
  { label: 'Users', icon: Users, link: linkOptions({ to: '/settings/users' }) },
  { label: 'API keys', icon: KeyRound, link: linkOptions({ to: '/settings/api-keys' }), shortcut: 'k', right: 'keys' },
  { label: 'Audit log', icon: ScrollText, link: linkOptions({ to: '/settings/audit-log' }), right: 'audit' },
  { label: 'Encryption', icon: LockKeyhole, link: linkOptions({ to: '/settings/encryption' }), right: 'encryption' },
  { label: 'Instance', icon: Info, link: linkOptions({ to: '/settings/instance' }) },
  { label: 'Your account', icon: UserRound, link: linkOptions({ to: '/settings/me' }) },
]

/** What the person who is signed in may open. */
export function useNav(): { main: NavItem[]; settings: NavItem[] } {
  const { role } = useSession().user
  const open = ({ right }: NavItem): boolean => right === undefined || mayDo(role, right)
  return { main: mainNav.filter(open), settings: settingsNav.filter(open) }
}
