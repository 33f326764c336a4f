import type { AuthType, FormField } from '@mooring/sdk'
import { Lock } from 'lucide-react'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { Facts } from '../../forms/facts.tsx'
import { FormFields } from '../../forms/form_fields.tsx'
import { isRecord, textOf } from '../../forms/values.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { tellProblem } from '../../ui/toast.tsx'
import { wordsFor } from '../../words/problem.ts'
import { useArrival } from './arrival.ts'
import { useBuilder } from './builder_context.tsx'
import { CallbackCard } from './callback_card.tsx'
import { Checklist } from './checklist.tsx'
import { emptyAuth } from './definition.ts'
import { PreviewColumn } from './preview_column.tsx'
import { ReplaceSecret } from './replace_secret.tsx'
import { SectionFooter } from './section_footer.tsx'
import { useDuplicate } from './service_actions.tsx'
import { ChosenType, TypeCards } from './type_cards.tsx'

/** How the API is authenticated, with what goes out beside it. */
export function BuilderSecurity() {
  const { service, type, types, definition, draft, may } = useBuilder()
  useArrival()
  const { state, preview } = definition
  const redirects = type?.redirects === true && (preview.preview?.redirects ?? true)
  const choose = (chosen: AuthType): void => state.replace((before) => ({ ...before, auth: emptyAuth(chosen) }))
  const editable = draft && may
  return (
    <div className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_26rem] xl:items-start">
      <div className="flex min-w-0 flex-col gap-5">
        {redirects && <CallbackCard url={service.callbackUrl} />}
        {!draft && may && <LockedLine />}
        <Section>
          <div className="p-4">
            {!editable ? (
              <TypeFact type={type} />
            ) : type === undefined ? (
              <TypeCards types={types} type={type} onChoose={choose} />
            ) : (
              <ChosenType types={types} type={type} onChoose={choose} scopes={service.scopes.length} />
            )}
          </div>
        </Section>
        {type !== undefined && (
          <Section title={`${type.title} settings`}>
            <div className="flex flex-col gap-4 p-4">
              {editable ? <FormFields fields={type.fields} under="auth" /> : <Settings type={type} />}
            </div>
          </Section>
        )}
        {editable && (
          <SectionFooter
            {...(type?.scopes === true
              ? { next: { to: '/services/$link/scopes' as const, params: { link: service.linkName } } }
              : {})}
            isHere={(part) => part.startsWith('auth')}
          />
        )}
      </div>
      {may && (
        <aside
          aria-label="Preview and checklist"
          className="flex min-w-0 flex-col gap-4 xl:sticky xl:top-6 xl:max-h-[calc(100dvh-3rem)] xl:overflow-y-auto"
        >
          {draft && <Checklist />}
          <PreviewColumn
            definition={definition}
            fixes={draft}
            onRest={(rest) => void addScopes(service.id, service.scopes, rest['scopes'])}
          />
        </aside>
      )}
    </div>
  )
}

function TypeFact({ type }: { type: AuthType | undefined }) {
  return (
    <div>
      <p className="text-[13px] text-ink-3">Authentication Type</p>
      <p className="text-base font-semibold">{type?.title ?? 'Not chosen yet'}</p>
      {type !== undefined && <p className="text-ink-2">{type.summary}</p>}
    </div>
  )
}

/** A ready service's settings: to read, and its secrets to replace. */
function Settings({ type }: { type: AuthType }) {
  const { definition, may } = useBuilder()
  const { auth } = definition.state.values
  return (
    <Facts
      fields={type.fields}
      values={isRecord(auth) ? auth : {}}
      isStored={(name) => definition.handle.isStored(`auth.${name}`)}
      {...(may ? { Action: SecretAction } : {})}
    />
  )
}

/** A group of secrets cannot be replaced once the service is ready. */
function SecretAction({ field }: { field: FormField }) {
  const { service } = useBuilder()
  return field.kind === 'secret' && <ReplaceSecret field={field} service={service} />
}

function LockedLine() {
  const { service } = useBuilder()
  const duplicate = useDuplicate()
  return (
    <Notice
      tone="mute"
      title={
        <span className="flex items-center gap-1.5">
          <Lock aria-hidden className="size-3.5" />
          Locked since it is Ready
        </span>
      }
      action={
        <Button size="small" onClick={() => void duplicate(service)}>
          Duplicate to change
        </Button>
      }
    >
      Connections rely on how it authenticates. Secrets can still be replaced.
    </Notice>
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
