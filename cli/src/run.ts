/** From the command line to a command, and from what became of it to an exit code. */
import { MooringError } from '@mooring/sdk'
import packageFile from '../package.json' with { type: 'json' }
import { type Command, type Group, type Host } from './command.ts'
import { allCommands, commandNames, findCommand } from './commands/index.ts'
import { exitCode, exitCodeOf } from './exit_codes.ts'
import { Failure, UsageError } from './failure.ts'
import { help, overview } from './help.ts'
import { nearest } from './nearest.ts'
import { createOutput, type Output, plain } from './output.ts'

/** Undefined where the exit code is for a server that goes on running to set. */
export async function run(args: string[], host: Host): Promise<number | undefined> {
  try {
    return await dispatch(args, host)
  } catch (error) {
    if (host.signal.aborted) return exitCode.interrupted
    const output = createOutput({ ...host, json: false, noColor: args.includes('--no-color') })
    report(error, output, args.includes('--json') && args[0] !== 'call')
    return error instanceof Failure ? error.exitCode : exitCodeOf(error)
  }
}

async function dispatch(args: string[], host: Host): Promise<number | undefined> {
  const [first, ...rest] = args
  const show = (text: string): number => {
    host.stdout.write(text)
    return exitCode.ok
  }
  if (first === undefined || first === '--help' || first === '-h') {
    host.stdout.write(overview(await allCommands()))
    return first === undefined ? exitCode.usage : exitCode.ok
  }
  if (first === '--version' || first === '-v') return show(`${packageFile.version}\n`)
  if (first === 'help') {
    const named = rest.filter((word) => !word.startsWith('-'))
    return show(named.length === 0 ? overview(await allCommands()) : help((await find(named)).entry))
  }
  const { entry, left } = await find(args)
  if (asksForHelp(left)) return show(help(entry))
  if ('run' in entry) return entry.run(left, host)
  throw new UsageError(`Say what to do with ${entry.name}.`, `See: mooring ${entry.name} --help`)
}

/** The command or group that the words name, and the words after it. */
async function find(args: string[]): Promise<{ entry: Command | Group; left: string[] }> {
  const [first = '', second = ''] = args
  const entry = (await findCommand(first)) ?? unknown(first, commandNames, 'mooring')
  if (!('commands' in entry) || second === '' || second.startsWith('-')) return { entry, left: args.slice(1) }
  const inner = new Map(entry.commands.map((command) => [command.name.slice(entry.name.length + 1), command]))
  return {
    entry: inner.get(second) ?? unknown(second, [...inner.keys()], `mooring ${entry.name}`),
    left: args.slice(2),
  }
}

function unknown(word: string, names: readonly string[], under: string): never {
  const meant = nearest(word, names)
  throw new UsageError(
    `There is no command ${under} ${plain(word)}.`,
    meant === undefined ? `See: ${under} --help` : `Did you mean ${under} ${meant}?`,
  )
}

/** `--help` anywhere before `--`. */
function asksForHelp(args: string[]): boolean {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
}

function report(error: unknown, output: Output, json: boolean): void {
  if (error instanceof MooringError) {
    if (json) output.note(JSON.stringify(error.toJSON(), null, 2))
    else reportProblem(error, output)
    return
  }
  output.note(`mooring: ${plain(error instanceof Error ? error.message : 'It failed for an unknown reason.')}`, 'red')
  if (error instanceof Failure && error.hint !== undefined) output.note(error.hint)
}

/** A problem document in words: the sentence, each wrong field next to its path, the fix. */
export function reportProblem(error: MooringError, output: Output): void {
  output.note(`mooring: ${plain(error.message)}`, 'red')
  const width = Math.max(0, ...error.errors.map(({ path }) => path.length))
  for (const { path, message } of error.errors) {
    output.note(`  ${plain(path === '' ? '(whole)' : path).padEnd(width)}  ${plain(message)}`)
  }
  const hint = error.code === 'unreachable' ? 'Is it running? Start it with: npm start' : error.hint
  if (hint !== undefined) output.note(plain(hint), 'yellow')
  if (error.status >= 500 && error.requestId !== undefined) output.note(`Request ${plain(error.requestId)}`, 'dim')
}
