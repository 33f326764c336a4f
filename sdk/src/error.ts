/** What goes wrong, as one class. */
import type { ErrorCode, FieldError, Problem } from '@mooring/contract'

/** What the SDK itself reports, next to the codes of the API. */
export type ClientErrorCode =
  /** No answer came: the server is down, the address is wrong, the connection broke. */
  | 'unreachable'
  /** An answer came that is not one of Mooring's. */
  | 'unexpected_answer'
  /** `waitForAttempt` waited as long as it was told to. */
  | 'wait_timeout'

export interface MooringErrorInput {
  code: ErrorCode | ClientErrorCode | (string & {})
  /** The HTTP status, 0 where no answer came. */
  status: number
  title: string
  detail: string
  errors?: FieldError[]
  hint?: string
  requestId?: string
  retryAfterSeconds?: number
  cause?: unknown
}

/**
 * A failure that Mooring reported (a problem document, RFC 9457) or that kept its answer from coming.
 * `message` is a sentence a person can act on; `code` is stable and meant for programs.
 */
export class MooringError extends Error {
  override readonly name = 'MooringError'
  readonly code: MooringErrorInput['code']
  readonly status: number
  readonly title: string
  /** Each wrong field of the request, by its dotted path. Empty where none is to blame. */
  readonly errors: readonly FieldError[]
  /** Names the fix where one is known. */
  readonly hint: string | undefined
  /** Finds the request in the server's log. */
  readonly requestId: string | undefined
  /** How long to wait before asking again, where the server said so. */
  readonly retryAfterSeconds: number | undefined

  constructor(input: MooringErrorInput) {
    super(input.detail, input.cause === undefined ? undefined : { cause: input.cause })
    this.code = input.code
    this.status = input.status
    this.title = input.title
    this.errors = input.errors ?? []
    this.hint = input.hint
    this.requestId = input.requestId
    this.retryAfterSeconds = input.retryAfterSeconds
  }

  /** The problem document, as the server sends it. */
  toJSON(): Omit<Problem, 'requestId'> & { requestId?: string } {
    return {
      type: 'about:blank',
      title: this.title,
      status: this.status,
      detail: this.message,
      code: this.code,
      ...(this.errors.length > 0 ? { errors: [...this.errors] } : {}),
      ...(this.requestId === undefined ? {} : { requestId: this.requestId }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    }
  }
}

/** The error an answer stands for. Reads the answer's body. */
export async function errorFrom(response: Response, origin: string): Promise<MooringError> {
  const text = await response.text().catch(() => '')
  const problem = parseProblem(text)
  const requestId = response.headers.get('x-request-id') ?? undefined
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const shared = {
    status: response.status,
    ...(Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
  }
  if (problem === undefined) {
    return new MooringError({
      ...shared,
      code: 'unexpected_answer',
      title: 'Unexpected answer',
      detail: `${origin} answered ${response.status} in a way Mooring does not; check that this is the address of a Mooring server.`,
      ...(requestId === undefined ? {} : { requestId }),
    })
  }
  return new MooringError({ ...shared, ...(requestId === undefined ? {} : { requestId }), ...problem })
}

/** The error for a request that brought no answer. */
export function unreachable(origin: string, cause: unknown): MooringError {
  return new MooringError({
    code: 'unreachable',
    status: 0,
    title: 'No answer',
    detail: `No answer from ${origin} (${reasonOf(cause)}).`,
    cause,
  })
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown reason'
  const inner = cause.cause
  if (inner instanceof Error) return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message
  return cause.message
}

function parseProblem(text: string): Omit<MooringErrorInput, 'status'> | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof body !== 'object' || body === null) return undefined
  const field = (name: string): string | undefined => {
    const value: unknown = Reflect.get(body, name)
    return typeof value === 'string' ? value : undefined
  }
  const code = field('code')
  if (code === undefined) return undefined
  const title = field('title') ?? code
  const errors: unknown = Reflect.get(body, 'errors')
  const hint = field('hint')
  const requestId = field('requestId')
  return {
    code,
    title,
    detail: field('detail') ?? title,
    ...(Array.isArray(errors) ? { errors: errors.filter(isFieldError) } : {}),
    ...(hint === undefined ? {} : { hint }),
    ...(requestId === undefined ? {} : { requestId }),
  }
}

function isFieldError(value: unknown): value is FieldError {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['path', 'code', 'message'].every((name) => typeof Reflect.get(value, name) === 'string')
  )
}
