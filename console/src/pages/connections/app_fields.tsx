import type { CatalogueEntry } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { CallbackCard } from '../../connection/callback_card.tsx'
import { system } from '../../data/system.ts'
import { Field, Input } from '../../ui/field.tsx'
import { Section } from '../../ui/page.tsx'
import { SecretInput } from '../../ui/secret_input.tsx'
import { Skeleton } from '../../ui/states.tsx'
import type { PartProps } from './details_parts.tsx'

interface AppFieldsProps extends PartProps {
  entry: CatalogueEntry
  callbackId: string
}

/** What only the user can bring: their own app at the provider. The address it must know comes first. */
export function AppFields({ entry, callbackId, details }: AppFieldsProps) {
  const publicUrl = useQuery(system).data?.publicUrl
  return (
    <>
      {entry.redirects && (
        <Section title={`Register this callback URL at ${entry.name}`}>
          <div className="p-4">
            {publicUrl === undefined ? (
              <Skeleton className="h-9" />
            ) : (
              <CallbackCard url={`${publicUrl}/oauth/callback/${callbackId}`} provider={entry.name} />
            )}
          </div>
        </Section>
      )}
      {entry.asks.length > 0 && (
        <Section title={`Your app at ${entry.name}`} description="Stored encrypted, never shown again.">
          <div className="flex flex-col gap-4 p-4">
            <Asks entry={entry} details={details} />
          </div>
        </Section>
      )}
    </>
  )
}

function Asks({ entry: { asks }, details: { form, field } }: PartProps & { entry: CatalogueEntry }) {
  return asks.map(({ field: name, label, secret, required, example }) => {
    const Control = secret ? SecretInput : Input
    return (
      <Field key={name} {...field(`asks.${name}`)} label={label} required={required} optional={!required}>
        {(parts) => (
          <Control
            {...parts}
            {...form.register(`asks.${name}`)}
            placeholder={example}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
      </Field>
    )
  })
}
