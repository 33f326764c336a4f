import { Plus, X } from 'lucide-react'
import { Button, IconButton } from '../../ui/button.tsx'
import { FieldMessage, Input } from '../../ui/field.tsx'
import { newPair, type Pair } from './draft.ts'

interface PairsProps {
  /** The id of the group, where errors point to. */
  id: string
  /** Of the whole: "Headers". */
  label: string
  /** Of one: "header". */
  one: string
  pairs: readonly Pair[]
  onChange: (pairs: readonly Pair[]) => void
  error: string | undefined
}

/** Rows of names and values. */
export function Pairs({ id, label, one, pairs, onChange, error }: PairsProps) {
  const set = (key: number, change: Partial<Pair>): void =>
    onChange(pairs.map((pair) => (pair.key === key ? { ...pair, ...change } : pair)))
  return (
    <div
      role="group"
      id={id}
      tabIndex={-1}
      aria-label={label}
      aria-describedby={error === undefined ? undefined : `${id}-error`}
      className="flex flex-col gap-2"
    >
      {pairs.map(({ key, name, value }, index) => (
        <div key={key} className="flex gap-2">
          <Input
            aria-label={`Name of ${one} ${index + 1}`}
            placeholder="Name"
            value={name}
            spellCheck={false}
            onChange={(event) => set(key, { name: event.target.value })}
            className="flex-2 font-mono text-[13px]"
          />
          <Input
            aria-label={`Value of ${one} ${index + 1}`}
            placeholder="Value"
            value={value}
            spellCheck={false}
            onChange={(event) => set(key, { value: event.target.value })}
            className="flex-3 font-mono text-[13px]"
          />
          <IconButton
            label={`Remove ${one} ${index + 1}`}
            onClick={() => onChange(pairs.filter((pair) => pair.key !== key))}
            className="size-9"
          >
            <X aria-hidden className="size-4" />
          </IconButton>
        </div>
      ))}
      {error !== undefined && <FieldMessage id={`${id}-error`}>{error}</FieldMessage>}
      <div>
        <Button
          size="small"
          onClick={() => {
            onChange([...pairs, newPair()])
            // The new row is there after this turn.
            setTimeout(() => document.querySelector<HTMLInputElement>(`#${id} > div:nth-last-child(2) input`)?.focus())
          }}
        >
          <Plus aria-hidden className="size-3.5" />
          Add {one}
        </Button>
      </div>
    </div>
  )
}
