import type { Imported } from '@mooring/sdk'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../../data/client.ts'
import { announce } from '../../../ui/announce.tsx'
import { ChoiceCards } from '../../../ui/choice_cards.tsx'
import { type Definition, readDefinition } from './definition_file.ts'
import { DefinitionPlan } from './definition_plan.tsx'
import { Drafts } from './drafts.tsx'
import { SourceForm } from './source_form.tsx'
import { definitionSource, startSources } from './sources.ts'

type Found = { of: string; imported: Imported } | { of: string; definition: Definition }

/** Chooses what to start from, shows what became of it, and stores what somebody takes of it. */
export function StartFrom() {
  const { source: id } = useSearch({ from: '/inside/services/new' })
  const navigate = useNavigate({ from: '/services/new' })
  const source = startSources.find((one) => one.id === id)
  const [found, setFound] = useState<Found>()
  const back = (): void => setFound(undefined)
  if (found !== undefined && found.of === id) {
    if ('definition' in found) return <DefinitionPlan definition={found.definition} onBack={back} />
    if (source !== undefined) return <Drafts source={source} imported={found.imported} onBack={back} />
  }
  return (
    <div className="flex max-w-2xl flex-col gap-5">
      <ChoiceCards
        legend="What do you have?"
        choices={[...startSources, definitionSource].map((one) => ({
          value: one.id,
          label: one.label,
          description: one.says,
        }))}
        value={id ?? ''}
        onChange={(value) => void navigate({ search: (before) => ({ ...before, source: value }), replace: true })}
      />
      {source !== undefined && (
        <SourceForm
          key={source.id}
          source={source}
          take={async (given, register) => {
            const input = source.input(given)
            const imported = await client.services.import(register ? { ...input, register } : input)
            const { length } = imported.services
            announce(length === 1 ? '1 draft found' : `${length} drafts found`)
            setFound({ of: source.id, imported })
          }}
        />
      )}
      {id === definitionSource.id && (
        <SourceForm
          key={id}
          source={definitionSource}
          take={async (given) => setFound({ of: id, definition: await readDefinition(given) })}
        />
      )}
    </div>
  )
}
