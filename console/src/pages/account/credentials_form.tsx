/** Address and password. Light on purpose: it is a part of the first page anybody sees. */
import type { Session } from '@mooring/sdk'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { client } from '../../data/client.ts'
import { Button } from '../../ui/button.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordField } from './password_field.tsx'
import { type SignInProblem, signInProblem } from './sign_in_words.ts'

interface CredentialsFormProps {
  /** Filled in already. */
  email?: string
  onSignedIn: (session: Session) => Promise<void>
  /** Below the button: another way in. */
  children?: ReactNode
}

const missing = 'Fill this in.'

export function CredentialsForm({ email: known = '', onSignedIn, children }: CredentialsFormProps) {
  const form = useRef<HTMLFormElement>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<SignInProblem>()
  const [empty, setEmpty] = useState<{ email?: string; password?: string }>({})

  // Read from the form itself: a browser that fills it in does not always say so.
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const [email, password] = [text(given.get('email')).trim(), text(given.get('password'))]
    setEmpty({ ...(email === '' ? { email: missing } : {}), ...(password === '' ? { password: missing } : {}) })
    setProblem(undefined)
    if (email === '' || password === '') {
      focusOn(form.current, email === '' ? 'email' : 'password')
      return
    }
    setBusy(true)
    try {
      await onSignedIn(await client.session.signIn({ email, password }))
    } catch (error) {
      setProblem(signInProblem(error))
      focusOn(form.current, 'password')
    } finally {
      setBusy(false)
    }
  }
  useEffect(() => focusOn(form.current, known === '' ? 'email' : 'password'), [known])

  return (
    <form ref={form} noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      {problem !== undefined && (
        <Notice tone="bad" live title={problem.title}>
          {problem.todo}
        </Notice>
      )}
      <Field id="sign-in-email" label="E-mail address" required error={empty.email}>
        {(parts) => (
          <Input {...parts} name="email" type="email" autoComplete="username" spellCheck={false} defaultValue={known} />
        )}
      </Field>
      <PasswordField id="sign-in-password" name="password" autoComplete="current-password" error={empty.password} />
      <div className="flex flex-col gap-2">
        <Button type="submit" look="primary" busy={busy}>
          Sign in
        </Button>
        {children}
      </div>
    </form>
  )
}

function focusOn(form: HTMLFormElement | null, name: string): void {
  const control = form?.elements.namedItem(name)
  if (!(control instanceof HTMLInputElement)) return
  control.focus()
  control.select()
}

function text(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : ''
}
