import type { ReactNode } from 'react'

/** Beyond this many characters colours cost more than they help. */
const coloured = 60_000

const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** JSON with its names, texts and numbers told apart. */
export function JsonText({ text }: { text: string }): ReactNode {
  if (text.length > coloured) return text
  const parts: ReactNode[] = []
  let end = 0
  for (const match of text.matchAll(tokens)) {
    const [whole, quoted, colon] = match
    if (match.index > end) parts.push(text.slice(end, match.index))
    const word = quoted ?? whole
    const tint = colon !== undefined ? 'text-accent' : quoted === undefined ? 'text-warn' : 'text-ok'
    parts.push(
      <span key={match.index} className={tint}>
        {word}
      </span>,
      colon ?? '',
    )
    end = match.index + whole.length
  }
  parts.push(text.slice(end))
  return parts
}
