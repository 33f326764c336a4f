/** Which headers go through, and which do not (S-37; RFC 9110 section 7.6.1). Lists are flat: name, value, name, value. */

/** Meant for one hop. Content-Length stays: it frames the body that is passed on. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
const droppedFromAnswers = new Set(hopByHop)
/** A request's also: what is meant for us, and what the credential and the next hop bring themselves. */
const dropped = new Set([...hopByHop, 'authorization', 'cookie', 'expect', 'host', 'http2-settings'])

/** A caller's headers as they go on. `owned`: the credential's own, lower case; what stands there is replaced. */
export function requestHeaders(raw: readonly string[], owned: readonly string[]): string[] {
  return filter(raw, dropped, owned)
}

/** An upstream's headers as they go back. Ours are removed, so that none can pass for an answer of ours. */
export function answerHeaders(raw: readonly string[]): string[] {
  return filter(raw, droppedFromAnswers, [])
}

function filter(raw: readonly string[], without: ReadonlySet<string>, owned: readonly string[]): string[] {
  const kept: string[] = []
  let named: Set<string> | undefined
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const lower = name.toLowerCase()
    if (lower === 'connection') named = namedBy(raw[index + 1] ?? '', named)
    if (without.has(lower) || owned.includes(lower) || lower.startsWith('mooring-')) continue
    kept.push(name, raw[index + 1] ?? '')
  }
  return named === undefined ? kept : kept.filter((_, index) => !named.has(kept[index & ~1]?.toLowerCase() ?? ''))
}

/** The further headers that Connection names: they are meant for this hop only. Few messages have any. */
function namedBy(value: string, before: Set<string> | undefined): Set<string> | undefined {
  let named = before
  for (const word of value.toLowerCase().split(',')) {
    const token = word.trim()
    if (token !== '' && token !== 'keep-alive' && token !== 'close') (named ??= new Set()).add(token)
  }
  return named
}

/** Whether a flat list has this header; `name` in lower case. */
export function hasHeader(list: readonly string[], name: string): boolean {
  for (let index = 0; index < list.length; index += 2) {
    const each = list[index]
    // Most differ in length, which spares the copy in lower case.
    if (each?.length === name.length && each.toLowerCase() === name) return true
  }
  return false
}

/** The first value of a header in a flat list; `name` is lower-case. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1]
  }
  return undefined
}

export function isEventStream(headers: readonly string[]): boolean {
  return /^text\/event-stream\b/i.test(headerOf(headers, 'content-type') ?? '')
}
