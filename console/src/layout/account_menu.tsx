import { Check, ChevronsUpDown, Keyboard, LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react'
import { Link, linkOptions } from '@tanstack/react-router'
import { signOut, useSession } from '../session.tsx'
import { applyTheme, type Theme, useTheme } from '../theme.ts'
import { cn } from '../ui/class_names.ts'
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx'
import { showOverlay } from './overlay.ts'

const themes: { value: Theme; label: string; icon: typeof Sun }[] = [
  { value: 'system', label: 'As the system', icon: Monitor },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
]

export function AccountMenu({ compact = false }: { compact?: boolean }) {
  const { user, workspace } = useSession()
  const theme = useTheme()
  return (
    <Menu
      side={compact ? 'bottom' : 'top'}
      align={compact ? 'end' : 'start'}
      trigger={
        <button
          type="button"
          aria-label={`Account of ${user.name}`}
          className={cn(
            'flex items-center gap-2 rounded-md text-left hover:bg-hover',
            compact ? 'size-9 justify-center' : 'h-11 w-full px-2',
          )}
        >
          <span
            aria-hidden
            className="inline-flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
          >
            {user.name.slice(0, 1).toUpperCase()}
          </span>
          {!compact && (
            <>
              <span className="min-w-0 flex-1">
                <span className="block truncate leading-tight font-medium">{user.name}</span>
                <span className="block truncate text-xs text-ink-3">
                  {workspace} · {user.role}
                </span>
              </span>
              <ChevronsUpDown aria-hidden className="size-4 text-ink-3" />
            </>
          )}
        </button>
      }
    >
      <MenuItem icon={UserRound} render={<Link {...linkOptions({ to: '/settings/me' })} />}>
        Your account
      </MenuItem>
      <MenuItem icon={Keyboard} onClick={() => showOverlay('shortcuts')}>
        Keyboard shortcuts
      </MenuItem>
      <MenuLine />
      {themes.map(({ value, label, icon }) => (
        <MenuItem key={value} icon={icon} onClick={() => applyTheme(value)}>
          {label}
          {theme === value && <Check aria-label="chosen" className="ml-auto size-4" />}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={LogOut} onClick={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  )
}
