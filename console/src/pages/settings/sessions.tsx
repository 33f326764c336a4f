import type { SignedIn } from '@mooring/sdk'
import { MooringError } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Monitor } from 'lucide-react'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { ownSessions } from '../../data/people.ts'
import { signOut } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Badge } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { LoadError, SkeletonRows } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { tell, tellProblem } from '../../ui/toast.ts'
import { browserWords } from '../../words/browser.ts'
import { wordsFor } from '../../words/problem.ts'

/** The browsers in which oneself is signed in. */
export function Sessions() {
  const sessions = useQuery(ownSessions)
  const [ending, setEnding] = useState<string>()
  const others = (sessions.data ?? []).filter(({ current }) => !current)
  const end = async (what: string, which: readonly SignedIn[], told: string): Promise<void> => {
    setEnding(what)
    try {
      await Promise.all(which.map(({ id }) => endOne(id)))
      tell(told)
    } catch (error) {
      const { title, detail } = wordsFor(error)
      tellProblem(title, detail)
    } finally {
      await sessions.refetch()
      setEnding(undefined)
    }
  }
  return (
    <Section
      title="Where you are signed in"
      description="A session ends 12 hours after its last use."
      actions={
        others.length > 0 && (
          <Button
            size="small"
            busy={ending === 'others'}
            onClick={() => void end('others', others, 'You are signed out everywhere else')}
          >
            Sign out everywhere else
          </Button>
        )
      }
    >
      {sessions.error !== null && (
        <LoadError error={sessions.error} retrying={sessions.isFetching} onRetry={() => void sessions.refetch()} />
      )}
      {sessions.isPending && <SkeletonRows rows={2} />}
      <ul className="divide-y divide-line">
        {sessions.data?.map((session) => {
          const name = browserWords(session.userAgent)
          return (
            <li key={session.id} className="flex items-center gap-3 px-4 py-2.5">
              <Monitor aria-hidden className="size-4 shrink-0 text-ink-3" />
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-center gap-x-2 font-medium">
                  {name}
                  {session.current && <Badge tone="ok">This browser</Badge>}
                </p>
                <p className="text-[13px] break-words text-ink-3">
                  {session.address} · last seen <Time at={session.lastSeenAt} /> · signed in{' '}
                  <Time at={session.createdAt} />
                </p>
              </div>
              <Button
                size="small"
                look="quiet"
                busy={ending === session.id}
                aria-label={session.current ? 'Sign out of this browser' : `Sign out ${name}, ${session.address}`}
                onClick={() => void (session.current ? signOut() : end(session.id, [session], `${name} is signed out`))}
              >
                Sign out
              </Button>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}

/** One that has ended by itself meanwhile is what was wanted. */
async function endOne(id: string): Promise<void> {
  try {
    await client.session.end(id)
  } catch (error) {
    if (!(error instanceof MooringError && error.status === 404)) throw error
  }
}
