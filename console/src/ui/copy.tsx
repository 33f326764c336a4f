import { Check, Copy } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { announce } from './announce.tsx'
import { Button, IconButton } from './button.tsx'
import { cn } from './class_names.ts'

/** Says "Copied" for two seconds. Without a clipboard (plain http) it selects the text of `fallback` instead. */
export function useCopy(): { copied: boolean; copy: (text: string, fallback?: HTMLInputElement | null) => void } {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  return {
    copied,
    copy(text, fallback) {
      const selects = (): void => {
        fallback?.focus()
        fallback?.select()
      }
      if (!('clipboard' in navigator)) {
        selects()
        return
      }
      navigator.clipboard.writeText(text).then(() => {
        setCopied(true)
        announce('Copied')
      }, selects)
    },
  }
}

export function CopyButton({ text, label = 'Copy', className }: { text: string; label?: string; className?: string }) {
  const { copied, copy } = useCopy()
  const Icon = copied ? Check : Copy
  return (
    <Button size="small" className={className} onClick={() => copy(text)}>
      <Icon aria-hidden className="size-3.5" />
      {copied ? 'Copied' : label}
    </Button>
  )
}

/** The same without words, beside what it copies. `label`: "Copy link name". */
export function CopyIcon({ text, label }: { text: string; label: string }) {
  const { copied, copy } = useCopy()
  const Icon = copied ? Check : Copy
  return (
    <IconButton label={copied ? 'Copied' : label} onClick={() => copy(text)} className="size-6">
      <Icon aria-hidden className="size-3.5" />
    </IconButton>
  )
}

/** A value to take elsewhere, such as the callback URL: readable in full, selectable, with Copy. */
export function CopyField({ value, label, className }: { value: string; label: string; className?: string }) {
  const input = useRef<HTMLInputElement>(null)
  const { copied, copy } = useCopy()
  const id = useId()
  const Icon = copied ? Check : Copy
  return (
    <div className={cn('flex gap-2', className)}>
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <input
        ref={input}
        id={id}
        readOnly
        value={value}
        onFocus={(event) => event.currentTarget.select()}
        className="h-9 w-full min-w-0 rounded-md border border-control/60 bg-mute-soft px-2.5 font-mono text-[13px]"
      />
      <Button aria-label={`Copy ${label}`} onClick={() => copy(value, input.current)}>
        <Icon aria-hidden className="size-4" />
        {copied ? 'Copied' : 'Copy'}
      </Button>
    </div>
  )
}
