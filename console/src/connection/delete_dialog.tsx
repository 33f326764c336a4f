import type { Connection } from '@mooring/sdk'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { client } from '../data/client.ts'
import { connectionDeleted } from '../data/connections.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field, Input } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { tell } from '../ui/toast.ts'
import { wordsFor } from '../words/problem.ts'
import { BlastRadius } from './blast_radius.tsx'

/** Asks for the link name before a connection and its history go. */
export function DeleteDialog({
  connection,
  open,
  onClose,
}: {
  connection: Connection
  open: boolean
  onClose: () => void
}) {
  const navigate = useNavigate()
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const { name, linkName } = connection
  const fits = typed.trim() === linkName
  const close = (): void => {
    if (busy) return
    setTyped('')
    setError(undefined)
    onClose()
  }
  const remove = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (!fits || busy) return
    setBusy(true)
    setError(undefined)
    try {
      await client.connections.delete(linkName)
      // What was typed into its settings goes with it.
      await navigate({ to: '/connections', ignoreBlocker: true })
      await connectionDeleted(connection)
      tell(`${name} is deleted`)
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  const words = error === undefined ? undefined : wordsFor(error)
  return (
    <Dialog
      open={open}
      onClose={close}
      title={`Delete ${name}?`}
      initialFocus={input}
      description={<BlastRadius connection={connection} />}
      footer={
        <>
          <Button onClick={close}>Keep connection</Button>
          <Button look="danger" type="submit" form="delete-connection" busy={busy} disabled={!fits}>
            Delete connection
          </Button>
        </>
      }
    >
      <form id="delete-connection" onSubmit={(event) => void remove(event)} className="flex flex-col gap-3">
        <p className="text-ink-2">
          It is revoked first, then everything about it is gone: settings, credentials and the link name. This cannot be
          undone.
        </p>
        <Field label={`Type ${linkName} to delete it`}>
          {(parts) => (
            <Input
              {...parts}
              ref={input}
              value={typed}
              spellCheck={false}
              autoCapitalize="none"
              onChange={(event) => setTyped(event.target.value)}
              className="font-mono"
            />
          )}
        </Field>
        {words !== undefined && (
          <Notice tone="bad" live title={words.title}>
            {words.detail} {words.hint}
          </Notice>
        )}
      </form>
    </Dialog>
  )
}
