import type { Service } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Plug } from 'lucide-react'
import { connectionPrompt } from '../../data/connections.ts'
import { Button } from '../../ui/button.tsx'
import { cn } from '../../ui/class_names.ts'
import { useOpenConnection } from './open_connection.tsx'

/** Of a connection that nobody has authorized yet: what will happen, and the one button. */
export function ConnectPanel({ service }: { service: Service | undefined }) {
  const { connection, mayChange, connect, connecting, share } = useOpenConnection()
  const { data: prompt } = useQuery(connectionPrompt(connection.linkName))
  const { name } = connection.service
  const perUser = connection.authorizationLevel === 'per_user'
  const asks = prompt?.fields.map(({ label }) => label) ?? []
  const scopes = connection.scopes.length
  return (
    <section
      aria-label="Connect"
      className="flex flex-col items-start gap-4 rounded-lg border border-line bg-card p-5 sm:flex-row sm:items-center sm:justify-between sm:p-6"
    >
      <div className="min-w-0">
        <p className="text-base font-semibold">Not connected yet</p>
        <p className="max-w-xl text-ink-2">
          {prompt === undefined
            ? `It is saved. Connect it to ${name} to use it.`
            : prompt.redirects
              ? `A window of ${name} opens: sign in there${scopes === 0 ? '' : ` and agree to ${scopes === 1 ? '1 scope' : `${scopes} scopes`}`}. Mooring keeps the access alive from then on.`
              : asks.length > 0
                ? `You are asked for ${listed(asks)}. ${(service?.probe ?? null) === null ? '' : 'It is tested at once.'}`
                : `${name} gives a token at once, or a code to enter there; no window opens.`}
        </p>
        {!mayChange && <p className="mt-1 text-ink-2">Ask somebody who may change connections to connect it.</p>}
      </div>
      {mayChange && (
        <div className="flex flex-wrap gap-2">
          {prompt?.redirects === true && !perUser && <Button onClick={share}>Share connect link</Button>}
          <Button
            look="primary"
            busy={connecting}
            onClick={() => connect()}
            className={cn('h-11 min-w-36 px-6 text-base')}
          >
            <Plug aria-hidden className="size-4" />
            Connect
          </Button>
        </div>
      )}
    </section>
  )
}

function listed(words: string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
