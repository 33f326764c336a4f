import type { Connection } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { connectionUsage } from '../data/connections.ts'
import { Skeleton } from '../ui/states.tsx'
import { Callers, callersInWords } from './used_by.tsx'

/** Who it will hurt when a connection stops working. */
export function BlastRadius({ connection }: { connection: Connection }) {
  const { data: usage, isPending } = useQuery(connectionUsage(connection.linkName))
  const callers = usage === undefined ? undefined : callersInWords(usage)
  return (
    <>
      <p>
        Anything using <span className="font-mono text-[13px] text-ink">{connection.linkName}</span> stops working right
        away.{' '}
        {usage !== undefined &&
          (callers === undefined ? 'Nobody used it in the last 7 days.' : `${callers} used it in the last 7 days.`)}
        {usage === undefined && !isPending && 'Who used it lately could not be loaded.'}
      </p>
      {isPending && <Skeleton className="mt-2 w-2/3" />}
      {usage !== undefined && callers !== undefined && (
        <div className="mt-2 rounded-md bg-mute-soft px-3 py-2">
          <Callers usage={usage} />
        </div>
      )}
    </>
  )
}
