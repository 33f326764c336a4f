import { Link, Outlet } from '@tanstack/react-router'
import { CircleHelp, Menu as MenuIcon, Search } from 'lucide-react'
import { useState } from 'react'
import { Announcer } from '../ui/announce.tsx'
import { IconButton } from '../ui/button.tsx'
import { Sheet } from '../ui/dialog.tsx'
import { later, notLoaded } from '../ui/later.ts'
import { tellProblem } from '../ui/toast.ts'
import { AccountMenu } from './account_menu.tsx'
import { useFocusAfterNavigation } from './focus.ts'
import { Mark } from './mark.tsx'
import { type NavItem, useNav } from './nav.ts'
import { showOverlay, useOverlay } from './overlay.ts'
import { commandKey, useShortcuts } from './shortcuts.ts'

/** The frame of every page of somebody who is signed in. */
export function Shell() {
  const [drawer, setDrawer] = useState(false)
  useShortcuts()
  useFocusAfterNavigation()
  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only z-70 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <header className="sticky top-0 z-20 flex h-13 items-center gap-2 border-b border-line bg-rail px-3 md:hidden">
        <IconButton label="Menu" aria-expanded={drawer} onClick={() => setDrawer(true)} className="size-9">
          <MenuIcon aria-hidden className="size-5" />
        </IconButton>
        <Brand />
        <IconButton label="Search" onClick={() => showOverlay('palette')} className="ml-auto size-9">
          <Search aria-hidden className="size-5" />
        </IconButton>
        <AccountMenu compact />
      </header>
      <Sheet open={drawer} onClose={() => setDrawer(false)} title="Menu" side="left">
        <div className="p-3">
          <Nav onNavigate={() => setDrawer(false)} />
        </div>
      </Sheet>
      <aside
        aria-label="Sidebar"
        className="sticky top-0 hidden h-dvh w-60 shrink-0 flex-col gap-4 overflow-y-auto border-r border-line bg-rail p-3 md:flex"
      >
        <div className="px-1.5 pt-1">
          <Brand />
        </div>
        <button
          type="button"
          onClick={() => showOverlay('palette')}
          className="flex h-9 shrink-0 items-center gap-2 rounded-md border border-control bg-card px-2.5 whitespace-nowrap text-ink-3 hover:text-ink"
        >
          <Search aria-hidden className="size-4" />
          Search or jump to
          <kbd className="ml-auto rounded-sm border border-line px-1 font-sans text-xs">{commandKey}K</kbd>
        </button>
        <Nav />
        <div className="mt-auto">
          <AccountMenu />
        </div>
      </aside>
      <main id="main" tabIndex={-1} className="min-w-0 flex-1 focus-visible:outline-none">
        <Outlet />
      </main>
      <Announcer />
      <Overlays />
    </div>
  )
}

// Loaded when they are first opened.
const palettePart = later(async () => import('./palette.tsx'))
const shortcutsPart = later(async () => import('./shortcuts_dialog.tsx'))

function Overlays() {
  const overlay = useOverlay()
  const close = (): void => showOverlay(null)
  const giveUp = (): void => {
    close()
    tellProblem(...notLoaded)
  }
  const palette = palettePart.usePart(overlay === 'palette', giveUp)
  const shortcuts = shortcutsPart.usePart(overlay === 'shortcuts', giveUp)
  if (overlay === 'palette' && palette !== undefined) return <palette.Palette onClose={close} />
  if (overlay === 'shortcuts' && shortcuts !== undefined) return <shortcuts.ShortcutsDialog onClose={close} />
  return null
}

function Brand() {
  return (
    <Link to="/connections" className="flex w-fit items-center gap-2 rounded-sm text-base font-semibold tracking-tight">
      <Mark />
      Mooring
    </Link>
  )
}

function Nav({ onNavigate }: { onNavigate?: () => void }) {
  const { main, settings } = useNav()
  return (
    <nav aria-label="Main" className="flex flex-col gap-4">
      <Links items={main} {...(onNavigate ? { onNavigate } : {})} />
      <div>
        <p className="px-2.5 pb-1 text-xs font-medium text-ink-3">Settings</p>
        <Links items={settings} {...(onNavigate ? { onNavigate } : {})} />
      </div>
      <a href="/docs" target="_blank" rel="noreferrer" className={navClass}>
        <CircleHelp aria-hidden className="size-4" />
        Help and API reference
      </a>
    </nav>
  )
}

const navClass =
  'flex min-h-8 items-center gap-2.5 rounded-md px-2.5 text-ink-2 hover:bg-hover hover:text-ink aria-[current=page]:bg-card aria-[current=page]:font-medium aria-[current=page]:text-ink aria-[current=page]:shadow-[inset_0_0_0_1px_var(--line)]'

function Links({ items, onNavigate }: { items: NavItem[]; onNavigate?: () => void }) {
  return (
    <ul className="flex flex-col gap-0.5">
      {items.map(({ label, icon: Icon, link }) => (
        <li key={label}>
          <Link {...link} onClick={onNavigate} activeOptions={{ includeSearch: false }} className={navClass}>
            <Icon aria-hidden className="size-4" />
            {label}
          </Link>
        </li>
      ))}
    </ul>
  )
}
