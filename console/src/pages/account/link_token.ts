import { useLocation } from '@tanstack/react-router'
import { useEffect, useState } from 'react'

/**
 * The token of a one-time link, from the address's fragment; empty where there is none. It is taken out of the address
 * bar and the history at once. A newer link that is opened in the same tab takes its place.
 */
export function useLinkToken(): string {
  const found = useLocation({ select: ({ hash }) => new URLSearchParams(hash).get('token') ?? '' })
  const [token, setToken] = useState(found)
  if (found !== '' && found !== token) setToken(found)
  useEffect(() => {
    if (found === '') return
    history.replaceState(history.state, '', location.pathname + location.search)
  }, [found])
  return token
}
