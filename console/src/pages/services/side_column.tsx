import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { isRecord, textOf } from '../../forms/values.ts'
import { tellProblem } from '../../ui/toast.ts'
import { wordsFor } from '../../words/problem.ts'
import { useBuilder } from './builder_context.tsx'
import { Checklist } from './checklist.tsx'
import { Hints, Warnings, WhatWeSend } from './preview_column.tsx'

/** Beside the sections: what is known, what is missing, what goes out. Whoever may change nothing may not ask for it. */
export function SideColumn() {
  const { service, definition, draft, may } = useBuilder()
  if (!may) return null
  return (
    <aside
      aria-label="Preview and checklist"
      className="flex min-w-0 flex-col gap-4 xl:sticky xl:top-6 xl:max-h-[calc(100dvh-3rem)] xl:overflow-y-auto"
    >
      {draft && (
        <>
          <Hints
            definition={definition}
            onRest={(rest) => void addScopes(service.id, service.scopes, rest['scopes'])}
          />
          <Checklist />
        </>
      )}
      <WhatWeSend definition={definition} />
      <Warnings definition={definition} />
    </aside>
  )
}

/** A fix may want a scope, which is a row of its own. */
async function addScopes(service: string, present: readonly { value: string }[], wanted: unknown): Promise<void> {
  if (!Array.isArray(wanted)) return
  try {
    for (const scope of wanted.filter(isRecord)) {
      const value = textOf(scope['value'])
      if (present.some((each) => each.value === value)) continue
      await client.services.scopes.add(service, { value, name: textOf(scope['name']) })
    }
  } catch (error) {
    const { title, detail } = wordsFor(error)
    tellProblem(title, detail)
  }
  await queryClient.invalidateQueries({ queryKey: ['services'] })
}
