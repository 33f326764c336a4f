/** Structured logs. Errors are written by what they are, never by what they carried. */
import { type DestinationStream, type Logger, pino } from 'pino'
import { MooringError } from './errors.ts'

export type Log = Logger

/** What may be logged of an error: names, codes and our own sentences; no properties that others attached. */
function describeError(error: unknown, depth = 0): object | string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : typeof error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(error instanceof MooringError || depth > 0 ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= 4 ? {} : { cause: describeError(error.cause, depth + 1) }),
  }
}

export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string): object => ({ level: label }) },
    serializers: { err: (error: unknown): object | string => describeError(error) },
    // Nothing of ours logs these; should a library do it, they are blotted out.
    redact: {
      paths: [
        'authorization',
        'cookie',
        'password',
        'secret',
        'token',
        '*.authorization',
        '*.cookie',
        '*.password',
        '*.secret',
        '*.token',
        'headers',
        '*.headers',
      ],
      censor: '***',
    },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}
