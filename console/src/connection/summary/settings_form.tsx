import type { Connection, Service } from '@mooring/sdk'
import { useBlocker } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useWatch } from 'react-hook-form'
import { changeConnection } from '../../data/connections.ts'
import { differ, resetTo } from '../../forms/reset_to.ts'
import { ConnectionPatch } from '../../forms/rules.ts'
import { useForm } from '../../forms/use_form.tsx'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Checkbox, Field, Input } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { tell } from '../../ui/toast.ts'
import { useOpenConnection } from './open_connection.tsx'

interface Values {
  name: string
  scopes: string[]
  parameters: Record<string, string>
}

/** Every placeholder has a value, so that none is taken for missing in the form. */
function valuesOf({ name, scopes, parameters }: Connection, { placeholders }: Service): Values {
  const filled = placeholders.map(({ name }) => [name, parameters[name] ?? ''] as const)
  return { name, scopes: [...scopes].sort(), parameters: Object.fromEntries(filled) }
}

/** What can change of a connection: its name, scopes and parameters. */
export function SettingsForm({ service }: { service: Service }) {
  const { connection, mayChange } = useOpenConnection()
  const saved = valuesOf(connection, service)
  /** What the form began with: somebody else's save since then is told. */
  const [base, setBase] = useState(saved)
  /** What the save that has just ended took with it. */
  const sent = useRef<Values>(undefined)
  const { form, field, onSubmit, busy, summary } = useForm<Values>({
    id: 'connection',
    values: saved,
    schema: ConnectionPatch,
    fieldOf: (path) =>
      path === 'name' || path.startsWith('parameters.')
        ? (path as 'name' | `parameters.${string}`)
        : path.startsWith('scopes')
          ? 'scopes'
          : undefined,
    send: async (given) => {
      const changed = await changeConnection(connection.linkName, patchOf(base, given))
      sent.current = given
      setBase(valuesOf(changed, service))
      tell('Saved')
    },
  })
  const { isDirty } = form.formState
  const elsewhere = differ(saved, base)
  // Nothing was typed: what somebody else saved is simply shown. While our own save is under way it is what we sent.
  if (elsewhere && !isDirty && !busy) setBase(saved)
  const { reset, getValues, setValue } = form
  useEffect(() => {
    resetTo({ reset, getValues, setValue }, base, sent.current)
    sent.current = undefined
  }, [base, reset, getValues, setValue])
  // Both an address and a tab that is closed would lose what was typed.
  const leaving = useBlocker({
    shouldBlockFn: () => isDirty && !busy,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  })
  const scopes = useWatch({ control: form.control, name: 'scopes' })
  const authorized = connection.status !== 'created' && connection.status !== 'revoked'
  const rescoped = differ(scopes, base.scopes)
  const name = field('name')
  return (
    <form noValidate onSubmit={onSubmit} className="flex flex-col gap-4 p-4">
      {summary}
      {elsewhere && isDirty && !busy && (
        <Notice
          tone="warn"
          live
          title="Somebody changed this connection meanwhile"
          action={
            <Button size="small" onClick={() => setBase(saved)}>
              Take theirs
            </Button>
          }
        >
          {connection.name !== base.name && `It is called ${connection.name} now. `}
          Saving puts yours in its place.
        </Notice>
      )}
      <Field id={name.id} error={name.error} label="Connection Name" required>
        {(parts) => <Input {...parts} {...form.register('name')} readOnly={!mayChange} />}
      </Field>
      <Field label="Connection Link Name" help="Programs call by it, so it never changes.">
        {(parts) => <Input {...parts} readOnly value={connection.linkName} className="font-mono" />}
      </Field>
      {service.placeholders.map(({ name: key, label, example }) => {
        const { id, error } = field(`parameters.${key}`)
        return (
          <Field
            key={key}
            id={id}
            error={error}
            label={label}
            required
            help={example === undefined ? undefined : `Such as ${example}. Calls use a new value right away.`}
          >
            {(parts) => <Input {...parts} {...form.register(`parameters.${key}`)} readOnly={!mayChange} />}
          </Field>
        )
      })}
      {service.scopes.length > 0 && (
        <fieldset disabled={!mayChange} id={field('scopes').id} tabIndex={-1}>
          <legend className="mb-1.5 flex flex-wrap items-baseline gap-x-2 font-medium">
            Scopes
            <span className="text-xs font-normal text-ink-3 tabular">
              {scopes.length} of {service.scopes.length}
            </span>
          </legend>
          <ul className="grid max-h-80 gap-x-6 gap-y-2 overflow-y-auto rounded-md border border-line p-3 sm:grid-cols-2">
            {service.scopes.map((scope) => (
              <li key={scope.id} className="min-w-0">
                <Checkbox
                  label={scope.name}
                  help={
                    scope.name === scope.value ? undefined : <span className="font-mono break-all">{scope.value}</span>
                  }
                  checked={scopes.includes(scope.value)}
                  onChange={(event) => {
                    const next = event.target.checked
                      ? [...scopes, scope.value].sort()
                      : scopes.filter((value) => value !== scope.value)
                    form.setValue('scopes', next, { shouldDirty: true, shouldTouch: true })
                  }}
                />
              </li>
            ))}
          </ul>
          {field('scopes').error !== undefined && <p className="mt-1 text-[13px] text-bad">{field('scopes').error}</p>}
        </fieldset>
      )}
      {rescoped && authorized && (
        <Notice tone="warn" title="It has to be authorized again for other scopes">
          It keeps working with the scopes it has until somebody presses Review and reconnect.
        </Notice>
      )}
      {mayChange && (
        <div className="flex flex-wrap gap-2">
          <Button look="primary" type="submit" busy={busy} disabled={!isDirty}>
            Save changes
          </Button>
          {isDirty && !busy && <Button onClick={() => setBase(saved)}>Discard</Button>}
        </div>
      )}
      <Confirm
        open={leaving.status === 'blocked'}
        title="Leave without saving?"
        keep="Keep editing"
        confirm="Leave"
        onKeep={() => leaving.reset?.()}
        onConfirm={() => leaving.proceed?.()}
      >
        What you changed here is not saved yet.
      </Confirm>
    </form>
  )
}

/** Only what differs is sent: two people who change two things do not undo each other's. */
function patchOf(base: Values, given: Values): ConnectionPatch {
  return {
    ...(differ(base.name, given.name) ? { name: given.name.trim() } : {}),
    ...(differ(base.scopes, given.scopes) ? { scopes: given.scopes } : {}),
    ...(differ(base.parameters, given.parameters) ? { parameters: given.parameters } : {}),
  }
}
