/** The head of an answer (RFC 9112 sections 4 and 5), read strictly: what could be read in two ways is refused. */
import { badAnswer } from './error.ts'
import { notInValues, token } from './syntax.ts'

export interface Head {
  /** 0 or 1, of HTTP/1.x. */
  minor: 0 | 1
  status: number
  /** Latin-1, as the header values are. */
  reason: string
  /** Flat: name, value, name, value; in their order, with their case and repeats. */
  headers: string[]
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/

/** `text`: all of the head but the empty line at its end, as Latin-1. Throws WireError (BAD_ANSWER). */
export function parseHead(text: string): Head {
  let end = text.indexOf('\r\n')
  if (end === -1) end = text.length
  const [, minor, status, reason = ''] = statusLine.exec(text.slice(0, end)) ?? []
  if (status === undefined) throw badAnswer('the status line')
  const headers: string[] = []
  while (end < text.length) {
    const start = end + 2
    end = text.indexOf('\r\n', start)
    if (end === -1) end = text.length
    const colon = text.indexOf(':', start)
    const name = text.slice(start, colon)
    // A colon of a later line leaves a line end within the name. A line that goes on in the next one is refused, as section
    // 5.2 lets a gateway do: not everybody on the way reads it as one.
    if (colon === -1 || !token.test(name)) throw badAnswer('a header name')
    headers.push(name, valueOf(text.slice(colon + 1, end)))
  }
  return { minor: minor === '0' ? 0 : 1, status: Number(status), reason, headers }
}

function valueOf(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isBlank(text.charCodeAt(from))) from++
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--
  const value = text.slice(from, to)
  if (notInValues.test(value)) throw badAnswer('a header value')
  return value
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
