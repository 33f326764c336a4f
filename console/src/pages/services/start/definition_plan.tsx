import type { AuthType, Service } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { client } from '../../../data/client.ts'
import { allServices, authTypes, serviceChanged } from '../../../data/services.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { LoadError, SkeletonRows } from '../../../ui/states.tsx'
import { tell } from '../../../ui/toast.ts'
import { wordsFor } from '../../../words/problem.ts'
import { ChangeList } from './change_list.tsx'
import { changesOf, effectsOf, patchOf, withoutSecrets } from './definition_diff.ts'
import type { Definition } from './definition_file.ts'
import { keepNotes } from './notes.ts'
import { definitionSource } from './sources.ts'

interface DefinitionPlanProps {
  definition: Definition
  onBack: () => void
}

/** What a definition's file would do, before it does it. */
export function DefinitionPlan({ definition, onBack }: DefinitionPlanProps) {
  const services = useQuery(allServices)
  const types = useQuery(authTypes)
  const heading = useRef<HTMLHeadingElement>(null)
  const held = services.data?.find(({ linkName }) => linkName === definition.linkName)
  const loaded = services.data !== undefined && types.data !== undefined
  useEffect(() => {
    if (loaded) heading.current?.focus()
  }, [loaded])
  const failed = [services, types].find(({ error }) => error !== null)
  return (
    <div className="flex max-w-3xl flex-col gap-5">
      <div className="flex flex-col gap-1">
        <Button look="quiet" size="small" className="-ml-2 w-fit" onClick={onBack}>
          <ChevronLeft aria-hidden className="size-3.5" />
          Change what to start from
        </Button>
        {loaded && (
          <h2 ref={heading} tabIndex={-1} className="text-base font-semibold">
            {held === undefined ? `${definition.name} would be new` : `${held.name} is here already`}
          </h2>
        )}
      </div>
      {failed !== undefined && (
        <LoadError error={failed.error} retrying={failed.isFetching} onRetry={() => void failed.refetch()} />
      )}
      {!loaded && failed === undefined && <SkeletonRows rows={3} />}
      {loaded && held === undefined && <NewOne definition={definition} types={types.data} />}
      {loaded && held !== undefined && <Changed held={held} definition={definition} types={types.data} />}
    </div>
  )
}

interface PlanProps {
  definition: Definition
  types: readonly AuthType[]
}

function useDraft({ definition, types }: PlanProps) {
  const navigate = useNavigate()
  const type = types.find((one) => one.type === definition.auth?.type)
  const { linkName, ...file } = withoutSecrets(definition, type)
  return async (own: boolean): Promise<void> => {
    const made = await client.services.create({ ...file, ...(own ? { linkName } : {}), stage: 'draft' })
    const notes = ['Secrets are never in a file: fill them in here.']
    if (definition.stage === 'ready') notes.push('The file says Ready: mark it as Ready once nothing is missing.')
    keepNotes(made.id, { from: definitionSource.label, notes })
    await serviceChanged(made)
    await navigate({ to: '/services/$link/security', params: { link: made.linkName } })
  }
}

function NewOne(props: PlanProps) {
  const create = useDraft(props)
  const { busy, problem, run } = useRun()
  const { definition, types } = props
  const type = types.find((one) => one.type === definition.auth?.type)
  return (
    <Section title={definition.name} description={type?.title ?? 'No authentication type yet'}>
      <div className="flex flex-col gap-3 p-4">
        <p>
          No service here has the link name <span className="font-mono text-[13px]">{definition.linkName}</span>. It
          becomes a draft: secrets are never in a file, so they are filled in there.
        </p>
        {problem}
        <Button look="primary" className="w-fit" busy={busy} onClick={() => run(() => create(true))}>
          Create draft
        </Button>
      </div>
    </Section>
  )
}

function Changed({ held, definition, types }: PlanProps & { held: Service }) {
  const navigate = useNavigate()
  const create = useDraft({ definition, types })
  const { busy, problem, run } = useRun()
  const type = types.find((one) => one.type === definition.auth?.type)
  const file = withoutSecrets(definition, type)
  const changes = changesOf(held, file, types)
  const frozen = changes.filter((change) => change.frozen !== undefined)
  const count = changes.length === 1 ? '1 change' : `${changes.length} changes`
  const apply = async (): Promise<void> => {
    const changed = await client.services.update(held.id, patchOf(file, held, changes, type?.fields ?? []))
    await serviceChanged(changed)
    tell(`${changed.name} is as the file says`, count)
    await navigate({ to: '/services/$link/security', params: { link: changed.linkName } })
  }
  if (changes.length === 0) {
    return (
      <Notice
        tone="ok"
        title="Nothing to change"
        action={
          <Link
            to="/services/$link/general"
            params={{ link: held.linkName }}
            className={buttonClass({ size: 'small' })}
          >
            Open {held.name}
          </Link>
        }
      >
        It is as the file says. Secrets are not in files and were not compared.
      </Notice>
    )
  }
  return (
    <>
      <Section title={`${count} to ${held.name}`} description="From what is stored now to what the file says.">
        <ChangeList changes={changes} type={type} before={types.find((one) => one.type === held.auth?.type)} />
      </Section>
      {frozen.length > 0 ? (
        <Notice
          tone="bad"
          title={frozen.length === 1 ? 'One change is frozen' : `${frozen.length} changes are frozen`}
          action={
            <Button size="small" busy={busy} onClick={() => run(() => create(false))}>
              Create as another draft
            </Button>
          }
        >
          So nothing of the file can be applied to it. As a draft with another link name everything can be changed; its
          connections are then made anew.
        </Notice>
      ) : (
        <Notice tone="info" title="What it means">
          <ul className="list-disc pl-4.5">
            {effectsOf(held, changes).map((effect) => (
              <li key={effect}>{effect}</li>
            ))}
            <li>Stored secrets stay as they are.</li>
          </ul>
        </Notice>
      )}
      {problem}
      {frozen.length === 0 && (
        <Button look="primary" className="w-fit" busy={busy} onClick={() => run(apply)}>
          Apply {count}
        </Button>
      )}
    </>
  )
}

/** Does something that may fail, and says so. */
function useRun() {
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const run = (act: () => Promise<void>): void => {
    setBusy(true)
    setFailure(undefined)
    act()
      .catch(setFailure)
      .finally(() => setBusy(false))
  }
  const words = failure === undefined ? undefined : wordsFor(failure)
  const problem = words && (
    <Notice tone="bad" live title={words.title}>
      <p>{words.detail}</p>
      <ul className="list-disc pl-4.5">
        {words.errors.map(({ path, message }) => (
          <li key={path}>
            {path}: {message}
          </li>
        ))}
      </ul>
    </Notice>
  )
  return { busy, problem, run }
}
