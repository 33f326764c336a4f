/** The help pages. */
import { type Command, generalOptions, type Group, usage } from './command.ts'
import { exitCodeMeanings } from './exit_codes.ts'

const isGroup = (entry: Command | Group): entry is Group => 'commands' in entry

/** `mooring help`. */
export function overview(entries: readonly (Command | Group)[]): string {
  return page([
    'mooring: call any API through connections that stay live',
    section('Usage', ['mooring <command> [options]', 'mooring help <command>']),
    section('Commands', columns(entries.map(({ name, summary }) => [name, summary]))),
    section('Where it looks', [
      'Server: --url, MOORING_URL, else http://localhost:4280',
      'Key:    --api-key-file, MOORING_API_KEY, else owner.key in MOORING_DATA_DIR (./data), for a server on this machine',
    ]),
    section('Exit codes', columns(exitCodeMeanings.map(([code, meaning]) => [String(code), meaning]))),
    section('Examples', [
      ...example('Connect a service and call its API', 'mooring connect sandbox_oauth2'),
      ...example('', 'mooring call sandbox_oauth2 /me'),
    ]),
  ])
}

/** `mooring help <command>`, for a command and for a group of them. */
export function help(entry: Command | Group): string {
  return isGroup(entry) ? groupHelp(entry) : commandHelp(entry)
}

function groupHelp({ name, summary, commands }: Group): string {
  return page([
    `mooring ${name}: ${summary}`,
    section('Usage', [`mooring ${name} <command> [options]`, `mooring ${name} <command> --help`]),
    section(
      'Commands',
      columns(commands.map((each) => [`${each.name.slice(name.length + 1)}${words(each.takes)}`, each.summary])),
    ),
    section(
      'Examples',
      commands
        .slice(0, 2)
        .flatMap(({ examples }) => examples.slice(0, 1).flatMap(([does, line]) => example(does, line))),
    ),
  ])
}

function commandHelp(entry: Command): string {
  const { name, summary, notes, examples } = entry
  const own = Object.entries(entry.options)
  const general = Object.entries(generalOptions(entry.remote)).filter(([option]) => !(option in entry.options))
  return page([
    `mooring ${name}: ${summary}`,
    section('Usage', [usage(entry)]),
    own.length > 0 ? section('Options', columns(own.map(optionRow))) : '',
    section('General options', columns(general.map(optionRow))),
    ...notes,
    section(
      'Examples',
      examples.flatMap(([does, line]) => example(does, line)),
    ),
    'Exit codes: mooring help',
  ])
}

function optionRow([name, { type, short, value, multiple, help: says }]: [string, Command['options'][string]]): [
  string,
  string,
] {
  const flag = `${short === undefined ? '    ' : `-${short}, `}--${name}`
  return [type === 'string' ? `${flag} <${value ?? 'value'}>` : flag, multiple === true ? `${says} (repeatable)` : says]
}

const words = (takes: readonly string[]): string => takes.map((taken) => ` <${taken}>`).join('')

const example = (does: string, line: string): string[] => (does === '' ? [line] : [`# ${does}`, line])

const section = (title: string, lines: string[]): string =>
  [`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n')

function columns(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`)
}

const page = (parts: string[]): string => `${parts.filter((part) => part !== '').join('\n\n')}\n`
