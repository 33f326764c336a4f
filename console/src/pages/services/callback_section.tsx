import { CallbackCard } from '../../connection/callback_card.tsx'
import { Section } from '../../ui/page.tsx'

/** Comes before everything else: the provider asks for it before it gives a client id. */
export function CallbackSection({ url }: { url: string }) {
  return (
    <Section title="Register this callback URL at the provider">
      <div className="p-4">
        <CallbackCard url={url} provider="the provider" />
      </div>
    </Section>
  )
}
