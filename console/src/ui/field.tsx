/** Labels, help and errors around a control, wired for screen readers. */
import { CircleAlert } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from './class_names.ts'

export const controlClass =
  'w-full min-w-0 rounded-md border border-control bg-card px-2.5 text-ink placeholder:text-ink-3 focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-accent aria-invalid:border-bad disabled:bg-mute-soft disabled:text-ink-3'

/** Of what is typed into; a select counts as read-only too. */
const readOnlyClass = 'read-only:bg-mute-soft'

export interface FieldParts {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
  'aria-required': true | undefined
}

export interface FieldProps {
  label: string
  /** A second, technical or older name, shown smaller. */
  also?: string | undefined
  help?: ReactNode
  error?: string | undefined
  required?: boolean
  /** Says "optional" behind the label. */
  optional?: boolean
  /** Beside the label, at the end of the line. */
  aside?: ReactNode
  /** Where errors of forms point to: the id of the control. */
  id?: string | undefined
  className?: string
  children: (parts: FieldParts) => ReactNode
}

export function Field({ label, also, help, error, required, optional, aside, id, className, children }: FieldProps) {
  const made = useId()
  const control = id ?? made
  const helpId = help === undefined || help === null ? undefined : `${control}-help`
  const errorId = error === undefined ? undefined : `${control}-error`
  return (
    <div className={cn('flex min-w-0 flex-col gap-1', className)}>
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={control} className="font-medium">
          {label}
          {also !== undefined && <span className="text-xs font-normal text-ink-3"> {also}</span>}
          {optional === true && <span className="text-xs font-normal text-ink-3"> optional</span>}
        </label>
        {aside}
      </div>
      {children({
        id: control,
        'aria-describedby': [errorId, helpId].filter(Boolean).join(' ') || undefined,
        'aria-invalid': error === undefined ? undefined : true,
        'aria-required': required === true ? true : undefined,
      })}
      {error !== undefined && <FieldMessage id={errorId}>{error}</FieldMessage>}
      {helpId !== undefined && (
        <p id={helpId} className="text-[13px] text-ink-3">
          {help}
        </p>
      )}
    </div>
  )
}

export function FieldMessage({ id, children }: { id?: string | undefined; children: ReactNode }) {
  return (
    <p id={id} className="flex items-start gap-1.5 text-[13px] text-bad">
      <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      <span>{children}</span>
    </p>
  )
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input autoComplete="off" {...rest} className={cn(controlClass, readOnlyClass, 'h-9', className)} />
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea rows={3} {...rest} className={cn(controlClass, readOnlyClass, 'py-1.5', className)} />
}

/** The browser's own: it works with every keyboard, screen reader and phone. */
export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return <select {...rest} className={cn(controlClass, 'select-arrow h-9 appearance-none pr-8', className)} />
}

interface CheckboxProps extends Omit<ComponentProps<'input'>, 'type'> {
  label: ReactNode
  help?: ReactNode
}

export function Checkbox({ label, help, className, ...rest }: CheckboxProps) {
  const helpId = useId()
  return (
    <div className={cn('flex items-start gap-2', className)}>
      <input
        id={`${helpId}-box`}
        type="checkbox"
        aria-describedby={help === undefined ? undefined : helpId}
        {...rest}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <div className="min-w-0">
        <label htmlFor={rest.id ?? `${helpId}-box`}>{label}</label>
        {help !== undefined && (
          <p id={helpId} className="text-[13px] text-ink-3">
            {help}
          </p>
        )}
      </div>
    </div>
  )
}
