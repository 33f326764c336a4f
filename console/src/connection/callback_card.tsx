import { useQuery } from '@tanstack/react-query'
import { system } from '../data/system.ts'
import { CopyField } from '../ui/copy.tsx'
import { Notice } from '../ui/notice.tsx'
import { isOnlyHere, publicUrlSetting, publicUrlWarnings } from '../words/public_url.ts'

/** The address to register at the provider, before anything else is filled in. `provider`: its name. */
export function CallbackCard({ url, provider }: { url: string; provider: string }) {
  const publicUrl = useQuery(system).data?.publicUrl
  const warnings = publicUrl === undefined ? [] : publicUrlWarnings(publicUrl, location.origin)
  return (
    <div className="flex flex-col gap-2">
      <CopyField label="callback URL" value={url} />
      <p className="text-[13px] text-ink-3">
        Providers call it redirect URI, redirect URL or callback URL. Add it to your app at {provider}, exactly as it
        is.
      </p>
      {warnings.length === 0 && publicUrl !== undefined && isOnlyHere(publicUrl) && (
        <Notice tone="info" title="This address works on this computer only">
          Good for trying things out. For others to sign in, set{' '}
          <code className="font-mono text-xs">MOORING_PUBLIC_URL</code> to an https address that they reach.
        </Notice>
      )}
      {warnings.map(({ title, why }) => (
        <Notice key={title} tone="warn" title={title}>
          {why} Set <code className="font-mono text-xs">{publicUrlSetting(publicUrl ?? '', location.origin)}</code> on
          the server before you register the address.
        </Notice>
      ))}
    </div>
  )
}
