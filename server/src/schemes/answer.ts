/** Reading what a provider answered, before anything is made of it. */
import { MooringError } from '../errors.ts'

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The body's fields, from JSON or a form; undefined where it is neither. */
  fields: Record<string, unknown> | undefined
}

/** Reads the whole body. `host` is for the error where it breaks off. */
export async function readAnswer(response: Response, host: string): Promise<Answer> {
  const { status, headers } = response
  try {
    const text = await response.text()
    return { status, headers, text, fields: parse(text) }
  } catch (cause) {
    if (cause instanceof MooringError) throw cause
    throw new MooringError('upstream_unreachable', { detail: `The answer of ${host} broke off.`, cause })
  }
}

/** By its looks: providers label JSON as text/html and forms as text/plain. */
function parse(text: string): Record<string, unknown> | undefined {
  const body = text.replace(/^\uFEFF/, '').trim()
  if (body.startsWith('{')) {
    try {
      const value: unknown = JSON.parse(body)
      return isObject(value) ? value : undefined
    } catch {
      return undefined
    }
  }
  if (/^[\w.%-]+=[^\s<>{}]*$/.test(body)) return Object.fromEntries(new URLSearchParams(body))
  return undefined
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a dot path; undefined where the path leads nowhere. Only what the answer itself holds is looked at. */
export function valueAt(root: unknown, path: string): unknown {
  let value = root
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}
