/** What messages are made of (RFC 9110 sections 5.5, 5.6.2 and 9.2.2). */
import { fields as field } from '@mooring/contract'

/** Names of headers, and methods. */
export const token = field.httpToken

/** What no header value holds. A line end that is left, alone, is read as one by some and not by others. */
export const notInValues = /[^\t\x20-\x7e\x80-\xff]/

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** Whether doing it twice does no more than doing it once. */
export function isIdempotent(method: string): boolean {
  return idempotent.has(method)
}
