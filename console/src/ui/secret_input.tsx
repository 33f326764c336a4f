import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, useState } from 'react'
import { cn } from './class_names.ts'
import { Input } from './field.tsx'

/**
 * For what must not be read over a shoulder. Pasting is allowed. `stored` says that a value is kept already: the field
 * is empty then, and stays as it is unless something is typed. Password managers keep out unless `autoComplete` names a
 * password of a person.
 */
export function SecretInput({ stored = false, className, ...rest }: ComponentProps<'input'> & { stored?: boolean }) {
  const [shown, setShown] = useState(false)
  const label = shown ? 'Hide' : 'Show'
  return (
    <span className="relative block">
      <Input
        spellCheck={false}
        autoCapitalize="none"
        data-1p-ignore={rest.autoComplete === undefined ? true : undefined}
        {...rest}
        type={shown ? 'text' : 'password'}
        placeholder={stored ? '•••••••• stored; type to replace' : rest.placeholder}
        className={cn('pr-9 font-mono text-[13px]', className)}
      />
      <button
        type="button"
        aria-label={label}
        aria-pressed={shown}
        title={label}
        disabled={rest.disabled}
        onClick={() => setShown(!shown)}
        className="absolute top-1/2 right-1 inline-flex size-7 -translate-y-1/2 items-center justify-center rounded-md text-ink-3 hover:text-ink"
      >
        {shown ? <EyeOff aria-hidden className="size-4" /> : <Eye aria-hidden className="size-4" />}
      </button>
    </span>
  )
}
