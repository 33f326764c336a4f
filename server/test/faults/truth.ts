/** What the provider knows: which tokens it gave, which it takes, and what came to it. Nothing here asks Mooring. */
import { randomBytes } from 'node:crypto'

/**
 * What a provider does with a refresh token once it has given another. `detects`: used again, it ends the grant. `strict`:
 * it is refused. `grace`: it goes on working until its successor is used. `keeps`: there is never another.
 */
export const habits = ['grace', 'strict', 'detects', 'keeps'] as const
export type Habit = (typeof habits)[number]

/** One token request. */
export interface Asking {
  /** The refresh token or code that came. */
  token: string
  /** Whether the provider did what was asked. */
  processed: boolean
  refused: boolean
  /** `clear`: whoever asked was told everything. `unclear`: nothing, half, or a fault that says nothing. */
  answer: 'none' | 'clear' | 'unclear'
  /** The refresh token that the answer holds. */
  gave: string | undefined
  over: boolean
}

export interface GrantTruth {
  habit: Habit
  /** In the order they were given; the last is the newest. */
  refreshTokens: string[]
  /** The refresh token that was used last, and those that were given for it. */
  used: string | undefined
  gaveFor: string[]
  accessTokens: Set<string>
  ended: boolean
  /** Told by the revocation endpoint. */
  revoked: boolean
  askings: Asking[]
}

export interface Truth {
  /** In every secret that is made here: what is looked for where no secret may be. */
  needle: string
  secret(kind: string): string
  grant(habit: Habit): GrantTruth
  byToken(token: string): GrantTruth | undefined
  byAccessToken(token: string): GrantTruth | undefined
  /** Whether this refresh token would bring a new access token now. */
  takes(grant: GrantTruth, token: string): boolean
  /** Uses a refresh token; undefined where it is refused. */
  use(grant: GrantTruth, token: string): { accessToken: string; refreshToken: string } | undefined
  end(grant: GrantTruth): void
  /** From here on the API refuses the access tokens there are. */
  expire(grant: GrantTruth): void
}

export function createTruth(): Truth {
  const needle = `needle${randomBytes(12).toString('hex')}`
  let count = 0
  const secret = (kind: string): string => `${kind}-${needle}-${count++}-${randomBytes(6).toString('hex')}`
  const byToken = new Map<string, GrantTruth>()
  const byAccessToken = new Map<string, GrantTruth>()

  const give = (grant: GrantTruth): { accessToken: string; refreshToken: string } => {
    const accessToken = secret('access')
    grant.accessTokens.add(accessToken)
    byAccessToken.set(accessToken, grant)
    const newest = grant.refreshTokens.at(-1)
    const refreshToken = newest !== undefined && grant.habit === 'keeps' ? newest : secret('refresh')
    if (refreshToken !== newest) {
      grant.refreshTokens.push(refreshToken)
      grant.gaveFor.push(refreshToken)
      byToken.set(refreshToken, grant)
    }
    return { accessToken, refreshToken }
  }

  const takes = (grant: GrantTruth, token: string): boolean => {
    if (grant.ended) return false
    if (grant.habit === 'grace') return token === grant.used || grant.gaveFor.includes(token)
    return token === grant.refreshTokens.at(-1)
  }

  return {
    needle,
    secret,
    takes,
    grant(habit) {
      const grant: GrantTruth = {
        habit,
        refreshTokens: [],
        used: undefined,
        gaveFor: [],
        accessTokens: new Set(),
        ended: false,
        revoked: false,
        askings: [],
      }
      give(grant)
      return grant
    },
    byToken: (token) => byToken.get(token),
    byAccessToken: (token) => byAccessToken.get(token),
    use(grant, token) {
      if (!takes(grant, token)) {
        if (grant.habit === 'detects' && grant.refreshTokens.includes(token)) grant.ended = true
        return undefined
      }
      if (token !== grant.used) {
        grant.used = token
        grant.gaveFor = []
      }
      return give(grant)
    },
    end(grant) {
      grant.ended = true
      grant.accessTokens.clear()
    },
    expire: (grant) => grant.accessTokens.clear(),
  }
}
