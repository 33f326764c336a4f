import { MooringError } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { client } from '../../data/client.ts'

/** In milliseconds. */
const pause = 300

/** Whether a connection has this link name, asked once somebody pauses; undefined while it is not known. */
export function useTakenOnServer(linkName: string): boolean | undefined {
  const [asked, setAsked] = useState(linkName)
  useEffect(() => {
    const timer = setTimeout(() => setAsked(linkName), pause)
    return () => clearTimeout(timer)
  }, [linkName])
  const found = useQuery({
    queryKey: ['link-name', asked],
    queryFn: async ({ signal }): Promise<boolean> => {
      try {
        await client.connections.get(asked, { signal })
        return true
      } catch (error) {
        if (error instanceof MooringError && error.status === 404) return false
        throw error
      }
    },
    enabled: /^[A-Za-z][A-Za-z0-9_]{0,49}$/.test(asked),
    retry: false,
  })
  return asked === linkName ? found.data : undefined
}
