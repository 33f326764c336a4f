import { MooringError, type Service } from '@mooring/sdk'
import { type ReactNode, useState } from 'react'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { Button } from '../../ui/button.tsx'
import { Confirm, Dialog } from '../../ui/dialog.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { tell } from '../../ui/toast.ts'
import { wordsFor } from '../../words/problem.ts'

interface DeleteServiceProps {
  service: Service
  open: boolean
  onClose: () => void
  onDeleted?: () => void
}

/** Asks before deleting; where connections stand on it, more than a click is asked for. */
export function DeleteService({ service, open, onClose, onDeleted }: DeleteServiceProps) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  // Somebody may have connected since the list was loaded; the server knows.
  const [inUse, setInUse] = useState(false)
  const close = (): void => {
    setProblem(undefined)
    setInUse(false)
    onClose()
  }
  const remove = async (force: boolean): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    try {
      await client.services.delete(service.id, { force })
      tell(`${service.name} was deleted`)
      close()
      onDeleted?.()
      await queryClient.invalidateQueries({ queryKey: ['services'] })
      if (force) await queryClient.invalidateQueries({ queryKey: ['connections'] })
    } catch (error) {
      if (error instanceof MooringError && error.code === 'service_in_use') setInUse(true)
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  const told = problem === undefined ? null : <Told error={problem} />
  if (service.connectionCount > 0 || inUse) {
    return <WithConnections {...{ service, open, busy, told }} onClose={close} onDelete={() => void remove(true)} />
  }
  return (
    <Confirm
      open={open}
      title={`Delete ${service.name}?`}
      keep="Keep service"
      confirm="Delete service"
      busy={busy}
      onKeep={close}
      onConfirm={() => void remove(false)}
    >
      No connection stands on it. How it authenticates, its secrets and its scopes are gone for good.
      {told}
    </Confirm>
  )
}

interface WithConnectionsProps {
  service: Service
  open: boolean
  busy: boolean
  told: ReactNode
  onClose: () => void
  onDelete: () => void
}

function WithConnections({ service, open, busy, told, onClose, onDelete }: WithConnectionsProps) {
  const [typed, setTyped] = useState('')
  const count = service.connectionCount
  const many = count === 1 ? '1 connection stands' : count === 0 ? 'Connections stand' : `${count} connections stand`
  const right = typed.trim() === service.name
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Delete ${service.name} with its connections?`}
      description={
        <>
          {many} on it. They are revoked at the provider and deleted too: anything that calls through them stops working
          right away.
        </>
      }
      footer={
        <>
          <Button onClick={onClose}>Keep service</Button>
          <Button look="danger" busy={busy} disabled={!right} onClick={onDelete}>
            Delete with its connections
          </Button>
        </>
      }
    >
      {told}
      <Field label={`Type ${service.name} to go on`}>
        {(parts) => <Input {...parts} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />}
      </Field>
    </Dialog>
  )
}

function Told({ error }: { error: unknown }) {
  const { title, detail } = wordsFor(error)
  return (
    <Notice tone="bad" live title={title} className="mb-3">
      {detail}
    </Notice>
  )
}
