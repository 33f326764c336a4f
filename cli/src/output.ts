/** What people and scripts see. Results go to stdout; everything about them to stderr. */
import { styleText } from 'node:util'
import { isColourful, type Screen, type Spinner, startSpinner } from './spinner.ts'

type Format = Parameters<typeof styleText>[0]

export interface Output {
  /** True where a script reads the API's JSON rather than a person our words. */
  json: boolean
  /** Whether a person looks at what goes to stdout. */
  onTerminal: boolean
  /** Text with colour where stdout shows it. */
  style: (format: Format, text: string) => string
  /** The same for stderr. */
  styleNote: (format: Format, text: string) => string
  /** A line of the result. */
  print: (line?: string) => void
  /** The API's own answer. */
  printJson: (value: unknown) => void
  /** A line about the result, never part of it. */
  note: (line: string, format?: Format) => void
  /** Columns under headings; nothing at all where there are no rows. */
  table: (headings: string[], rows: string[][]) => void
  /** A label and a value on each line; values that are undefined are left out. */
  details: (rows: [label: string, value: string | undefined][]) => void
  /** Shows that something is under way, on a terminal. */
  spin: <T>(text: string, work: (spinner: Spinner) => Promise<T>) => Promise<T>
}

export interface OutputOptions {
  stdout: Screen
  stderr: Screen
  env: NodeJS.ProcessEnv
  json: boolean
  /** `--no-color`. NO_COLOR, FORCE_COLOR and what the stream is are asked too. */
  noColor: boolean
}

export function createOutput({ stdout, stderr, env, json, noColor }: OutputOptions): Output {
  const styled =
    (stream: Screen) =>
    (format: Format, text: string): string =>
      !noColor && isColourful(stream, env) ? styleText(format, text, { validateStream: false }) : text
  const style = styled(stdout)
  const styleNote = styled(stderr)
  const print = (line = ''): void => void stdout.write(`${line}\n`)

  return {
    json,
    onTerminal: stdout.isTTY === true,
    style,
    styleNote,
    print,
    printJson: (value) => print(JSON.stringify(value, null, 2)),
    note: (line, format) => void stderr.write(`${format === undefined ? line : styleNote(format, line)}\n`),
    table(headings, rows) {
      if (rows.length === 0) return
      const widths = headings.map((heading, column) =>
        Math.max(heading.length, ...rows.map((row) => widthOf(row[column] ?? ''))),
      )
      const line = (cells: string[]): string =>
        cells
          .map((cell, column) => pad(cell, widths[column] ?? 0))
          .join('  ')
          .trimEnd()
      print(style('dim', line(headings.map((heading) => heading.toUpperCase()))))
      for (const row of rows) print(line(row))
    },
    details(rows) {
      const shown = rows.filter((row): row is [string, string] => row[1] !== undefined)
      const width = Math.max(...shown.map(([label]) => label.length))
      for (const [label, value] of shown) print(`${style('dim', label.padEnd(width))}  ${value}`)
    },
    async spin(text, work) {
      const spinner = startSpinner(text, { stream: stderr, env, style: styleNote })
      try {
        return await work(spinner)
      } finally {
        spinner.stop()
      }
    },
  }
}

/** Text from elsewhere on one line, unable to steer the terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim()
}

const graphemes = new Intl.Segmenter()

function widthOf(text: string): number {
  // What colour adds takes no room.
  // eslint-disable-next-line no-control-regex
  const shown = text.replace(/\u001b\[[\d;]*m/g, '')
  return Array.from(graphemes.segment(shown)).length
}

const pad = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - widthOf(cell)))
