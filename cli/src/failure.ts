/** What commands throw on purpose. */
import { exitCode } from './exit_codes.ts'

/** Ends the command with a sentence, its fix where one is known, and an exit code. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: number
  readonly hint: string | undefined

  constructor(message: string, options: { exitCode?: number; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = options.exitCode ?? exitCode.failure
    this.hint = options.hint
  }
}

/** The command line itself is wrong. */
export class UsageError extends Failure {
  constructor(message: string, hint?: string) {
    super(message, { exitCode: exitCode.usage, ...(hint === undefined ? {} : { hint }) })
  }
}
