import { MooringError } from '@mooring/sdk'
import { QueryClient } from '@tanstack/react-query'

/** What the server refused stays refused; a hiccup is worth a second and a third try. */
function worthRetrying(failures: number, error: unknown): boolean {
  const hiccup = error instanceof MooringError && (error.code === 'unreachable' || error.status >= 500)
  return hiccup && failures < 2
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5000, retry: worthRetrying, refetchOnWindowFocus: true, retryDelay: 800 },
    mutations: { retry: false },
  },
})
