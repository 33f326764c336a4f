import type { AuthType } from '@mooring/sdk'
import { PencilLine } from 'lucide-react'
import { useState } from 'react'
import { controlId, errorAt, useFormHandle } from '../../forms/form_context.tsx'
import { isBlank, isRecord, valueOf } from '../../forms/values.ts'
import { IconButton } from '../../ui/button.tsx'
import { ChoiceCards } from '../../ui/choice_cards.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { listed } from './saving_status.tsx'

interface TypeCardsProps {
  types: readonly AuthType[]
  type: AuthType | undefined
  onChoose: (type: AuthType) => void
}

export function TypeCards({ types, type, onChoose }: TypeCardsProps) {
  const handle = useFormHandle()
  return (
    <ChoiceCards
      id={controlId(handle.id, 'auth.type')}
      legend="Authentication Type"
      help="How the API knows who is calling. It decides what else is asked for."
      choices={types.map(({ type, title, summary }) => ({ value: type, label: title, description: summary }))}
      value={type?.type ?? ''}
      onChange={(value) => {
        const chosen = types.find((each) => each.type === value)
        if (chosen !== undefined) onChoose(chosen)
        handle.touch('auth.type')
      }}
      error={errorAt(handle, 'auth.type')}
    />
  )
}

/** Once a type is chosen: what it is, with a way to change it that says first what is lost. */
export function ChosenType({ types, type, onChoose, scopes }: TypeCardsProps & { type: AuthType; scopes: number }) {
  const handle = useFormHandle()
  const [choosing, setChoosing] = useState(false)
  const [next, setNext] = useState<AuthType | null>(null)
  const lost = [
    ...settingsIn(type, handle.values['auth'], handle.isStored),
    ...(scopes === 0 ? [] : [scopesOf(scopes)]),
  ]
  const change = (chosen: AuthType): void => {
    setNext(null)
    setChoosing(false)
    if (chosen.type !== type.type) onChoose(chosen)
  }
  if (choosing) {
    return (
      <>
        <TypeCards
          types={types}
          type={next ?? type}
          onChoose={(chosen) => (lost.length === 0 || chosen === type ? change(chosen) : setNext(chosen))}
        />
        <Confirm
          open={next !== null}
          title={`Change to ${next?.title ?? ''}?`}
          keep={`Keep ${type.title}`}
          confirm={`Change to ${next?.title ?? ''}`}
          onKeep={() => setNext(null)}
          onConfirm={() => next !== null && change(next)}
        >
          You lose these settings: {listed(lost)}.
        </Confirm>
      </>
    )
  }
  return (
    <div id={controlId(handle.id, 'auth.type')} tabIndex={-1} className="flex items-start justify-between gap-3">
      <div className="min-w-0">
        <p className="text-[13px] text-ink-3">Authentication Type</p>
        <p className="text-base font-semibold">{type.title}</p>
        <p className="text-ink-2">{type.summary}</p>
      </div>
      <IconButton label="Change Authentication Type" onClick={() => setChoosing(true)}>
        <PencilLine aria-hidden className="size-4" />
      </IconButton>
    </div>
  )
}

function scopesOf(count: number): string {
  return count === 1 ? 'the scope' : `all ${count} scopes`
}

/** Titles of what was filled in. */
function settingsIn(type: AuthType, auth: unknown, isStored: (path: string) => boolean): string[] {
  if (!isRecord(auth)) return []
  return type.fields
    .filter(({ name, fixed }) => fixed === undefined && (isStored(`auth.${name}`) || auth[name] !== undefined))
    .filter((field) => {
      const value = auth[field.name]
      if (isStored(`auth.${field.name}`)) return true
      return !isBlank(field, value) && JSON.stringify(value) !== JSON.stringify(valueOf(field, field.default))
    })
    .map(({ title }) => title)
}
