import type { ApiKey, CreatedApiKey } from '@mooring/sdk'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { useAct } from '../../forms/use_act.tsx'
import { Button } from '../../ui/button.tsx'
import { ChoiceCards } from '../../ui/choice_cards.tsx'
import { Confirm, Dialog } from '../../ui/dialog.tsx'
import { useNow } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.ts'
import { ago, moment } from '../../words/time.ts'
import { FirstCall } from './first_call.tsx'
import { ShownOnce } from './shown_once.tsx'

interface KeyDialogProps {
  apiKey: ApiKey
  onClose: () => void
}

const graces = [
  { value: '0', label: 'At once', description: 'The old key is refused from now on' },
  { value: '3600', label: 'In 1 hour' },
  { value: '86400', label: 'In 1 day' },
  { value: '604800', label: 'In 7 days' },
]

async function reload(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ['api-keys'] })
}

/** A new key in place of this one, which goes on working for a while. */
export function RollKeyDialog({ apiKey, onClose }: KeyDialogProps) {
  const [grace, setGrace] = useState('86400')
  const [made, setMade] = useState<{ key: CreatedApiKey; oldEnds: string | null }>()
  const { busy, run, refusal } = useAct()
  if (made !== undefined) {
    return (
      <ShownOnce
        title={`The new key of ${apiKey.name}`}
        label="API key"
        value={made.key.key}
        confirm="I've saved this key"
        onConfirm={onClose}
      >
        <p>
          {made.oldEnds === null
            ? `The old one, ${apiKey.prefix}…, is refused from now on.`
            : `The old one, ${apiKey.prefix}…, works until ${moment(made.oldEnds)}.`}
        </p>
        <FirstCall connection={made.key.connections?.[0]} />
      </ShownOnce>
    )
  }
  const roll = async (): Promise<void> => {
    const graceSeconds = Number(grace)
    const key = await client.keys.roll(apiKey.id, { graceSeconds })
    const end = Date.parse(key.createdAt) + graceSeconds * 1000
    const oldEnds = new Date(Math.min(end, Date.parse(apiKey.expiresAt ?? '9999-12-31'))).toISOString()
    setMade({ key, oldEnds: graceSeconds === 0 ? null : oldEnds })
    await reload()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Roll ${apiKey.name}?`}
      description="You get a new key with the same name, rights and length of life. Put it where the old one is used, before the old one ends."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => run(roll)}>
            Roll key
          </Button>
        </>
      }
    >
      <ChoiceCards legend={`${apiKey.prefix}… ends`} choices={graces} value={grace} onChange={setGrace} />
      {refusal}
    </Dialog>
  )
}

export function DeleteKeyDialog({ apiKey, onClose }: KeyDialogProps) {
  const { busy, run, refusal } = useAct()
  const now = useNow()
  const remove = async (): Promise<void> => {
    await client.keys.delete(apiKey.id)
    await reload()
    tell(`${apiKey.name} is deleted`, 'Whoever calls with it is refused.')
    onClose()
  }
  return (
    <Confirm
      open
      title={`Delete ${apiKey.name}?`}
      keep="Keep key"
      confirm="Delete key"
      busy={busy}
      onKeep={onClose}
      onConfirm={() => run(remove)}
    >
      <p>
        {apiKey.lastUsedAt === null
          ? `${apiKey.prefix}… was never used.`
          : `${apiKey.prefix}… was last used ${ago(apiKey.lastUsedAt, now)}. Whatever calls with it is refused right away.`}
      </p>
      {refusal}
    </Confirm>
  )
}
