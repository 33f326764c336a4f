import { useQuery } from '@tanstack/react-query'
import { SettingsForm } from '../../connection/summary/settings_form.tsx'
import { useOpenConnection } from '../../connection/summary/open_connection.tsx'
import { useEnabled } from '../../connection/summary/use_enabled.ts'
import { oneService } from '../../data/services.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { LoadError, SkeletonRows } from '../../ui/states.tsx'
import { Switch } from '../../ui/switch.tsx'

export function ConnectionSettings() {
  const { connection, mayChange, gone, revoke, remove } = useOpenConnection()
  const service = useQuery(oneService(connection.service.linkName))
  const { setEnabled, busy } = useEnabled(connection)
  const revocable = connection.status !== 'created' && connection.status !== 'revoked'
  return (
    <div className="flex max-w-3xl flex-col gap-5">
      {!mayChange && !gone && (
        <Notice tone="info">
          You may look at this connection, and not change it. An owner or an admin can let you.
        </Notice>
      )}
      <Section title="Details">
        {service.data !== undefined ? (
          <SettingsForm service={service.data} />
        ) : service.isPending ? (
          <SkeletonRows rows={2} />
        ) : (
          <div className="p-4">
            <LoadError error={service.error} retrying={service.isFetching} onRetry={() => void service.refetch()} />
          </div>
        )}
      </Section>
      <Section>
        <div className="px-4 py-3.5">
          <Switch
            label="Enabled"
            help="Off: calls through it are refused and nothing is renewed. What was granted is kept."
            checked={connection.enabled}
            disabled={!mayChange || busy}
            onChange={(event) => setEnabled(event.target.checked)}
          />
        </div>
      </Section>
      {mayChange && (
        <Section title="Danger zone" className="border-bad/40">
          <ul className="flex flex-col divide-y divide-line">
            {revocable && (
              <li className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
                <div className="min-w-0 flex-1 basis-64">
                  <p className="font-medium">Take back the access</p>
                  <p className="text-[13px] text-ink-3">
                    {connection.service.name} is told, what it gave is deleted here. The connection stays and can be
                    connected again.
                  </p>
                </div>
                <Button className="text-bad" onClick={() => revoke()}>
                  Revoke access
                </Button>
              </li>
            )}
            <li className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
              <div className="min-w-0 flex-1 basis-64">
                <p className="font-medium">Delete the connection</p>
                <p className="text-[13px] text-ink-3">
                  Revokes it, then deletes everything about it. It does not come back.
                </p>
              </div>
              <Button className="text-bad" onClick={remove}>
                Delete connection
              </Button>
            </li>
          </ul>
        </Section>
      )}
    </div>
  )
}
