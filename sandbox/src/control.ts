/** How the OAuth 2 token endpoint can be made to fail, always before it has processed anything. */
export type TokenFailureKind =
  | 'http_500'
  | 'http_503'
  | 'http_429'
  | 'html'
  | 'error_200'
  | 'invalid_grant'
  | 'invalid_client'
  | 'hang'
  | 'slow'
  | 'endless'
  | 'redirect'
  | 'garbage'
  | 'empty'

export interface TokenFailure {
  kind: TokenFailureKind
  /** How many requests fail; default 1. */
  times?: number
  /** Sent as Retry-After with `http_429` (default 1) and `http_503` (default: no such header). */
  retryAfterSeconds?: number
  /** How late a `slow` answer is; it is then an ordinary one. Default 1000. */
  milliseconds?: number
  /** Status of `html` (default 502), `garbage` and `empty` (default 200). */
  status?: number
  /** The `error` of `error_200`; default `bad_refresh_token`. */
  error?: string
}

/** Changes to every successful token answer from now on. `omit` is applied after `set`. */
export interface TokenShape {
  omit?: string[]
  set?: Record<string, unknown>
}

export interface SandboxCounts {
  authorize: number
  token: number
  tokenByGrant: { authorization_code: number; refresh_token: number; client_credentials: number; other: number }
  revoke: number
  introspect: number
  oauth1: { requestToken: number; authorize: number; accessToken: number; revoke: number }
  api: number
}

/** One request as the authorization server saw it. Names and choices only: no secret, code or token is in it. */
export interface SandboxLogEntry {
  /** RFC 3339, UTC. */
  at: string
  endpoint: 'authorize' | 'token' | 'revoke' | 'introspect'
  status: number
  /** The `error` the answer carried. */
  error?: string
  grantType?: string
  clientId?: string
  clientAuthentication?: 'form' | 'header' | 'none' | 'several'
  /** authorize: the scope parameter undecoded, as it stood in the query string. Elsewhere: decoded. */
  scope?: string
  codeChallengeMethod?: string
  contentType?: string
  parameterNames: string[]
}

export interface SandboxControl {
  failToken(failure: TokenFailure): void
  shapeToken(shape: TokenShape): void
  /** The request is processed (a refresh token is rotated), then the connection breaks before the answer. */
  dropAfterProcessing(times?: number): void
  /** The revocation endpoint answers 503, before it has revoked anything. */
  failRevocation(times?: number): void
  /** Sent as Cross-Origin-Opener-Policy with every page from now on; null: no such header. */
  openerPolicy(value: 'same-origin' | 'same-origin-allow-popups' | null): void
  /** All OAuth 2 access tokens become invalid at once; refresh tokens stay. @returns how many there were */
  expireAccessTokens(): number
  /** Every grant people made is gone, OAuth 1 included. @returns how many documents were removed */
  revokeGrants(): number
  counts(): SandboxCounts
  /** Oldest first; the last 200. */
  log(): SandboxLogEntry[]
  /** No failures, no shape, no counts, no log. Grants stay. */
  reset(): void
}

/** The other side of the control: what the endpoints ask and tell it. */
export interface ControlledEndpoints {
  takeFailure(): TokenFailure | undefined
  takeDrop(): boolean
  takeRevocationFailure(): boolean
  openerPolicy(): string | null
  shape(answer: Record<string, unknown>): Record<string, unknown>
  record(entry: SandboxLogEntry): void
  /** The running counts; endpoints increment them in place. */
  readonly tally: SandboxCounts
}

const LOG_LENGTH = 200

const noCounts = (): SandboxCounts => ({
  authorize: 0,
  token: 0,
  tokenByGrant: { authorization_code: 0, refresh_token: 0, client_credentials: 0, other: 0 },
  revoke: 0,
  introspect: 0,
  oauth1: { requestToken: 0, authorize: 0, accessToken: 0, revoke: 0 },
  api: 0,
})

export function createControl(tokens: Pick<SandboxControl, 'expireAccessTokens' | 'revokeGrants'>): {
  control: SandboxControl
  endpoints: ControlledEndpoints
} {
  let failures: { failure: TokenFailure; left: number }[] = []
  let drops = 0
  let revocationFailures = 0
  let opener: string | null = null
  let shape: TokenShape = {}
  let entries: SandboxLogEntry[] = []
  let tally = noCounts()

  const control: SandboxControl = {
    failToken(failure) {
      failures.push({ failure, left: failure.times ?? 1 })
    },
    shapeToken(next) {
      shape = next
    },
    dropAfterProcessing(times = 1) {
      drops = times
    },
    failRevocation(times = 1) {
      revocationFailures = times
    },
    openerPolicy(value) {
      opener = value
    },
    ...tokens,
    counts: () => structuredClone(tally),
    log: () => structuredClone(entries),
    reset() {
      failures = []
      drops = 0
      revocationFailures = 0
      opener = null
      shape = {}
      entries = []
      tally = noCounts()
    },
  }

  const endpoints: ControlledEndpoints = {
    takeFailure() {
      const first = failures[0]
      if (!first) return undefined
      first.left -= 1
      if (first.left <= 0) failures.shift()
      return first.failure
    },
    takeDrop() {
      if (drops === 0) return false
      drops -= 1
      return true
    },
    takeRevocationFailure() {
      if (revocationFailures === 0) return false
      revocationFailures -= 1
      return true
    },
    openerPolicy: () => opener,
    shape(answer) {
      const shaped = { ...answer, ...shape.set }
      for (const name of shape.omit ?? []) delete shaped[name]
      return shaped
    },
    record(entry) {
      entries = [...entries, entry].slice(-LOG_LENGTH)
    },
    get tally() {
      return tally
    },
  }

  return { control, endpoints }
}
