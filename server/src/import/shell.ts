/** Words of a command line, as a POSIX shell splits them (Shell Command Language, section 2.2). Nothing is expanded or run. */

export interface Words {
  words: string[]
  /** True where something followed that another command would read: a pipe, a redirection, `&&`. */
  more: boolean
  /** True where a variable or a command would have been expanded. It stands in its word as it was written. */
  expansions: boolean
  /** A sentence where a quote is not closed. */
  error?: string
}

/** `$'…'` (section 2.2.4), as browsers write it. */
const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\u001b',
}

export function shellWords(line: string): Words {
  const words: string[] = []
  let word: string | undefined
  let expansions = false
  let more = false
  let at = 0
  const add = (text: string): void => void (word = (word ?? '') + text)
  const end = (): void => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  const unclosed = (quote: string): Words => ({ words, more, expansions, error: `The quote ${quote} is not closed.` })

  for (; at < line.length && !more; at++) {
    const c = line.charAt(at)
    const next = line.charAt(at + 1)
    if (c === '\\') {
      const broken = /^\\\r?\n/.exec(line.slice(at, at + 3))?.[0]
      if (broken !== undefined) at += broken.length - 1
      else if (next !== '') {
        add(next)
        at++
      }
    } else if (c === "'") {
      const close = line.indexOf("'", at + 1)
      if (close === -1) return unclosed("'")
      add(line.slice(at + 1, close))
      at = close
    } else if (c === '"') {
      const close = doubleQuoted(line, at + 1)
      if (close === undefined) return unclosed('"')
      add(close.text)
      expansions ||= close.expansions
      at = close.at
    } else if (c === '$' && next === "'") {
      const close = dollarQuoted(line, at + 2)
      if (close === undefined) return unclosed("$'")
      add(close.text)
      at = close.at
    } else if (
      c === '\n' ||
      c === '\r' ||
      c === ';' ||
      c === '|' ||
      c === '&' ||
      c === '<' ||
      c === '>' ||
      c === '(' ||
      c === ')'
    ) {
      // A line break before anything was said ends nothing.
      if (/[\r\n]/.test(c) && words.length === 0 && word === undefined) continue
      more = line.slice(at).trim() !== ''
      break
    } else if (c === ' ' || c === '\t') end()
    else if (c === '#' && word === undefined) {
      const close = line.indexOf('\n', at)
      at = close === -1 ? line.length : close - 1
    } else {
      if (c === '`' || (c === '$' && /[A-Za-z_{(]/.test(next))) expansions = true
      add(c)
    }
  }
  end()
  return { words, more, expansions }
}

interface Quoted {
  text: string
  /** Of the closing quote. */
  at: number
  expansions: boolean
}

function doubleQuoted(line: string, from: number): Quoted | undefined {
  let text = ''
  let expansions = false
  for (let at = from; at < line.length; at++) {
    const c = line.charAt(at)
    if (c === '"') return { text, at, expansions }
    if (c === '\\' && /["$`\\\n]/.test(line.charAt(at + 1))) {
      const next = line.charAt(++at)
      if (next !== '\n') text += next
      continue
    }
    if (c === '`' || (c === '$' && /[A-Za-z_{(]/.test(line.charAt(at + 1)))) expansions = true
    text += c
  }
  return undefined
}

function dollarQuoted(line: string, from: number): Quoted | undefined {
  let text = ''
  for (let at = from; at < line.length; at++) {
    const c = line.charAt(at)
    if (c === "'") return { text, at, expansions: false }
    if (c !== '\\') {
      text += c
      continue
    }
    const [code] =
      /^(?:x[0-9a-f]{1,2}|u[0-9a-f]{1,4}|U[0-9a-f]{1,8}|[0-7]{1,3})/i.exec(line.slice(at + 1, at + 10)) ?? []
    if (code === undefined) {
      const next = line.charAt(++at)
      text += escapes[next] ?? next
      continue
    }
    const value = /^[0-7]/.test(code) ? Number.parseInt(code, 8) : Number.parseInt(code.slice(1), 16)
    text += value <= 0x10_ff_ff ? String.fromCodePoint(value) : '\ufffd'
    at += code.length
  }
  return undefined
}
