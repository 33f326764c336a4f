/** Where an answer ends, and whether its connection serves another (RFC 9112 sections 6.3 and 9.3). */
import { badAnswer } from './error.ts'
import type { Head } from './head.ts'

export interface Framing {
  /** Bytes of the body; `chunked`: it says itself; `close`: until the other side ends the connection. */
  body: number | 'chunked' | 'close'
  persistent: boolean
  /** Seconds that the other side keeps an idle connection, where it says so. */
  keepAlive: number | undefined
}

/** `method`: of the request. Throws WireError (BAD_ANSWER) where servers on the way could see different ends. */
export function framingOf(method: string, { minor, status, headers }: Head): Framing {
  let length: string | undefined
  let coding: string | undefined
  let connection = ''
  let keepAlive: number | undefined
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    // Most names differ from these in their length, which spares a copy in lower case.
    switch (name.length) {
      case 14:
        if (name.toLowerCase() !== 'content-length') break
        if (!/^\d{1,15}$/.test(value)) throw badAnswer('Content-Length')
        if (length !== undefined && length !== value) throw badAnswer('two values of Content-Length')
        length = value
        break
      case 17:
        if (name.toLowerCase() === 'transfer-encoding') coding = coding === undefined ? value : `${coding}, ${value}`
        break
      case 10:
        if (name.toLowerCase() === 'connection') connection += `,${value.toLowerCase()}`
        else if (name.toLowerCase() === 'keep-alive') keepAlive = secondsOf(value)
        break
    }
  }
  const words = connection === '' ? [] : connection.split(',').map((word) => word.trim())
  const persistent = !words.includes('close') && (minor === 1 || words.includes('keep-alive'))
  if (coding !== undefined) {
    if (minor === 0) throw badAnswer('Transfer-Encoding in HTTP/1.0')
    if (length !== undefined) throw badAnswer('Transfer-Encoding beside Content-Length')
    if (coding.toLowerCase() !== 'chunked') throw badAnswer('a transfer coding that was not asked for')
  }
  // Some servers send a body all the same: it must not be taken for the next answer.
  if (method === 'HEAD') return { body: 0, persistent: false, keepAlive }
  if (status === 204) {
    const bodiless = coding === undefined && Number(length ?? 0) === 0
    return { body: 0, persistent: persistent && bodiless, keepAlive }
  }
  if (status < 200 || status === 304) return { body: 0, persistent, keepAlive }
  if (coding !== undefined) return { body: 'chunked', persistent, keepAlive }
  if (length !== undefined) return { body: Number(length), persistent, keepAlive }
  return { body: 'close', persistent: false, keepAlive }
}

/** `timeout=5, max=100` (RFC 2068 section 19.7.1.1; RFC 9112 leaves it to practice). */
function secondsOf(value: string): number | undefined {
  const [, seconds] = /(?:^|[\s,])timeout=(\d{1,6})/i.exec(value) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}
