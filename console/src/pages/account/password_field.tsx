import type { ComponentProps, ReactNode } from 'react'
import { Field } from '../../ui/field.tsx'
import { SecretInput } from '../../ui/secret_input.tsx'

/** What the server asks of a new password, told before anybody has to guess. */
export const passwordRule = 'At least 12 characters; a few words make a good one. Not your name or address.'

interface PasswordFieldProps extends ComponentProps<'input'> {
  id: string
  label?: string
  help?: ReactNode
  error?: string | undefined
  /** Which password it is, for password managers. */
  autoComplete: 'current-password' | 'new-password'
}

export function PasswordField({ id, label = 'Password', help, error, ...rest }: PasswordFieldProps) {
  return (
    <Field id={id} label={label} error={error} required help={help}>
      {(parts) => <SecretInput {...rest} {...parts} className="font-sans text-sm" />}
    </Field>
  )
}
