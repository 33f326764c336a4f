import type { User } from '@mooring/sdk'
import { CircleCheck, Ellipsis, KeyRound, PowerOff, Trash2, UserCheck, UserCog } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { Badge } from '../../ui/notice.tsx'
import { ActionCell, Cell, Row } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { roleWords } from '../../words/roles.ts'
import type { UserAct } from './user_dialogs.tsx'

interface UserRowProps {
  user: User
  self: boolean
  /** undefined: they are not this person's to change. */
  onAct: ((act: UserAct) => void) | undefined
}

export function UserRow({ user, self, onAct }: UserRowProps) {
  return (
    <Row dim={!user.active}>
      <Cell>
        <span className="font-medium">{user.name}</span>
        {self && <span className="ml-1.5 text-xs text-ink-3">you</span>}
        <span className="block text-[13px] break-all text-ink-3">{user.email}</span>
      </Cell>
      <Cell label="Role">{roleWords[user.role].name}</Cell>
      <Cell label="Last seen">{user.lastSeenAt === null ? 'Never' : <Time at={user.lastSeenAt} />}</Cell>
      <Cell label="Status">
        {user.active ? (
          <Badge tone="ok" icon={CircleCheck}>
            Active
          </Badge>
        ) : (
          <Badge tone="mute" icon={PowerOff}>
            Deactivated
          </Badge>
        )}
      </Cell>
      {onAct !== undefined && (
        <ActionCell>
          <Menu
            trigger={
              <IconButton label={`Actions for ${user.name}`}>
                <Ellipsis aria-hidden className="size-4" />
              </IconButton>
            }
          >
            <MenuItem icon={UserCog} onClick={() => onAct({ kind: 'role', user })}>
              Change role
            </MenuItem>
            {user.active && (
              <MenuItem icon={KeyRound} onClick={() => onAct({ kind: 'password', user })}>
                Make a password link
              </MenuItem>
            )}
            <MenuLine />
            {user.active ? (
              <MenuItem icon={PowerOff} onClick={() => onAct({ kind: 'deactivate', user })}>
                Deactivate
              </MenuItem>
            ) : (
              <MenuItem icon={UserCheck} onClick={() => onAct({ kind: 'reactivate', user })}>
                Reactivate
              </MenuItem>
            )}
            <MenuItem icon={Trash2} danger onClick={() => onAct({ kind: 'remove', user })}>
              Remove
            </MenuItem>
          </Menu>
        </ActionCell>
      )}
    </Row>
  )
}
