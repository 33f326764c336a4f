/** Short news at the edge of the page. What needs an answer, or must not be missed, is no toast. */
import { Toast } from '@base-ui/react/toast'
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from './class_names.ts'

const manager = Toast.createToastManager()

/** Says that something worked, or what became of it. */
export function tell(title: string, description?: string): void {
  manager.add({ title, ...(description === undefined ? {} : { description }), timeout: 5000 })
}

/** Says that something did not work, where there is no better place for it. Stays until it is closed. */
export function tellProblem(title: string, description?: string): void {
  manager.add({
    title,
    ...(description === undefined ? {} : { description }),
    type: 'problem',
    timeout: 0,
    priority: 'high',
  })
}

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-60 flex w-88 max-w-[calc(100vw-2rem)] flex-col gap-2">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function List() {
  const { toasts } = Toast.useToastManager()
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
