import type { Scope, Service } from '@mooring/sdk'
import { Lock, MoreHorizontal, PencilLine, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { ScopeInput } from '../../forms/rules.ts'
import { useForm } from '../../forms/use_form.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'

interface ScopeTableProps {
  service: Service
  /** Those that are found. */
  scopes: readonly Scope[]
  /** Whether the rows are only to be read. */
  locked: boolean
  onDelete: (ids: string[]) => Promise<void>
  onStored: () => Promise<void>
}

export function ScopeTable({ service, scopes, locked, onDelete, onStored }: ScopeTableProps) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const [editing, setEditing] = useState<string | null>(null)
  const [deleting, setDeleting] = useState<string[] | null>(null)
  const [busy, setBusy] = useState(false)
  const chosen = scopes.filter(({ id }) => ticked.has(id)).map(({ id }) => id)
  const all = chosen.length === scopes.length
  const remove = async (): Promise<void> => {
    setBusy(true)
    await onDelete(deleting ?? [])
    setBusy(false)
    setTicked(new Set())
    setDeleting(null)
  }
  return (
    <>
      {!locked && (
        <div className="flex h-8 items-center gap-3">
          <label className="flex h-6 items-center gap-2 text-[13px] text-ink-2">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={all}
              onChange={() => setTicked(all ? new Set() : new Set(scopes.map(({ id }) => id)))}
            />
            Select all
          </label>
          {chosen.length > 0 && (
            <Button size="small" look="danger-quiet" onClick={() => setDeleting(chosen)}>
              <Trash2 aria-hidden className="size-3.5" />
              Delete {chosen.length}
            </Button>
          )}
        </div>
      )}
      <div role="table" aria-label="Scopes" className="rounded-md border border-line">
        <div role="rowgroup">
          <div role="row" className="hidden border-b border-line bg-ground text-[13px] text-ink-3 sm:flex">
            {!locked && <span role="columnheader" aria-label="Selected" className="w-10 shrink-0" />}
            <span role="columnheader" className="flex-1 px-3 py-1.5">
              Scope Display Name
            </span>
            <span role="columnheader" className="flex-1 px-3 py-1.5">
              Scope Value
            </span>
            <span role="columnheader" aria-label="Actions" className="w-11 shrink-0" />
          </div>
        </div>
        <div role="rowgroup" className="divide-y divide-line">
          {scopes.map((scope) =>
            editing === scope.id ? (
              <EditRow
                key={scope.id}
                service={service}
                scope={scope}
                onClose={() => setEditing(null)}
                onStored={onStored}
              />
            ) : (
              <div key={scope.id} role="row" className="flex items-center">
                {!locked && (
                  <span role="cell" className="flex w-10 shrink-0 justify-center">
                    <label className="inline-flex size-8 items-center justify-center">
                      <input
                        type="checkbox"
                        aria-label={`Select ${scope.name}`}
                        className="size-4 accent-accent"
                        checked={ticked.has(scope.id)}
                        onChange={() => setTicked((before) => toggled(before, scope.id))}
                      />
                    </label>
                  </span>
                )}
                <div className="flex min-w-0 flex-1 flex-col py-1.5 sm:flex-row sm:py-0">
                  <span role="cell" className="min-w-0 flex-1 px-3 break-words sm:py-2">
                    {scope.name}
                  </span>
                  <span role="cell" className="min-w-0 flex-1 px-3 font-mono text-[13px] break-all text-ink-2 sm:py-2">
                    {scope.value}
                  </span>
                </div>
                <span role="cell" className="flex w-11 shrink-0 justify-center">
                  {locked ? (
                    <Lock aria-label="Locked" className="size-3.5 text-ink-3" />
                  ) : (
                    <Menu
                      trigger={
                        <IconButton label={`More actions for ${scope.name}`}>
                          <MoreHorizontal aria-hidden className="size-4" />
                        </IconButton>
                      }
                    >
                      <MenuItem icon={PencilLine} onClick={() => setEditing(scope.id)}>
                        Edit
                      </MenuItem>
                      <MenuItem icon={Trash2} danger onClick={() => setDeleting([scope.id])}>
                        Delete
                      </MenuItem>
                    </Menu>
                  )}
                </span>
              </div>
            ),
          )}
        </div>
      </div>
      <Confirm
        open={deleting !== null}
        title={deleting?.length === 1 ? 'Delete this scope?' : `Delete ${deleting?.length ?? 0} scopes?`}
        keep="Keep"
        confirm="Delete"
        busy={busy}
        onKeep={() => setDeleting(null)}
        onConfirm={() => void remove()}
      >
        {scopes
          .filter(({ id }) => deleting?.includes(id) === true)
          .map(({ name }) => name)
          .join(', ')}
      </Confirm>
    </>
  )
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return set.has(id) ? new Set([...set].filter((each) => each !== id)) : new Set([...set, id])
}

interface EditRowProps {
  service: Service
  scope: Scope
  onClose: () => void
  onStored: () => Promise<void>
}

function EditRow({ service, scope, onClose, onStored }: EditRowProps) {
  const { form, field, onSubmit, busy } = useForm<{ name: string; value: string }>({
    id: `scope-${scope.id}`,
    values: { name: scope.name, value: scope.value },
    schema: ScopeInput,
    send: async (values) => {
      await client.services.scopes.update(service.id, scope.id, values)
      await onStored()
      onClose()
    },
  })
  return (
    <div role="row">
      <div role="cell" className="p-3">
        <form noValidate onSubmit={onSubmit} className="flex flex-col gap-3">
          <div className="grid gap-3 sm:grid-cols-2">
            <Field {...field('name')} label="Scope Display Name">
              {(parts) => (
                <Input
                  {...parts}
                  // oxlint-disable-next-line jsx-a11y/no-autofocus -- it opened since somebody asked for it
                  autoFocus
                  {...form.register('name')}
                />
              )}
            </Field>
            <Field {...field('value')} label="Scope Value">
              {(parts) => (
                <Input {...parts} spellCheck={false} className="font-mono text-[13px]" {...form.register('value')} />
              )}
            </Field>
          </div>
          <div className="flex gap-2">
            <Button type="submit" look="primary" size="small" busy={busy}>
              Save
            </Button>
            <Button size="small" onClick={onClose}>
              Cancel
            </Button>
          </div>
        </form>
      </div>
    </div>
  )
}
