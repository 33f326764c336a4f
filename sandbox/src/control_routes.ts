import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SandboxControl, TokenFailure, TokenFailureKind, TokenShape } from './control.ts'
import { readBody, sendJson, target } from './http.ts'
import { isRecord } from './store.ts'
import type { Payload } from './store.ts'

const failureKinds: Record<TokenFailureKind, true> = {
  http_500: true,
  http_503: true,
  http_429: true,
  html: true,
  error_200: true,
  invalid_grant: true,
  invalid_client: true,
  hang: true,
  slow: true,
  endless: true,
  redirect: true,
  garbage: true,
  empty: true,
}

/** `POST /control/<name of a SandboxControl function>` with its argument as JSON; answers `{result}`. */
export function createControlRoutes(control: SandboxControl) {
  const commands: Record<string, (argument: Payload) => unknown> = {
    failToken: (argument) => control.failToken(readFailure(argument)),
    shapeToken: (argument) => control.shapeToken(readShape(argument)),
    dropAfterProcessing: ({ times }) => control.dropAfterProcessing(typeof times === 'number' ? times : 1),
    failRevocation: ({ times }) => control.failRevocation(typeof times === 'number' ? times : 1),
    openerPolicy: ({ value }) =>
      control.openerPolicy(value === 'same-origin' || value === 'same-origin-allow-popups' ? value : null),
    expireAccessTokens: () => control.expireAccessTokens(),
    revokeGrants: () => control.revokeGrants(),
    counts: () => control.counts(),
    log: () => control.log(),
    reset: () => control.reset(),
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = target(request).path.slice('/control/'.length)
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!command || request.method !== 'POST') {
      const error_description = `POST one of: ${Object.keys(commands).join(', ')}.`
      return sendJson(response, 404, { error: 'not_found', error_description })
    }
    try {
      const text = (await readBody(request, 65_536)).head.toString()
      const argument: unknown = text === '' ? {} : JSON.parse(text)
      const result = command(isRecord(argument) ? argument : {})
      return sendJson(response, 200, { result: result ?? null })
    } catch (error) {
      const error_description = error instanceof Error ? error.message : 'unreadable'
      return sendJson(response, 400, { error: 'invalid_request', error_description })
    }
  }
}

const isFailureKind = (kind: unknown): kind is TokenFailureKind =>
  typeof kind === 'string' && Object.hasOwn(failureKinds, kind)

function readFailure({ kind, ...rest }: Payload): TokenFailure {
  if (!isFailureKind(kind)) throw new TypeError(`kind must be one of: ${Object.keys(failureKinds).join(', ')}.`)
  const failure: TokenFailure = { kind }
  for (const name of ['times', 'retryAfterSeconds', 'milliseconds', 'status'] as const) {
    const value = rest[name]
    if (typeof value === 'number') failure[name] = value
  }
  if (typeof rest.error === 'string') failure.error = rest.error
  return failure
}

function readShape({ omit, set }: Payload): TokenShape {
  return {
    ...(Array.isArray(omit) ? { omit: omit.filter((name) => typeof name === 'string') } : {}),
    ...(isRecord(set) ? { set } : {}),
  }
}
