import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from './class_names.ts'

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'mute'

const tones: Record<Tone, string> = {
  ok: 'border-ok/30 bg-ok-soft text-ok',
  warn: 'border-warn/30 bg-warn-soft text-warn',
  bad: 'border-bad/30 bg-bad-soft text-bad',
  info: 'border-info/30 bg-info-soft text-info',
  mute: 'border-line bg-mute-soft text-mute',
}
const icons = { ok: CircleCheck, warn: TriangleAlert, bad: CircleAlert, info: Info, mute: Info }

interface NoticeProps {
  tone: Tone
  title?: ReactNode
  children?: ReactNode
  /** Buttons, at the end. */
  action?: ReactNode
  /** In place of the tone's own. */
  icon?: typeof Info
  /** Read out when it appears. */
  live?: boolean
  className?: string
}

/** A strip that says something about what is below it. */
export function Notice({ tone, title, children, action, icon, live = false, className }: NoticeProps) {
  const Icon = icon ?? icons[tone]
  return (
    <div
      role={live ? (tone === 'bad' ? 'alert' : 'status') : undefined}
      className={cn('flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md border p-3', tones[tone], className)}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1 basis-60">
        {title !== undefined && <p className="font-semibold">{title}</p>}
        {children !== undefined && <div className="text-ink-2">{children}</div>}
      </div>
      {action !== undefined && <div className="flex flex-wrap gap-2">{action}</div>}
    </div>
  )
}

/** A word with a colour and an icon; the colour is never the only sign. */
export function Badge({
  tone,
  icon: Icon,
  children,
  spin = false,
}: {
  tone: Tone
  icon?: typeof Info
  children: ReactNode
  spin?: boolean
}) {
  return (
    <span
      className={cn(
        'inline-flex h-6 items-center gap-1 rounded-full border px-2 text-xs font-medium whitespace-nowrap',
        tones[tone],
      )}
    >
      {Icon !== undefined && <Icon aria-hidden className={cn('size-3.5', spin && 'animate-spin')} />}
      {children}
    </span>
  )
}
