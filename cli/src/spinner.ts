/** A sign of life on stderr, where a person looks at it. */
import type { styleText } from 'node:util'

/** Where text is shown: a terminal, or whatever stands in its place. */
export interface Screen extends NodeJS.WritableStream {
  isTTY?: boolean
  columns?: number
}

export interface Spinner {
  /** Changes what it says. */
  say: (text: string) => void
  /** Leaves a line above it for good. */
  note: (line: string) => void
  stop: () => void
}

interface SpinnerOptions {
  stream: Screen
  env: NodeJS.ProcessEnv
  style: (format: Parameters<typeof styleText>[0], text: string) => string
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const frameMs = 80
const clearLine = '\r\u001b[2K'

export function startSpinner(text: string, { stream, env, style }: SpinnerOptions): Spinner {
  if (!isInteractive(stream, env)) {
    return { say: () => undefined, note: (line) => void stream.write(`${line}\n`), stop: () => undefined }
  }
  let frame = 0
  let says = text
  const draw = (): void => {
    const room = (stream.columns || 80) - 3
    stream.write(`${clearLine}${style('cyan', frames[frame] ?? '')} ${Array.from(says).slice(0, room).join('')}`)
  }
  draw()
  const timer = setInterval(() => {
    frame = (frame + 1) % frames.length
    draw()
  }, frameMs)
  return {
    say(next) {
      says = next
      draw()
    },
    note(line) {
      stream.write(`${clearLine}${line}\n`)
      draw()
    },
    stop() {
      clearInterval(timer)
      stream.write(clearLine)
    },
  }
}

function isInteractive(stream: Screen, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb' && !env['CI']
}

/** NO_COLOR (no-color.org) and FORCE_COLOR decide before what the stream is. */
export function isColourful(stream: Screen, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}
