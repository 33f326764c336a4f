import type { ApiKey } from '@mooring/sdk'
import { Ban, Clock } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { Badge } from '../../ui/notice.tsx'
import { ActionCell, Cell, Row } from '../../ui/table.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { actorWords } from '../../words/activity.ts'
import { roleWords } from '../../words/roles.ts'
import { moment } from '../../words/time.ts'

interface KeyRowProps {
  apiKey: ApiKey
  /** The key that takes its place, where it was rolled. */
  replacement: ApiKey | undefined
  /** false: an owner's key, which only an owner changes. */
  changeable: boolean
  onRoll: () => void
  onDelete: () => void
}

export function KeyRow({ apiKey, replacement, changeable, onRoll, onDelete }: KeyRowProps) {
  const { name, prefix, role, connections, lastUsedAt, expiresAt, createdBy, replacedBy } = apiKey
  const now = useNow()
  const over = expiresAt !== null && Date.parse(expiresAt) <= now
  return (
    <Row dim={over}>
      <Cell>
        <span className="font-medium">{name}</span>
        <span className="block font-mono text-xs text-ink-3">{prefix}…</span>
      </Cell>
      <Cell label="Role">{roleWords[role].name}</Cell>
      <Cell label="Connections">
        {connections === null ? (
          <span className="text-ink-3">All</span>
        ) : (
          <span title={connections.join(', ')} className="font-mono text-[13px] break-words">
            {connections.slice(0, 2).join(', ')}
            {connections.length > 2 && <span className="font-sans"> and {connections.length - 2} more</span>}
          </span>
        )}
      </Cell>
      <Cell label="Last used">{lastUsedAt === null ? 'Never' : <Time at={lastUsedAt} />}</Cell>
      <Cell label="Expires">
        {over ? (
          <Badge tone="mute" icon={Ban}>
            {replacedBy === null ? 'Expired' : 'Replaced'}
          </Badge>
        ) : replacedBy !== null && expiresAt !== null ? (
          <>
            <Badge tone="warn" icon={Clock}>
              Replaced
            </Badge>
            <span className="mt-0.5 block text-[13px] text-ink-3">
              Works until {moment(expiresAt)}
              {replacement !== undefined && `, then ${replacement.prefix}…`}
            </span>
          </>
        ) : expiresAt === null ? (
          'Never'
        ) : (
          <Time at={expiresAt} />
        )}
      </Cell>
      <Cell label="Created by">{actorWords(createdBy).name}</Cell>
      <ActionCell>
        {changeable && replacedBy === null && !over && (
          <Button size="small" look="quiet" aria-label={`Roll ${name}`} onClick={onRoll}>
            Roll
          </Button>
        )}
        {changeable && (
          <Button size="small" look="danger-quiet" aria-label={`Delete ${name}, ${prefix}…`} onClick={onDelete}>
            Delete
          </Button>
        )}
      </ActionCell>
    </Row>
  )
}
