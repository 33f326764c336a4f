/** Server-sent events (WHATWG HTML, section 9.2.6), as far as data and ids go. */
export interface ServerSentEvent {
  id: string | undefined
  data: string
}

/** The events of a body, as they arrive. Ends when the body does; an event cut off by that is dropped. */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let pending = ''
  let id: string | undefined
  let data: string[] = []
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      pending += decoder.decode(value, { stream: true })
      // A lone CR at the end may be the first half of a CRLF.
      const lines = pending.split(/\r\n|\n|\r(?!$)/)
      pending = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield { id, data: data.join('\n') }
          data = []
          continue
        }
        const colon = line.indexOf(':')
        const name = colon === -1 ? line : line.slice(0, colon)
        const text = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
        if (name === 'data') data.push(text)
        else if (name === 'id') id = text
      }
    }
  } finally {
    // Also when whoever reads stops early: the connection must not stay open.
    await reader.cancel().catch(() => undefined)
  }
}
