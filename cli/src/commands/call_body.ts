/** The body of a call, from the options that curl has for it. */
import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { Failure, UsageError } from '../failure.ts'
import { openStream, splitPair } from '../input.ts'
import { reason } from '../profile.ts'

export interface Body {
  content: NonNullable<RequestInit['body']>
  /** Sent unless the caller sets the same ones. */
  headers: [name: string, value: string][]
}

interface BodyOptions {
  data?: string[]
  'data-urlencode'?: string[]
  json?: string
  form?: string[]
}

const formType: Body['headers'] = [['content-type', 'application/x-www-form-urlencoded']]
const jsonType: Body['headers'] = [
  ['content-type', 'application/json'],
  ['accept', 'application/json'],
]

/** Undefined where no option asks for a body. Files and stdin are streamed. */
export async function readBody(options: BodyOptions, stdin: NodeJS.ReadableStream): Promise<Body | undefined> {
  const { data, json, form } = options
  const fields = options['data-urlencode']
  if ([data ?? fields, json, form].filter((given) => given !== undefined).length > 1) {
    throw new UsageError('Use one kind of body: --data, --json or --form.')
  }
  if (json !== undefined) return { content: await contentOf(json, stdin), headers: jsonType }
  if (form !== undefined) return { content: await multipart(form), headers: [] }
  if (data === undefined && fields === undefined) return undefined

  const [only] = data ?? []
  if (only?.startsWith('@') && data?.length === 1 && fields === undefined) {
    return { content: await contentOf(only, stdin), headers: formType }
  }
  if (data?.some((piece) => piece.startsWith('@'))) throw new UsageError('-d @file sends the whole body; use it alone.')
  const escaped = new URLSearchParams((fields ?? []).map((field) => splitPair(field, 'data-urlencode')))
  return { content: [...(data ?? []), escaped.toString()].filter((piece) => piece !== '').join('&'), headers: formType }
}

/** Text as it is; `@file` and `@-` as a stream. */
async function contentOf(text: string, stdin: NodeJS.ReadableStream): Promise<Body['content']> {
  if (!text.startsWith('@')) return text
  if (text !== '@-') return blobOf(text.slice(1))
  return Readable.from(await openStream('-', stdin))
}

async function multipart(parts: readonly string[]): Promise<FormData> {
  const form = new FormData()
  for (const part of parts) {
    const [name, value] = splitPair(part, 'form')
    if (value.startsWith('@')) form.append(name, await blobOf(value.slice(1)), basename(value.slice(1)))
    else form.append(name, value)
  }
  return form
}

/** A file by reference: read while it is sent, its length known before. */
async function blobOf(file: string): Promise<Blob> {
  try {
    return await openAsBlob(file)
  } catch (cause) {
    throw new Failure(`Cannot read ${file} (${reason(cause)}).`, { cause })
  }
}
