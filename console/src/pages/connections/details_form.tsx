/** The form of Connection Details. */
import type { Connection } from '@mooring/sdk'
import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react'
import { useWatch } from 'react-hook-form'
import { openSignInWindow, prefersFullPage, type SignInWindow } from '../../connection/sign_in_window.ts'
import { client } from '../../data/client.ts'
import { useForm } from '../../forms/use_form.tsx'
import { commandKey } from '../../layout/shortcuts.ts'
import { Button } from '../../ui/button.tsx'
import { Section } from '../../ui/page.tsx'
import { randomText } from '../../words/random.ts'
import { AppFields } from './app_fields.tsx'
import type { How } from './connecting.tsx'
import { LevelFields, NameFields } from './details_parts.tsx'
import type { Target } from './details_target.ts'
import { type DetailsValues, detailsSchema, fieldOfPath, firstValues, inputOf, type Known } from './details_values.ts'
import { useTakenOnServer } from './link_name_taken.ts'
import { PlaceholderFields } from './placeholder_fields.tsx'
import { ScopePicker } from './scope_picker.tsx'

interface DetailsFormProps {
  target: Target
  /** Of the callback URL shown, where the service is made along with the connection. */
  callbackId: string | undefined
  known: readonly Known[]
  onCreated: (connection: Connection, how: How) => void
}

export function DetailsForm({ target, callbackId, known, onCreated }: DetailsFormProps) {
  const [first] = useState(() => firstValues(target, known))
  const opened = useRef<SignInWindow>(undefined)
  const sent = useRef({ body: '', key: '' })
  // The watched link name decides what is taken, so the rules are made with each of them.
  const [linkName, setLinkName] = useState(first.linkName)
  const takenOnServer = useTakenOnServer(linkName)
  const taken = (name: string): boolean =>
    known.some((one) => one.linkName === name) || (name === linkName && takenOnServer === true)
  const schema = detailsSchema(target, taken)

  const details = useForm<DetailsValues>({
    id: 'details',
    values: first,
    schema,
    fieldOf: (path) => fieldOfPath(path, first),
    send: async (values) => {
      const window = opened.current
      const input = inputOf(target, values)
      const body = JSON.stringify(input)
      // The same once more, because its answer was lost, makes no second connection.
      if (sent.current.body !== body) sent.current = { body, key: randomText(32) }
      try {
        const connection = await client.connections.create(input, { idempotencyKey: sent.current.key })
        onCreated(connection, {
          window: target.redirects ? window : null,
          user: values.level === 'shared' ? undefined : values.user.trim() || null,
        })
      } catch (error) {
        window?.close()
        throw error
      }
    },
  })
  const { form, field, busy, summary } = details
  const scopes = useWatch({ control: form.control, name: 'scopes' })
  const level = useWatch({ control: form.control, name: 'level' })

  const submit = (event: FormEvent): void => {
    if (busy) {
      event.preventDefault()
      return
    }
    const values = form.getValues()
    const signsInNow = target.redirects && (values.level === 'shared' || values.user.trim() !== '')
    // In the event itself, or the browser blocks it; and only where the form will be sent.
    opened.current =
      signsInNow && !prefersFullPage() && schema.safeParse(values).success ? openSignInWindow() : undefined
    details.onSubmit(event)
  }
  const sendByKeys = (event: KeyboardEvent<HTMLFormElement>): void => {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return
    event.preventDefault()
    event.currentTarget.requestSubmit()
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- ⌘Enter sends the form from any field
    <form noValidate autoComplete="off" onSubmit={submit} onKeyDown={sendByKeys} className="flex flex-col gap-5">
      {summary}
      {target.entry !== null && callbackId !== undefined && (
        <AppFields entry={target.entry} callbackId={callbackId} details={details} />
      )}
      <Section {...(target.entry === null ? {} : { title: 'The connection' })}>
        <div className="flex flex-col gap-5 p-4">
          <NameFields
            details={details}
            known={known}
            taken={taken}
            free={takenOnServer === false}
            onLinkName={setLinkName}
          />
          <PlaceholderFields placeholders={target.placeholders} details={details} />
          {target.scopes.length > 0 && (
            <ScopePicker
              id={field('scopes').id}
              error={field('scopes').error}
              service={target.name}
              scopes={target.scopes}
              chosen={scopes}
              onChange={(chosen) => form.setValue('scopes', chosen, { shouldDirty: true })}
            />
          )}
          <LevelFields details={details} level={level} />
        </div>
        <div className="flex flex-wrap items-center justify-end gap-x-3 gap-y-2 border-t border-line px-4 py-3">
          <p className="text-[13px] text-ink-3">{nextOf(target)}</p>
          <Button type="submit" look="primary" busy={busy} title={`${commandKey}Enter`}>
            Create and Connect
          </Button>
        </div>
      </Section>
    </form>
  )
}

/** What the button leads to. */
function nextOf({ name, redirects }: Target): string {
  if (!redirects) return ''
  return prefersFullPage() ? `Takes you to ${name} to sign in.` : `${name} opens in a window of its own to sign in.`
}
