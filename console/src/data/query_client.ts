import { MooringError } from '@mooring/sdk'
import { QueryClient } from '@tanstack/react-query'

/** What the server refused stays refused; a hiccup is worth a second and a third try. */
function worthRetrying(failures: number, error: unknown): boolean {
  const hiccup = error instanceof MooringError && (error.code === 'unreachable' || error.status >= 500)
  return hiccup && failures < 2
}

export const queryClient = new QueryClient({
  defaultOptions: {
    // A server on this machine answers without a network: whether it does is found out by asking.
    queries: {
      staleTime: 5000,
      retry: worthRetrying,
      refetchOnWindowFocus: true,
      retryDelay: 800,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
})
