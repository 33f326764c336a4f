import type { Connection } from '@mooring/sdk'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { connectionChanged } from '../../data/connections.ts'
import { queryClient } from '../../data/query_client.ts'
import { wordsFor } from '../../words/problem.ts'
import { nextStep } from '../../words/status.ts'
import { took } from '../../words/time.ts'

/** What a test or a refresh brought, shown where it was asked for. */
export interface CheckResult {
  ok: boolean
  title: string
  detail: string
  hint?: string | undefined
  requestId?: string | undefined
}

export interface Check {
  running: 'test' | 'refresh' | null
  result: CheckResult | null
  test: () => void
  refresh: () => void
  dismiss: () => void
}

/** Tests a connection, or renews its token, now. */
export function useCheck({ linkName }: Connection): Check {
  const [running, setRunning] = useState<Check['running']>(null)
  const [result, setResult] = useState<CheckResult | null>(null)
  const run = async (what: 'test' | 'refresh', act: () => Promise<CheckResult>): Promise<void> => {
    setRunning(what)
    setResult(null)
    try {
      setResult(await act())
    } catch (error) {
      const { title, detail, hint, requestId } = wordsFor(error)
      setResult({ ok: false, title, detail, hint, requestId })
    }
    setRunning(null)
    // Refused or not, it has left its mark on the connection and in its activity.
    await queryClient.invalidateQueries({ queryKey: ['connections'] })
    await queryClient.invalidateQueries({ queryKey: ['activity'] })
  }
  return {
    running,
    result,
    dismiss: () => setResult(null),
    test: () =>
      void run('test', async () => {
        const { ok, status, latencyMs, detail, hint } = await client.connections.test(linkName)
        const answered = status === null ? detail : `${detail} It took ${took(latencyMs)}.`
        return { ok, title: ok ? 'Test passed' : 'Test failed', detail: answered, hint }
      }),
    refresh: () =>
      void run('refresh', async () => {
        const startedAt = performance.now()
        const connection = await client.connections.refresh(linkName)
        const time = took(performance.now() - startedAt)
        await connectionChanged(connection)
        return {
          ok: true,
          title: 'Token refreshed',
          detail: `It took ${time}. Next refresh ${nextStep(connection, Date.now())}.`,
        }
      }),
  }
}
