import type { Connection, RevokedConnection } from '@mooring/sdk'
import { type RefObject, useLayoutEffect, useRef, useState } from 'react'
import { client } from '../data/client.ts'
import { connectionChanged } from '../data/connections.ts'
import { Confirm } from '../ui/dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { tell, tellProblem } from '../ui/toast.ts'
import { wordsFor } from '../words/problem.ts'
import { revocationWords } from '../words/revocation.ts'
import { BlastRadius } from './blast_radius.tsx'

interface RevokeDialogProps {
  /** null: closed. */
  connection: Connection | null
  /** One user's authorization of a per-user connection; undefined: all of it. */
  user?: string | undefined
  onClose: () => void
  /** Told what the provider answered, in place of a toast. */
  onRevoked?: (revoked: RevokedConnection) => void
  /** Takes the focus at the end where the button that opened it is gone; otherwise the row that the button was in does. */
  home?: RefObject<HTMLElement | null>
}

/** Asks before revoking, with who uses the connection; then says what the provider answered. */
export function RevokeDialog({ connection, user, onClose, onRevoked = tellRevoked, home }: RevokeDialogProps) {
  // What it says stays while it fades out.
  const [last, setLast] = useState(connection)
  if (connection !== null && connection !== last) setLast(connection)
  const finalFocus = useFocusHome(connection !== null, home)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const close = (): void => {
    if (busy) return
    setError(undefined)
    onClose()
  }
  const revoke = async (): Promise<void> => {
    if (last === null) return
    setBusy(true)
    setError(undefined)
    try {
      const revoked = await client.connections.revoke(last.linkName, user === undefined ? {} : { user })
      const { providerRevocation: _, ...changed } = revoked
      // Before it closes: by then it shows whether the button that opened it is still there to take the focus.
      await connectionChanged(changed)
      onClose()
      onRevoked(revoked)
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const name = last?.name ?? ''
  return (
    <Confirm
      open={connection !== null}
      title={user === undefined ? `Revoke ${name}?` : `Revoke ${name} for ${user}?`}
      keep="Keep connection"
      confirm="Revoke connection"
      busy={busy}
      finalFocus={finalFocus}
      onKeep={close}
      onConfirm={() => void revoke()}
    >
      {last !== null &&
        (user === undefined ? (
          <BlastRadius connection={last} />
        ) : (
          <p>
            Calls for <span className="text-ink">{user}</span> stop working right away; those for others go on.
          </p>
        ))}
      {last?.authorizationLevel === 'per_user' && user === undefined && (
        <p className="mt-2">Every user's authorization is revoked.</p>
      )}
      {error !== undefined && <RevokeFailed error={error} />}
    </Confirm>
  )
}

/** A button to revoke is gone once it has done its work: then the focus must not be lost. */
function useFocusHome(open: boolean, home: RefObject<HTMLElement | null> | undefined): () => HTMLElement | null {
  const opener = useRef<{ element: Element | null; row: Element | null }>(null)
  useLayoutEffect(() => {
    const element = document.activeElement
    if (open) opener.current = { element, row: element?.closest('tr, li') ?? null }
  }, [open])
  return () => {
    const { element, row } = opener.current ?? { element: null, row: null }
    if (element?.isConnected === true) return null
    return home?.current ?? row?.querySelector<HTMLElement>('a[href], button') ?? null
  }
}

function RevokeFailed({ error }: { error: unknown }) {
  const { title, detail, hint } = wordsFor(error)
  return (
    <Notice tone="bad" live title={title} className="mt-3">
      {detail} {hint}
    </Notice>
  )
}

function tellRevoked(revoked: RevokedConnection): void {
  const { title, description, confirmed } = revocationWords(revoked)
  if (confirmed) tell(title, description)
  else tellProblem(title, description)
}
