import type { Connection } from '@mooring/sdk'
import { Link } from '@tanstack/react-router'
import { Ban, Copy, Ellipsis, FlaskConical, PanelRightOpen, Power, PowerOff, RefreshCw, Send } from 'lucide-react'
import { useState } from 'react'
import { refreshNow, setEnabled, testNow } from '../../connection/acts.ts'
import { connectionPrompt } from '../../data/connections.ts'
import { queryClient } from '../../data/query_client.ts'
import { Button, buttonClass, IconButton } from '../../ui/button.tsx'
import { cn } from '../../ui/class_names.ts'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { useNow } from '../../ui/time.tsx'
import { tell, tellProblem } from '../../ui/toast.ts'
import { statusOf, type StatusWords } from '../../words/status.ts'

export interface RowActs {
  connect: (connection: Connection) => void
  revoke: (connection: Connection) => void
}

interface RowActionsProps extends RowActs {
  connection: Connection
  /** The id of the element that holds its name, which the buttons are described by. */
  nameId: string
  /** True where buttons may wait for the pointer or the focus. */
  shy: boolean
}

const connectWords: Partial<Record<NonNullable<StatusWords['action']>, string>> = {
  connect: 'Connect',
  reconnect: 'Reconnect',
  connect_again: 'Connect again',
}

/** The way out of the row's trouble, Revoke, and the rest in a menu. They are always there for the keyboard. */
export function RowActions({ connection, nameId, shy, connect, revoke }: RowActionsProps) {
  const { action, key } = statusOf(connection, useNow())
  const word = action === null ? undefined : connectWords[action]
  // Says, before the click, whether a window is needed.
  const prepare = (): void => void queryClient.prefetchQuery(connectionPrompt(connection.linkName))
  const hidden =
    shy &&
    'opacity-0 transition-opacity group-hover:opacity-100 group-has-focus-visible:opacity-100 group-has-data-popup-open:opacity-100 [@media(hover:none)]:opacity-100'
  return (
    <div className="flex items-center justify-end gap-1">
      {word !== undefined && (
        <Button
          size="small"
          aria-describedby={nameId}
          onPointerEnter={prepare}
          onFocus={prepare}
          onClick={() => connect(connection)}
          className={cn(action === 'connect_again' && hidden)}
        >
          {word}
        </Button>
      )}
      {action === 'review' && (
        <Link
          to="/connections/$link"
          params={{ link: connection.linkName }}
          aria-describedby={nameId}
          className={buttonClass({ size: 'small' })}
        >
          Review and reconnect
        </Link>
      )}
      {isRevocable(key) && (
        <Button
          size="small"
          look="danger-quiet"
          aria-describedby={nameId}
          onClick={() => revoke(connection)}
          className={cn(hidden)}
        >
          Revoke
        </Button>
      )}
      <More connection={connection} revocable={isRevocable(key)} revoke={revoke} />
    </div>
  )
}

function isRevocable(key: StatusWords['key']): boolean {
  return key !== 'not_connected' && key !== 'revoked'
}

interface MoreProps extends Pick<RowActs, 'revoke'> {
  connection: Connection
  revocable: boolean
}

function More({ connection, revocable, revoke }: MoreProps) {
  const [busy, setBusy] = useState(false)
  const { name, linkName, status, enabled, autoRefresh, authorizationLevel } = connection
  const live = status === 'active' && authorizationLevel === 'shared'
  const run = (act: Promise<void>): void => {
    setBusy(true)
    void act.finally(() => setBusy(false))
  }
  return (
    <Menu
      lazy
      trigger={
        <IconButton label={`More actions for ${name}`} aria-busy={busy || undefined}>
          <Ellipsis aria-hidden className="size-4" />
        </IconButton>
      }
    >
      <MenuItem icon={PanelRightOpen} render={<Link to="/connections/$link" params={{ link: linkName }} />}>
        Open
      </MenuItem>
      <MenuItem icon={Send} render={<Link to="/try" search={{ connection: linkName }} />}>
        Try a request
      </MenuItem>
      <MenuItem icon={FlaskConical} disabled={!live || busy} onClick={() => run(testNow(connection))}>
        Test
      </MenuItem>
      <MenuItem icon={RefreshCw} disabled={!live || !autoRefresh || busy} onClick={() => run(refreshNow(connection))}>
        Refresh now
      </MenuItem>
      <MenuItem icon={Copy} onClick={() => copy(linkName)}>
        Copy link name
      </MenuItem>
      <MenuLine />
      <MenuItem icon={enabled ? PowerOff : Power} disabled={busy} onClick={() => run(setEnabled(connection, !enabled))}>
        {enabled ? 'Disable' : 'Enable'}
      </MenuItem>
      <MenuItem icon={Ban} danger disabled={!revocable} onClick={() => revoke(connection)}>
        Revoke
      </MenuItem>
    </Menu>
  )
}

function copy(text: string): void {
  // Plain http has no clipboard; then the name is there to read.
  const done = 'clipboard' in navigator ? navigator.clipboard.writeText(text) : Promise.reject(new Error('none'))
  done.then(
    () => tell('Copied', text),
    () => tellProblem('The browser did not let it be copied', text),
  )
}
