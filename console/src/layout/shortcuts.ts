/** Keys that work everywhere. Single letters can be switched off (WCAG 2.1.4), and do nothing where somebody is typing. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent } from 'react'
import { useMay } from '../session.tsx'
import { useNav } from './nav.ts'
import { currentOverlay, showOverlay } from './overlay.ts'

const key = 'mooring.shortcuts'

export function shortcutsOn(): boolean {
  return localStorage.getItem(key) !== 'off'
}

export function setShortcuts(on: boolean): void {
  if (on) localStorage.removeItem(key)
  else localStorage.setItem(key, 'off')
}

export const commandKey = /Mac|iP(hone|ad)/.test(navigator.userAgent) ? '⌘' : 'Ctrl '

/** A second key of `g c` counts for this long, in milliseconds. */
const chordTime = 1500

export function useShortcuts(): void {
  const navigate = useNavigate()
  const { main, settings } = useNav()
  const manages = useMay('manage')
  const reach = useEffectEvent((shortcut: string) => {
    const item = [...main, ...settings].find((one) => one.shortcut === shortcut)
    if (item !== undefined) void navigate(item.link)
  })
  const add = useEffectEvent(() => {
    if (manages) void navigate({ to: '/connections/new' })
  })
  useEffect(() => {
    let goAt = -Infinity
    const withCommand = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === 'k' && !event.shiftKey) {
        event.preventDefault()
        if (currentOverlay() !== null) showOverlay(null)
        else if (!isCovered()) showOverlay('palette')
      } else if (event.key === 'Enter' && event.target instanceof HTMLElement) {
        const form = event.target.closest('form')
        if (form === null) return
        event.preventDefault()
        form.requestSubmit()
      }
    }
    const plain = (event: KeyboardEvent): void => {
      if (isTyping(event.target) || isCovered()) return
      if (event.key === 'Escape') {
        // To where the page says it belongs.
        document.querySelector<HTMLAnchorElement>('main a[data-back]')?.click()
        return
      }
      if (!shortcutsOn()) return
      if (performance.now() - goAt < chordTime) {
        goAt = -Infinity
        reach(event.key)
        return
      }
      if (event.key === 'g') goAt = performance.now()
      else if (event.key === 'c') add()
      else if (event.key === '?') showOverlay('shortcuts')
      else if (event.key === '/') {
        event.preventDefault()
        const search = document.querySelector<HTMLInputElement>('main input[type=search]')
        if (search === null) showOverlay('palette')
        else search.focus()
      }
    }
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return
      if (event.metaKey || event.ctrlKey) withCommand(event)
      else plain(event)
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}

/** Something lies over the page and has the keys. News at its edge, which are dialogs by role, do not. */
function isCovered(): boolean {
  const over = document.querySelectorAll('[role=dialog],[role=alertdialog],[role=menu],[role=listbox]')
  return [...over].some((element) => element.closest('[data-news]') === null)
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
