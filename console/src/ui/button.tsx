import { LoaderCircle } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cn } from './class_names.ts'

export type ButtonLook = 'primary' | 'plain' | 'quiet' | 'danger' | 'danger-quiet'

const looks: Record<ButtonLook, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong border-transparent',
  plain: 'bg-card text-ink border-control/60 hover:bg-hover',
  quiet: 'bg-transparent text-ink-2 border-transparent hover:bg-hover hover:text-ink',
  danger: 'bg-bad text-card border-transparent hover:opacity-90',
  'danger-quiet': 'bg-transparent text-bad border-transparent hover:bg-bad-soft',
}

export interface ButtonStyle {
  look?: ButtonLook
  size?: 'small' | 'normal'
}

/** For links that look like buttons. */
export function buttonClass({ look = 'plain', size = 'normal' }: ButtonStyle = {}): string {
  return cn(
    'inline-flex select-none items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors disabled:opacity-55 aria-disabled:opacity-55',
    size === 'small' ? 'h-7 px-2 text-[13px]' : 'h-9 px-3',
    looks[look],
  )
}

interface ButtonProps extends ComponentProps<'button'>, ButtonStyle {
  /** Keeps its label and its width; a second click does nothing. */
  busy?: boolean
}

export function Button({ look, size, busy = false, className, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={cn(buttonClass({ ...(look ? { look } : {}), ...(size ? { size } : {}) }), className)}
    >
      {busy && <LoaderCircle aria-hidden className="late size-4 animate-spin" />}
      {children}
    </button>
  )
}

interface IconButtonProps extends ComponentProps<'button'> {
  /** What it does; read out, and shown as the title. */
  label: string
}

export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={cn(
        'inline-flex size-7 shrink-0 items-center justify-center rounded-md text-ink-3 transition-colors hover:bg-hover hover:text-ink disabled:opacity-50',
        className,
      )}
    >
      {children}
    </button>
  )
}
