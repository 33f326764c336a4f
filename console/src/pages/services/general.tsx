import { FieldFacts } from '../../forms/facts.tsx'
import { FormFields } from '../../forms/form_fields.tsx'
import { Section } from '../../ui/page.tsx'
import { useArrival } from './arrival.ts'
import { useBuilder } from './builder_context.tsx'
import { Checklist } from './checklist.tsx'
import { apiFields, descriptionField, linkNameField, nameField } from './general_fields.ts'
import { IdentityFields } from './identity_fields.tsx'
import { LogoField } from './logo_field.tsx'
import { SectionForm } from './section_form.tsx'

/** Who the service is, and where its API is. */
export function BuilderGeneral() {
  const { service, draft, may, definition } = useBuilder()
  useArrival()
  if (!may) {
    return (
      <Section>
        <FieldFacts
          fields={[nameField, linkNameField, descriptionField, ...apiFields]}
          values={definition.state.values}
        />
      </Section>
    )
  }
  return (
    <div className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_26rem] xl:items-start">
      <SectionForm
        {...(draft ? { next: { to: '/services/$link/security' as const, params: { link: service.linkName } } } : {})}
        isHere={(part) => !part.startsWith('auth') && part !== 'scopeDelimiter'}
      >
        <Section title="General">
          <div className="flex flex-col gap-4 p-4">
            <IdentityFields linkNameLocked={!draft} />
            <LogoField />
          </div>
        </Section>
        <Section title="The API" description="Where calls go, and where the credential may go with them.">
          <div className="flex flex-col gap-4 p-4">
            <FormFields fields={apiFields} />
          </div>
        </Section>
      </SectionForm>
      {draft && (
        <aside aria-label="Checklist" className="min-w-0 xl:sticky xl:top-6">
          <Checklist />
        </aside>
      )}
    </div>
  )
}
