import type { Connection } from '@mooring/sdk'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { tell } from '../../ui/toast.ts'

/**
 * Where a sign-in in this tab has come back (`?connection=…&status=…`): says that it went well, once. True where it did
 * not, for as long as the page is open; why is told with the attempt.
 */
export function useReturned({ name }: Connection): boolean {
  const { status } = useSearch({ strict: false })
  const navigate = useNavigate()
  const [failed, setFailed] = useState(false)
  if (status === 'failed' && !failed) setFailed(true)
  useEffect(() => {
    if (status === undefined) return
    if (status === 'succeeded') tell(`${name} is connected`)
    // Loading the page anew does not tell it again.
    void navigate({ to: '.', search: {}, replace: true })
  }, [status, name, navigate])
  return failed
}
