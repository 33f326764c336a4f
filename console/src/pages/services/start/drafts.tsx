import type { Imported } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { client } from '../../../data/client.ts'
import { authTypes, serviceChanged } from '../../../data/services.ts'
import { ServiceInput } from '../../../forms/rules.ts'
import { useForm } from '../../../forms/use_form.tsx'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { ChoiceCards } from '../../../ui/choice_cards.tsx'
import { Field, Input } from '../../../ui/field.tsx'
import { Section } from '../../../ui/page.tsx'
import { Empty } from '../../../ui/states.tsx'
import { DraftFacts, MissingList, NoteList } from './draft_facts.tsx'
import { keepNotes } from './notes.ts'
import type { StartSource } from './sources.ts'

interface DraftsProps {
  source: StartSource
  imported: Imported
  onBack: () => void
}

/** What was made of it: one draft for each way to authenticate, what it lacks, and what could not be taken over. */
export function Drafts({ source, imported: { services, notes, missing }, onBack }: DraftsProps) {
  const types = useQuery(authTypes).data ?? []
  const [at, setAt] = useState(0)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const titleOf = (type: string | undefined): string =>
    types.find((one) => one.type === type)?.title ?? 'No authentication type yet'
  const draft = services[at]
  return (
    <div className="flex max-w-3xl flex-col gap-5">
      <div className="flex flex-col gap-1">
        <Button look="quiet" size="small" className="-ml-2 w-fit" onClick={onBack}>
          <ChevronLeft aria-hidden className="size-3.5" />
          Change what to start from
        </Button>
        <h2 ref={heading} tabIndex={-1} className="text-base font-semibold">
          {headingOf(services.length)}
        </h2>
      </div>
      {draft === undefined ? (
        <Empty
          title="Nothing in it says how the API authenticates or where it is"
          action={
            <Link to="/services/new" className={buttonClass({ look: 'primary' })}>
              Begin with a name
            </Link>
          }
        >
          Start from something else, or describe the API step by step.
        </Empty>
      ) : (
        <>
          {services.length > 1 && (
            <ChoiceCards
              legend="Which one?"
              choices={services.map(({ name, auth }, index) => ({
                value: String(index),
                label: name,
                description: titleOf(auth?.type),
              }))}
              value={String(at)}
              onChange={(value) => setAt(Number(value))}
            />
          )}
          <Section title={draft.name} description={titleOf(draft.auth?.type)}>
            <DraftFacts draft={draft} />
            <MissingList
              fields={types.find(({ type }) => type === draft.auth?.type)?.fields ?? []}
              missing={missing.filter(({ service }) => service === at)}
            />
            <CreateDraft key={at} source={source} draft={draft} notes={notes} />
          </Section>
        </>
      )}
      <NoteList notes={notes} />
    </div>
  )
}

interface CreateDraftProps {
  source: StartSource
  draft: Imported['services'][number]
  notes: readonly string[]
}

const rules = ServiceInput.pick({ name: true })

function CreateDraft({ source, draft, notes }: CreateDraftProps) {
  const navigate = useNavigate()
  const { form, field, onSubmit, busy, summary } = useForm<{ name: string }>({
    id: 'draft',
    values: { name: draft.name },
    schema: rules,
    send: async ({ name }) => {
      const made = await client.services.create({ ...draft, name })
      keepNotes(made.id, { from: source.label, notes })
      await serviceChanged(made)
      await navigate({ to: '/services/$link/security', params: { link: made.linkName } })
    },
  })
  return (
    <form noValidate onSubmit={onSubmit} className="flex flex-col gap-3 border-t border-line p-4">
      {summary}
      <div className="flex flex-wrap items-end gap-3">
        <Field {...field('name')} label="Service Name" required className="min-w-0 flex-1 basis-60">
          {(parts) => <Input {...parts} {...form.register('name')} />}
        </Field>
        <Button type="submit" look="primary" busy={busy}>
          Create draft
        </Button>
      </div>
    </form>
  )
}

function headingOf(count: number): string {
  if (count === 0) return 'No draft could be made of this'
  return count === 1 ? 'This draft can be made of it' : `${count} drafts can be made of it, one for each way in`
}
