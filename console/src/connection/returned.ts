import type { Connection } from '@mooring/sdk'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Authorizing } from './authorizing.tsx'

/**
 * On the page that a sign-in comes back to (`?connection=…&status=…`): shows what became of it, once. `connection` may
 * still be loading.
 */
export function useReturned(connection: Connection | undefined, { resume }: Pick<Authorizing, 'resume'>): void {
  const { status } = useSearch({ strict: false })
  const navigate = useNavigate()
  useEffect(() => {
    if (status === undefined || connection === undefined) return
    resume(connection)
    // Loading the page anew does not tell it again.
    void navigate({ to: '.', search: {}, replace: true })
  }, [status, connection, resume, navigate])
}
