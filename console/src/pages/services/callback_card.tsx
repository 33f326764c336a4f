import { useQuery } from '@tanstack/react-query'
import { system } from '../../data/system.ts'
import { CopyField } from '../../ui/copy.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'

/** Comes before everything else: the provider asks for it before it gives a client id. */
export function CallbackCard({ url }: { url: string }) {
  return (
    <>
      <Section
        title="Register this callback URL at the provider"
        description="Providers also call it redirect URI. It has to be there letter for letter."
      >
        <div className="p-4">
          <CopyField value={url} label="Callback URL" />
        </div>
      </Section>
      <AddressWarning />
    </>
  )
}

/** A callback that leads nowhere is found out late otherwise: on the provider's page, after signing in. */
function AddressWarning() {
  const publicUrl = useQuery(system).data?.publicUrl
  if (publicUrl === undefined) return null
  const { origin, hostname, protocol } = new URL(publicUrl)
  if (origin !== location.origin) {
    return (
      <Notice tone="warn" title="The callback URL leads to another address than the one you are at">
        It begins with {origin}, and your browser is at {location.origin}. Set MOORING_PUBLIC_URL to the address that
        people use, or signing in will not come back here.
      </Notice>
    )
  }
  if (hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]') {
    return (
      <Notice tone="warn" title="This callback URL works on this computer only">
        Good for trying things out. For others to sign in, set MOORING_PUBLIC_URL to an https address that they reach.
      </Notice>
    )
  }
  if (protocol !== 'https:') {
    return (
      <Notice tone="warn" title="Most providers refuse a callback URL without https">
        Set MOORING_PUBLIC_URL to an https address.
      </Notice>
    )
  }
  return null
}
