/** An API's answer on its way back to the caller. */
import type { ServerResponse } from 'node:http'
import { retryAfterSeconds } from '../schemes/request.ts'
import { answerHeaders, hasHeader } from './headers.ts'

/** A provider's Retry-After is waited for up to this many seconds. */
const longestWait = 30
/** A body up to this many bytes that is here whole is written together with its head. */
const writtenAtOnce = 16_384

/** The head of an answer. `headers`: flat, as they go back. */
export interface AnswerHead {
  status: number
  message: string
  headers: string[]
}

export function answerHead(status: number, message: string, raw: readonly string[]): AnswerHead {
  return { status, message, headers: answerHeaders(raw) }
}

/** `attempts`: how often the API was asked. */
export function writeHead(response: ServerResponse, head: AnswerHead, requestId: string, attempts: number): void {
  const { headers } = head
  if (!hasHeader(headers, 'x-request-id')) headers.push('X-Request-Id', requestId)
  if (attempts > 1) headers.push('Mooring-Attempts', String(attempts))
  response.sendDate = !hasHeader(headers, 'date')
  response.writeHead(head.status, head.message, headers)
}

/**
 * Ends an answer that has its head and no byte of its body. As text, since node puts a text and the head into one write;
 * bytes would be a second one, and writing costs a call more than anything else. Latin-1 gives each byte back as it was.
 */
export function endWith(response: ServerResponse, body: Buffer | undefined): void {
  if (body === undefined) response.end()
  else if (body.length <= writtenAtOnce) response.end(body.toString('latin1'), 'latin1')
  else response.end(body)
}

/** The provider's Retry-After in seconds; undefined where there is none or it asks for too long. */
export function retryAfter(headers: readonly string[], now: number): number | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== 'retry-after') continue
    const seconds = retryAfterSeconds(headers[index + 1] ?? '', now)
    return seconds !== undefined && seconds >= 0 && seconds <= longestWait ? seconds : undefined
  }
  return undefined
}
