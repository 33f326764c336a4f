import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { watchLink } from './data/link_probe.ts'
import { queryClient } from './data/query_client.ts'
import { router } from './router.tsx'
import { currentSession } from './session.tsx'
import './styles.css'
import { startTheme } from './theme.ts'
import { Toasts } from './ui/toasts.tsx'

startTheme()
watchLink()
// Asked while the page's own script is still on its way.
void queryClient.prefetchQuery(currentSession)

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root.')
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
)
