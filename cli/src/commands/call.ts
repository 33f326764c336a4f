import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { command } from '../command.ts'
import { exitCode } from '../exit_codes.ts'
import { Failure, UsageError } from '../failure.ts'
import { wholeNumber } from '../input.ts'
import { reason } from '../profile.ts'
import { readBody } from './call_body.ts'
import { userOf, userOption } from './connections/user_option.ts'

export const call = command({
  name: 'call',
  summary: 'Call an API through a connection, much as curl does',
  takes: ['connection', 'url or path'],
  options: {
    request: { type: 'string', short: 'X', value: 'method', help: 'Method (GET, or POST with a body)' },
    header: { type: 'string', short: 'H', value: 'Name: value', multiple: true, help: 'Send this header' },
    data: { type: 'string', short: 'd', value: 'data', multiple: true, help: 'Body; @file or @- sends it as it is' },
    'data-urlencode': { type: 'string', value: 'key=value', multiple: true, help: 'Field of a form, escaped' },
    json: { type: 'string', value: 'json', help: 'JSON body; @file or @- reads it' },
    form: {
      type: 'string',
      short: 'F',
      value: 'key=value',
      multiple: true,
      help: 'Part of a multipart form; key=@file',
    },
    include: { type: 'boolean', short: 'i', help: "Print the answer's status and headers too" },
    output: { type: 'string', short: 'o', value: 'file', help: 'Write the body to a file' },
    silent: { type: 'boolean', short: 's', help: 'Say nothing about the call on a terminal' },
    fail: { type: 'boolean', short: 'f', help: 'End with 22 when the API answers 400 or more' },
    timeout: { type: 'string', value: 'seconds', help: 'How long the API may take' },
    retry: { type: 'string', value: 'times', help: 'Repeat idempotent requests on connect errors, 429 and 503' },
    ...userOption,
  },
  notes: [
    [
      "Prints the API's answer as it comes, whatever its status. Redirects are shown, not followed.",
      'Here --json takes the body to send, as in curl.',
    ].join('\n'),
  ],
  examples: [
    ['A path under the base URL of the service', 'mooring call my_books /invoices?status=open'],
    ['Send JSON to a whole URL', `mooring call my_books https://api.example.com/invoices --json '{"total": 12}'`],
  ],
  async run({ argument, values }, { client, output, stdin, stdout, stderr, signal }) {
    const headers = readHeaders(values.header ?? [])
    const body = await readBody(values, stdin)
    for (const [name, value] of body?.headers ?? []) if (!headers.has(name)) headers.set(name, value)
    const timeoutSeconds = wholeNumber(values.timeout, 'timeout', 1)
    const retry = wholeNumber(values.retry, 'retry', 0)
    const startedAt = performance.now()

    const response = await client.connections
      .fetch(argument('connection'), argument('url or path'), {
        method: values.request ?? (body === undefined ? 'GET' : 'POST'),
        headers,
        signal,
        ...userOf(values),
        ...(body === undefined ? {} : { body: body.content }),
        ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
        ...(retry === undefined ? {} : { retry }),
      })
      .catch((error: unknown) => {
        // What fetch itself refuses about the URL, the method or the body.
        throw error instanceof TypeError ? new UsageError(error.message) : error
      })

    if (values.include === true) stdout.write(headOf(response))
    if (response.body !== null) {
      const target = values.output === undefined || values.output === '-' ? stdout : createWriteStream(values.output)
      await copy(response.body, target, { end: target !== stdout, name: values.output })
    }
    if (stderr.isTTY && values.silent !== true) {
      output.note(`\n${response.status} ${response.statusText}, ${Math.round(performance.now() - startedAt)} ms`, 'dim')
    }
    return values.fail === true && response.status >= 400 ? exitCode.httpError : exitCode.ok
  },
})

function readHeaders(lines: readonly string[]): Headers {
  const headers = new Headers()
  for (const line of lines) {
    const colon = line.indexOf(':')
    try {
      if (colon < 1) throw new TypeError('no name')
      headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim())
    } catch {
      // Not with the line itself: it may hold a secret.
      throw new UsageError("-H takes 'Name: value', without line breaks.", "For example: -H 'Accept: text/csv'")
    }
  }
  return headers
}

function headOf(response: Response): string {
  const lines = Array.from(response.headers, ([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${response.status} ${response.statusText}\r\n${lines.join('')}\r\n`
}

async function copy(
  body: NonNullable<Response['body']>,
  target: NodeJS.WritableStream,
  { end, name }: { end: boolean; name: string | undefined },
): Promise<void> {
  try {
    await pipeline(Readable.fromWeb(body), target, { end })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EPIPE') return
    const where = cause instanceof Error && 'syscall' in cause ? ` Cannot write ${name ?? 'the answer'}` : ''
    throw new Failure(`The answer broke off (${reason(cause)}).${where}`, { exitCode: exitCode.upstream, cause })
  }
}
