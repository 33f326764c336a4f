/** What a list or a page shows when it has nothing to show. */
import type { ReactNode } from 'react'
import { RotateCw } from 'lucide-react'
import { wordsFor } from '../words/problem.ts'
import { Button } from './button.tsx'
import { cn } from './class_names.ts'
import { Notice } from './notice.tsx'

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-line px-6 py-14 text-center">
      <p className="text-base font-semibold">{title}</p>
      {children !== undefined && <div className="max-w-md text-ink-2">{children}</div>}
      {action !== undefined && <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}

/** An error of loading: what happened, what to do, Retry. What was loaded before stays visible below it. */
export function LoadError({ error, onRetry, retrying }: { error: unknown; onRetry: () => void; retrying?: boolean }) {
  const { title, detail, hint, requestId } = wordsFor(error)
  return (
    <Notice
      tone="bad"
      live
      title={title}
      action={
        <Button size="small" busy={retrying ?? false} onClick={onRetry}>
          <RotateCw aria-hidden className="size-3.5" />
          Retry
        </Button>
      }
    >
      <p>{detail}</p>
      {hint !== undefined && <p>{hint}</p>}
      {requestId !== undefined && <p className="font-mono text-xs text-ink-3">Request {requestId}</p>}
    </Notice>
  )
}

/** Grey bars in the shape of what is coming, after 150 ms. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn('late h-4 animate-pulse rounded-sm bg-mute-soft', className)} />
}

export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col divide-y divide-line">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex h-14 items-center gap-4 px-4">
          <Skeleton className="size-8 rounded-md" />
          <Skeleton className="w-1/4" />
          <Skeleton className="ml-auto w-1/6" />
          <Skeleton className="w-1/12" />
        </div>
      ))}
    </div>
  )
}
