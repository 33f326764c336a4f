import type { AuthType, FormField } from '@mooring/sdk'
import { Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import { FieldFacts } from '../../forms/facts.tsx'
import { FormFields } from '../../forms/form_fields.tsx'
import { isRecord } from '../../forms/values.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { useArrival } from './arrival.ts'
import { useBuilder } from './builder_context.tsx'
import { CallbackSection } from './callback_section.tsx'
import { emptyAuth } from './definition.ts'
import { ReplaceSecret } from './replace_secret.tsx'
import { SectionForm } from './section_form.tsx'
import { useDuplicate } from './service_actions.tsx'
import { SideColumn } from './side_column.tsx'
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
      <Frame editable={editable} scopes={type?.scopes === true}>
        {redirects && <CallbackSection url={service.callbackUrl} />}
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
            {editable ? (
              <div className="flex flex-col gap-4 p-4">
                <FormFields fields={type.fields} under="auth" />
              </div>
            ) : (
              <Settings type={type} />
            )}
          </Section>
        )}
      </Frame>
      <SideColumn />
    </div>
  )
}

/** Only a draft's settings are a form; what they lead to next depends on the type. */
function Frame({ editable, scopes, children }: { editable: boolean; scopes: boolean; children: ReactNode }) {
  const { service } = useBuilder()
  if (!editable) return <div className="flex min-w-0 flex-col gap-5">{children}</div>
  const next = { to: '/services/$link/scopes' as const, params: { link: service.linkName } }
  return (
    <SectionForm {...(scopes ? { next } : {})} isHere={(part) => part.startsWith('auth')}>
      {children}
    </SectionForm>
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
    <FieldFacts
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
      icon={Lock}
      title="Locked since it is Ready"
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
