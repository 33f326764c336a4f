/** Why signing in did not work, in one sentence and what to do. */
import { MooringError } from '@mooring/sdk'
import { wordsFor } from '../../words/problem.ts'
import { span } from '../../words/time.ts'

export interface SignInProblem {
  title: string
  todo?: string | undefined
}

export function signInProblem(error: unknown): SignInProblem {
  const { title, detail, hint } = wordsFor(error)
  if (error instanceof MooringError) {
    if (error.code === 'rate_limited' && error.retryAfterSeconds !== undefined) {
      const wait = span((error.retryAfterSeconds + (error.retryAfterSeconds >= 60 ? 59 : 0)) * 1000)
      return { title: detail, todo: `Wait ${wait}, then sign in. A right password is refused too until then.` }
    }
    if (error.status === 401 || error.status === 403) return { title: detail, todo: hint }
  }
  return { title, todo: [detail, hint].filter(Boolean).join(' ') }
}
