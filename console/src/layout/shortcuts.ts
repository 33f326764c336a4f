/** Single-letter shortcuts (WCAG 2.1.4: they can be switched off), only where nobody is typing. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent } from 'react'
import { useMay } from '../session.tsx'
import { useNav } from './nav.ts'

const key = 'mooring.shortcuts'

export function shortcutsOn(): boolean {
  return localStorage.getItem(key) !== 'off'
}

export function setShortcuts(on: boolean): void {
  if (on) localStorage.removeItem(key)
  else localStorage.setItem(key, 'off')
}

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
    let goAt = 0
    const listen = (event: KeyboardEvent): void => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || !shortcutsOn()) return
      if (document.querySelector('[role=dialog],[role=alertdialog],[role=menu]') !== null) return
      if (performance.now() - goAt < chordTime) {
        goAt = 0
        reach(event.key)
        return
      }
      if (event.key === 'g') goAt = performance.now()
      else if (event.key === 'c') add()
      else if (event.key === '/') {
        const search = document.querySelector<HTMLInputElement>('main input[type=search]')
        if (search === null) return
        event.preventDefault()
        search.focus()
      }
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
