/** Where somebody goes once they are signed in. */
import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'

const home = '/connections'

/** A path of this origin, with query and fragment; the start page for whatever else a link holds. */
export function ownPath(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/')) return home
  const url = URL.parse(next, location.origin)
  return url?.origin === location.origin ? url.pathname + url.search + url.hash : home
}

/** Goes on as soon as it is there. */
export function WayOn({ next }: { next?: string | undefined }) {
  const { history } = useRouter()
  useEffect(() => history.replace(ownPath(next)), [history, next])
  return null
}
