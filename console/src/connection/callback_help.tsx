import type { Connection } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { oneService } from '../data/services.ts'
import { CopyField } from '../ui/copy.tsx'

/** The address that the provider must know; a mismatch is told on its own page, where we cannot see it. */
export function CallbackHelp({ connection }: { connection: Connection }) {
  const service = useQuery(oneService(connection.service.linkName)).data
  if (service === undefined) return null
  return (
    <div className="mt-3 max-w-2xl border-t border-current/20 pt-3">
      <p className="font-medium text-ink">Does {connection.service.name} say the redirect URI does not match?</p>
      <p className="mb-1.5">Add this address to your app at {connection.service.name}, exactly, then connect again.</p>
      <CopyField label="callback URL" value={service.callbackUrl} />
    </div>
  )
}
