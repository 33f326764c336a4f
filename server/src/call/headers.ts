/** Which headers go through, and which do not (S-37; RFC 9110 section 7.6.1). Lists are flat: name, value, name, value. */

/** Meant for one hop, for us, or for the credential. Content-Length stays: it frames the body that is passed on. */
const dropped = new Set([
  'authorization',
  'connection',
  'cookie',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const droppedFromAnswers = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

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
    const name = raw[index]?.toLowerCase() ?? ''
    if (name !== 'connection') continue
    // Connection names further headers that are meant for this hop only.
    for (const word of raw[index + 1]?.toLowerCase().split(',') ?? []) {
      const token = word.trim()
      if (token !== '' && token !== 'keep-alive' && token !== 'close') (named ??= new Set()).add(token)
    }
  }
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const lower = name.toLowerCase()
    if (without.has(lower) || owned.includes(lower) || lower.startsWith('mooring-') || named?.has(lower)) continue
    kept.push(name, raw[index + 1] ?? '')
  }
  return kept
}

/** Whether a flat list has this header; `name` in lower case. */
export function hasHeader(list: readonly string[], name: string): boolean {
  for (let index = 0; index < list.length; index += 2) {
    if (list[index]?.toLowerCase() === name) return true
  }
  return false
}
