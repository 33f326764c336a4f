import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { TokenFailure } from './control.ts'
import { sendJson } from './http.ts'

const filler = Buffer.alloc(64 * 1024, ' ')

/**
 * Answers a token request the way a failing provider does. `slow` only waits: the caller then goes on as usual.
 * @returns the status that was answered, `0` when the request will never be answered
 */
export async function answerFailure(failure: TokenFailure, response: ServerResponse, url: string): Promise<number> {
  switch (failure.kind) {
    case 'http_500':
      sendJson(response, 500, { error: 'server_error', error_description: 'Made to fail.' })
      return 500
    case 'http_503': {
      const seconds = failure.retryAfterSeconds
      response.writeHead(503, {
        'content-type': 'text/plain',
        ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
      })
      response.end('Service Unavailable')
      return 503
    }
    case 'http_429':
      sendJson(
        response,
        429,
        { error: 'temporarily_unavailable', error_description: 'Too many requests.' },
        { 'retry-after': String(failure.retryAfterSeconds ?? 1) },
      )
      return 429
    case 'html': {
      const status = failure.status ?? 502
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
      response.end('<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>')
      return status
    }
    case 'error_200':
      // GitHub and Slack say "no" with status 200.
      sendJson(response, 200, {
        error: failure.error ?? 'bad_refresh_token',
        error_description: 'The refresh token passed is incorrect or expired.',
      })
      return 200
    case 'invalid_grant':
      sendJson(response, 400, { error: 'invalid_grant', error_description: 'grant request is invalid' })
      return 400
    case 'invalid_client':
      sendJson(
        response,
        401,
        { error: 'invalid_client', error_description: 'client authentication failed' },
        { 'www-authenticate': 'Basic realm="sandbox"' },
      )
      return 401
    case 'hang':
      return 0
    case 'slow':
      await delay(failure.milliseconds ?? 1000)
      return 0
    case 'endless':
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"access_token":"')
      void pour(response)
      return 200
    case 'redirect':
      response.writeHead(307, { location: `${url}/api/open/echo` })
      response.end()
      return 307
    case 'garbage': {
      const status = failure.status ?? 200
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x00, 0x7d, 0x7d, 0x0a]))
      return status
    }
    case 'empty': {
      const status = failure.status ?? 200
      response.writeHead(status, { 'content-length': '0' })
      response.end()
      return status
    }
    default:
      return failure.kind satisfies never
  }
}

/** Writes for as long as the other side reads. */
async function pour(response: ServerResponse): Promise<void> {
  while (!response.destroyed) {
    if (response.write(filler)) await delay(0)
    else
      await new Promise<void>((resolve) => {
        const go = () => {
          response.off('drain', go)
          response.off('close', go)
          resolve()
        }
        response.on('drain', go)
        response.on('close', go)
      })
  }
}
