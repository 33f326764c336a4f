/** Reading what a command is given: files, stdin, `key=value`. */
import { createReadStream, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Failure, UsageError } from './failure.ts'
import { reason } from './profile.ts'

type Stdin = NodeJS.ReadableStream

/** The whole of a file, or of stdin for `-`. */
export async function readText(file: string, stdin: Stdin): Promise<string> {
  if (file === '-') return text(stdin)
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Failure(`Cannot read ${file} (${reason(cause)}).`, { cause })
  }
}

/** A JSON object from a file, or from stdin for `-`. */
export async function readObject(file: string, stdin: Stdin): Promise<Record<string, unknown>> {
  const where = file === '-' ? 'stdin' : file
  let value: unknown
  try {
    value = JSON.parse(await readText(file, stdin))
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    // The parser's own message quotes what it read, which may be a secret.
    throw new Failure(`What ${where} holds is not JSON.`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Failure(`What ${where} holds is not a JSON object: { … }.`)
  }
  return { ...value }
}

/** A file as it is, piece by piece; stdin for `-`. */
export async function openStream(file: string, stdin: Stdin): Promise<NodeJS.ReadableStream> {
  if (file === '-') return stdin
  const stream = createReadStream(file)
  try {
    await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject))
  } catch (cause) {
    throw new Failure(`Cannot read ${file} (${reason(cause)}).`, { cause })
  }
  return stream
}

/** `key=value`, split at the first `=`. */
export function splitPair(pair: string, option: string): [key: string, value: string] {
  const at = pair.indexOf('=')
  if (at < 1) throw new UsageError(`--${option} takes key=value.`, `For example: --${option} key=value`)
  return [pair.slice(0, at), pair.slice(at + 1)]
}

/** `key=value` pairs as an object; `key=@file` takes the value from a file (without the line break at its end). */
export async function readPairs(
  pairs: readonly string[],
  option: string,
  stdin: Stdin,
): Promise<Record<string, string>> {
  const entries: [string, string][] = []
  for (const pair of pairs) {
    const [key, value] = splitPair(pair, option)
    entries.push([key, value.startsWith('@') ? withoutLineEnd(await readText(value.slice(1), stdin)) : value])
  }
  return Object.fromEntries(entries)
}

export const withoutLineEnd = (value: string): string => value.replace(/\r?\n$/, '')

/** The number an option was given, from `least` up. */
export function wholeNumber(value: string | undefined, option: string, least: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (/^\d+$/.test(value) && number >= least) return number
  throw new UsageError(`--${option} takes a whole number from ${least}.`)
}

/**
 * Puts a value at a dotted path: `auth.clientId=abc`, `auth.parameters.0.key=appid`. `path:=json` takes JSON instead of
 * text, `path=@file` the text of a file.
 */
export async function setAtPath(target: Record<string, unknown>, assignment: string, stdin: Stdin): Promise<void> {
  const [left, right] = splitPair(assignment, 'set')
  const isJson = left.endsWith(':')
  const path = (isJson ? left.slice(0, -1) : left).split('.')
  if (path.some((part) => part === '' || part === '__proto__')) {
    throw new UsageError(`--set takes a dotted path, not ${left}.`, 'For example: --set auth.clientId=abc')
  }
  const value = isJson
    ? parseJson(right, left)
    : right.startsWith('@')
      ? withoutLineEnd(await readText(right.slice(1), stdin))
      : right
  place(target, path, value)
}

function parseJson(value: string, path: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    throw new UsageError(`What follows ${path}= is not JSON.`, 'Text takes = alone: --set auth.clientId=abc')
  }
}

function place(target: object, path: string[], value: unknown): void {
  const [name = '', next] = path
  if (next === undefined) {
    Reflect.set(target, name, value)
    return
  }
  const held: unknown = Object.hasOwn(target, name) ? Reflect.get(target, name) : undefined
  const inner = typeof held === 'object' && held !== null ? held : /^\d+$/.test(next) ? [] : {}
  Reflect.set(target, name, inner)
  place(inner, path.slice(1), value)
}
