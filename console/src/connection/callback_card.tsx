import { useQuery } from '@tanstack/react-query'
import { system } from '../data/system.ts'
import { CopyField } from '../ui/copy.tsx'
import { Notice } from '../ui/notice.tsx'

/** The address to register at the provider, before anything else is filled in. `provider`: its name. */
export function CallbackCard({ url, provider }: { url: string; provider: string }) {
  const publicUrl = useQuery(system).data?.publicUrl
  const warning = publicUrl === undefined ? undefined : publicUrlWarning(publicUrl, location.origin)
  return (
    <div className="flex flex-col gap-2">
      <CopyField label="callback URL" value={url} />
      <p className="text-[13px] text-ink-3">
        Providers call it redirect URI, redirect URL or callback URL. Add it to your app at {provider}, exactly as it
        is.
      </p>
      {warning !== undefined && (
        <Notice tone="warn" title={warning.title}>
          {warning.text}
        </Notice>
      )}
    </div>
  )
}

/** The callback URL begins with the configured public URL: said before somebody registers an address that cannot work. */
function publicUrlWarning(publicUrl: string, origin: string): { title: string; text: string } | undefined {
  const url = URL.parse(publicUrl)
  if (url === null) return undefined
  const setting = 'MOORING_PUBLIC_URL is where the server learns its address.'
  if (url.origin !== origin) {
    return {
      title: `You are at ${origin}, sign-ins come back to ${url.origin}`,
      text: `If that is not this server, the callback URL is wrong. ${setting}`,
    }
  }
  if (/^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)) {
    return {
      title: 'This address works on this computer only',
      text: `Fine for trying things out; some providers refuse it. ${setting}`,
    }
  }
  if (url.protocol !== 'https:') {
    return { title: 'This address is not https', text: `Most providers take https addresses only. ${setting}` }
  }
  return undefined
}
