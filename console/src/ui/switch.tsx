import { type ComponentProps, type ReactNode, useId } from 'react'

interface SwitchProps extends Omit<ComponentProps<'input'>, 'type' | 'role'> {
  label: string
  checked: boolean
  help?: ReactNode
}

/** On or off, at once. */
export function Switch({ label, help, checked, ...rest }: SwitchProps) {
  const id = useId()
  return (
    <div className="flex items-start gap-3">
      <span className="relative mt-0.5 inline-flex h-6 w-10 shrink-0">
        <input
          id={id}
          type="checkbox"
          role="switch"
          checked={checked}
          aria-checked={checked}
          aria-describedby={help === undefined ? undefined : `${id}-help`}
          {...rest}
          className="peer absolute inset-0 size-full cursor-pointer appearance-none rounded-full border border-control bg-mute-soft transition-colors checked:border-accent checked:bg-accent disabled:cursor-default disabled:opacity-60"
        />
        <span
          aria-hidden
          className="pointer-events-none absolute top-1 left-1 size-4 rounded-full bg-control transition-transform peer-checked:translate-x-4 peer-checked:bg-on-accent"
        />
      </span>
      <div className="min-w-0">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {help !== undefined && (
          <p id={`${id}-help`} className="text-[13px] text-ink-3">
            {help}
          </p>
        )}
      </div>
    </div>
  )
}
