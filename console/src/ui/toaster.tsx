import { Toast } from '@base-ui/react/toast'
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { useEffect } from 'react'
import { cn } from './class_names.ts'
import { newsShown, useNews } from './toast.ts'

export function Toaster() {
  return (
    <Toast.Provider>
      <Toast.Portal>
        <Toast.Viewport
          data-news=""
          className="fixed right-4 bottom-4 z-60 flex w-88 max-w-[calc(100vw-2rem)] flex-col gap-2"
        >
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function List() {
  const { toasts, add } = Toast.useToastManager()
  const news = useNews()
  useEffect(() => {
    for (const { title, description, problem } of news) {
      add({
        title,
        ...(description === undefined ? {} : { description }),
        // Not of high priority: that would hide it from screen readers until it has the focus.
        ...(problem ? { type: 'problem', timeout: 0 } : { timeout: 5000 }),
      })
    }
    newsShown()
  }, [news, add])
  return toasts.map((toast) => {
    const problem = toast.type === 'problem'
    const Icon = problem ? CircleAlert : CircleCheck
    return (
      <Toast.Root
        key={toast.id}
        toast={toast}
        className="rounded-md border border-line bg-raised p-3 shadow-float transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0"
      >
        <Toast.Content className="flex items-start gap-2">
          <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', problem ? 'text-bad' : 'text-ok')} />
          <div className="min-w-0 flex-1">
            <Toast.Title className="font-medium" />
            <Toast.Description className="text-ink-2" />
          </div>
          <Toast.Close
            aria-label="Close"
            className="inline-flex size-6 items-center justify-center rounded-sm text-ink-3 hover:text-ink"
          >
            <X aria-hidden className="size-4" />
          </Toast.Close>
        </Toast.Content>
      </Toast.Root>
    )
  })
}
