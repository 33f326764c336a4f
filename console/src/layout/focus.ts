import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { announce } from '../ui/announce.tsx'

/**
 * A new page is read from its heading, as a browser does for a new document: the focus goes there, unless it stays on
 * something that is still on the page (the tab that was followed, a field that a page gives the focus to). Then the new
 * title is announced.
 */
export function useFocusAfterNavigation(): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname })
  const before = useRef(path)
  useEffect(() => {
    const from = before.current
    before.current = path
    if (from === undefined || from === path) return
    const main = document.getElementById('main')
    const active = document.activeElement
    if (main === null || active?.closest('[role=dialog],[role=alertdialog]')) return
    if (active !== main && main.contains(active)) {
      announce(document.title)
      return
    }
    const heading = main.querySelector('h1')
    heading?.setAttribute('tabindex', '-1')
    ;(heading ?? main).focus({ preventScroll: true })
  }, [path])
}
