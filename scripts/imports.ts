/** One import, re-export or `import()` of a literal specifier. */
export type Import = {
  specifier: string
  /** 1-based line of the statement's first word. */
  line: number
  /** `import()` and `require()` load when they run; the others when the module loads. */
  kind: 'static' | 'dynamic'
  /** `import type` and `export type`: gone at run time. `import { type A }` is not: it still loads the module. */
  typeOnly: boolean
  /** What stands between `import` and `from`; empty for side-effect and dynamic imports. */
  clause: string
}

/** Words after which a slash begins a regular expression. */
const beforeRegex = /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield)$/
const operators = '(,=:[!&|?{;+-*%>~^'

const statements = [
  /(?<![.\w$])import\s+(?<type>type\s+(?!from\b))?(?:(?<clause>[^'"`;()=]*?)\bfrom\s*)?(?<quote>['"])/g,
  /(?<![.\w$])import\s*(?<clause>[{*][^'"`;()=]*?)\bfrom\s*(?<quote>['"])/g,
  /(?<![.\w$])import(?<quote>['"])/g,
  /(?<![.\w$])export\s*(?<type>type\b\s*)?(?<clause>\*(?:\s*as\s+[\w$]+)?|\{[^}]*\})\s*from\s*(?<quote>['"])/g,
]
const calls = /(?<![.\w$])(?:import|require)\s*\(\s*(?<quote>['"`])/g

/**
 * The imports of a TypeScript or JavaScript source, in the order of the source. A scanner, not a parser: it never fails, and
 * sees nothing in comments, strings and regular expressions. Computed specifiers are invisible to it.
 */
export function importsOf(source: string, code = blankLiterals(source)): Import[] {
  const found = new Map<number, Import>()
  const add = (match: RegExpExecArray, kind: Import['kind']) => {
    const quote = match.groups?.['quote'] ?? "'"
    const start = match.index + match[0].length
    const specifier = source.slice(start, code.indexOf(quote, start))
    if (specifier.includes('${')) return
    const clause = match.groups?.['clause']?.trim() ?? ''
    const typeOnly = match.groups?.['type'] !== undefined
    found.set(start, { specifier, line: lineAt(source, match.index), kind, typeOnly, clause })
  }
  for (const statement of statements) for (const match of code.matchAll(statement)) add(match, 'static')
  for (const match of code.matchAll(calls)) add(match, 'dynamic')
  return [...found].sort(([a], [b]) => a - b).map(([, one]) => one)
}

export function lineAt(source: string, index: number): number {
  let line = 1
  for (let at = source.indexOf('\n'); at !== -1 && at < index; at = source.indexOf('\n', at + 1)) line++
  return line
}

/**
 * The source with everything that is not code turned into spaces: comments, regular expressions and the inside of
 * strings and templates (code within `${}` stays). Same length, same lines, quotes kept.
 */
export function blankLiterals(source: string): string {
  const out = source.split('')
  /** The brace depth outside each `${` that is still open. */
  const templates: number[] = []
  let depth = 0
  let at = 0

  const hide = (from: number, to: number) => {
    for (let i = from; i < to; i++) if (out[i] !== '\n') out[i] = ' '
    return to
  }
  const readTemplate = (from: number) => {
    let end = from
    while (end < source.length && source[end] !== '`' && !source.startsWith('${', end)) {
      end += source[end] === '\\' ? 2 : 1
    }
    hide(from, Math.min(end, source.length))
    if (source[end] !== '$') return end + 1
    templates.push(depth)
    return end + 2
  }

  while (at < source.length) {
    const char = source[at] ?? ''
    if (source.startsWith('//', at)) at = hide(at, endOr(source, source.indexOf('\n', at)))
    else if (source.startsWith('/*', at)) at = hide(at, endOr(source, source.indexOf('*/', at + 2), 2))
    else if (char === "'" || char === '"') at = hide(at + 1, endOfString(source, at)) + 1
    else if (char === '`') at = readTemplate(at + 1)
    else if (char === '}' && templates.at(-1) === depth) {
      templates.pop()
      at = readTemplate(at + 1)
    } else if (char === '/' && regexMayStart(out, at)) at = hide(at + 1, endOfRegex(source, at)) + 1
    else {
      if (char === '{') depth++
      if (char === '}') depth--
      at++
    }
  }
  return out.join('')
}

const endOr = (source: string, index: number, extra = 0) => (index === -1 ? source.length : index + extra)

/** Index of the closing quote. A line's end closes too: an apostrophe in JSX text must not swallow the file. */
function endOfString(source: string, open: number): number {
  let at = open + 1
  while (at < source.length && source[at] !== source[open] && source[at] !== '\n') at += source[at] === '\\' ? 2 : 1
  return Math.min(at, source.length)
}

function regexMayStart(out: string[], slash: number): boolean {
  let last = slash - 1
  while (last >= 0 && /\s/.test(out[last] ?? '')) last--
  if (last < 0 || operators.includes(out[last] ?? '')) return true
  return beforeRegex.test(out.slice(Math.max(0, last - 10), last + 1).join(''))
}

/** Index of the closing slash, or of the opening one when the line ends first: then it was a division. */
function endOfRegex(source: string, open: number): number {
  let inClass = false
  for (let at = open + 1; at < source.length && source[at] !== '\n'; at++) {
    const char = source[at]
    if (char === '\\') at++
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '/' && !inClass) return at
  }
  return open
}
