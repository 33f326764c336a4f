import type { Imported } from '@mooring/sdk'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { announce } from '../../../ui/announce.tsx'
import { ChoiceCards } from '../../../ui/choice_cards.tsx'
import { Drafts } from './drafts.tsx'
import { SourceForm } from './source_form.tsx'
import { startSources } from './sources.ts'

/** Chooses what to start from, shows what became of it, and makes a draft of one of them. */
export function StartFrom() {
  const { source: id } = useSearch({ from: '/inside/services/new' })
  const navigate = useNavigate({ from: '/services/new' })
  const source = startSources.find((one) => one.id === id)
  const [found, setFound] = useState<{ of: string; imported: Imported }>()
  if (source !== undefined && found?.of === source.id)
    return <Drafts source={source} imported={found.imported} onBack={() => setFound(undefined)} />
  return (
    <div className="flex max-w-2xl flex-col gap-5">
      <ChoiceCards
        legend="What do you have?"
        choices={startSources.map(({ id: value, label, says }) => ({ value, label, description: says }))}
        value={source?.id ?? ''}
        onChange={(value) => void navigate({ search: (before) => ({ ...before, source: value }), replace: true })}
      />
      {source !== undefined && (
        <SourceForm
          key={source.id}
          source={source}
          onFound={(imported) => {
            const { length } = imported.services
            announce(length === 1 ? '1 draft found' : `${length} drafts found`)
            setFound({ of: source.id, imported })
          }}
        />
      )}
    </div>
  )
}
