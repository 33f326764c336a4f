import { MooringError } from '@mooring/sdk'

/** What may go well at the next try without anybody changing anything: no answer, too many requests, a session that ended. */
export function isHiccup(error: unknown): boolean {
  if (!(error instanceof MooringError)) return false
  return [0, 401, 429].includes(error.status) || error.status >= 500
}
