import { useQuery } from '@tanstack/react-query'
import { allConnections } from '../../data/connections.ts'
import { SkeletonRows } from '../../ui/states.tsx'
import { forgetCallbackId } from './callback_id.ts'
import { useConnecting } from './connecting.tsx'
import { DetailsForm } from './details_form.tsx'
import type { Target } from './details_target.ts'

interface NewConnectionProps {
  target: Target
  /** Of the callback URL shown, where the service is made along with the connection. */
  callbackId?: string
}

/** The form; and once the connection exists, what becomes of connecting it. */
export function NewConnection({ target, callbackId }: NewConnectionProps) {
  const known = useQuery(allConnections)
  const { take, view } = useConnecting()
  if (view !== undefined) return view
  if (known.isPending) return <SkeletonRows rows={4} />
  return (
    <DetailsForm
      target={target}
      callbackId={callbackId}
      known={known.data ?? []}
      onCreated={(connection, how) => {
        if (target.entry !== null) forgetCallbackId(target.entry.id)
        take(connection, how)
      }}
    />
  )
}
