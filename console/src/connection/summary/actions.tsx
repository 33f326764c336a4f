import type { Service } from '@mooring/sdk'
import { Link } from '@tanstack/react-router'
import { Ellipsis, FileOutput, Link2, Power, PowerOff, RotateCw, Send, Trash2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { Button, buttonClass, IconButton } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { useOpenConnection } from './open_connection.tsx'
import type { Check } from './use_check.ts'
import { useEnabled } from './use_enabled.ts'

const ExportDialog = lazy(() =>
  import('../../definitions/export_dialog.tsx').then(({ ExportDialog }) => ({ default: ExportDialog })),
)

/** What can be done with a connection as it is. What mends it stands with what ails it, below. */
export function Actions({ service, check }: { service: Service | undefined; check: Check }) {
  const { connection, gone, mayChange, share, revoke, remove } = useOpenConnection()
  const { status, enabled, linkName, authorizationLevel } = connection
  const { setEnabled } = useEnabled(connection)
  const [exporting, setExporting] = useState(false)
  if (gone) return null
  const live = status === 'active'
  const shared = authorizationLevel === 'shared'
  return (
    <>
      {live && (
        <Link to="/try" search={{ connection: linkName }} className={buttonClass()}>
          <Send aria-hidden className="size-4" />
          Try a request
        </Link>
      )}
      {mayChange && live && shared && (service?.probe ?? null) !== null && (
        <Button busy={check.running === 'test'} onClick={check.test}>
          Test
        </Button>
      )}
      {mayChange && live && connection.autoRefresh && (
        <Button busy={check.running === 'refresh'} onClick={check.refresh}>
          <RotateCw aria-hidden className="size-4" />
          Refresh now
        </Button>
      )}
      {mayChange && status !== 'created' && status !== 'revoked' && (
        <Button look="danger-quiet" onClick={() => revoke()}>
          Revoke
        </Button>
      )}
      {mayChange && (
        <Menu
          trigger={
            <IconButton label="More actions" className="size-9">
              <Ellipsis aria-hidden className="size-4" />
            </IconButton>
          }
        >
          {enabled ? (
            <MenuItem icon={PowerOff} onClick={() => setEnabled(false)}>
              Disable
            </MenuItem>
          ) : (
            <MenuItem icon={Power} onClick={() => setEnabled(true)}>
              Enable
            </MenuItem>
          )}
          <MenuItem icon={Link2} onClick={share}>
            Share connect link
          </MenuItem>
          <MenuItem icon={FileOutput} onClick={() => setExporting(true)}>
            Export
          </MenuItem>
          <MenuLine />
          <MenuItem icon={Trash2} danger onClick={remove}>
            Delete
          </MenuItem>
        </Menu>
      )}
      {exporting && (
        <Suspense>
          <ExportDialog
            kind="connection"
            linkName={linkName}
            name={connection.name}
            open
            onClose={() => setExporting(false)}
          />
        </Suspense>
      )}
    </>
  )
}
