import { Button } from '../../ui/button.tsx'
import { useOpenConnection } from './open_connection.tsx'

/** Begins to authorize again; nothing for whoever may not. */
export function Reconnect({ label = 'Reconnect' }: { label?: string }) {
  const { connect, connecting, mayChange } = useOpenConnection()
  if (!mayChange) return null
  return (
    <Button look="primary" busy={connecting} onClick={() => connect()}>
      {label}
    </Button>
  )
}
