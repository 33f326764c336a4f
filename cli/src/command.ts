/** What a command is: its words for help, its options, and what it does. */
import { parseArgs } from 'node:util'
import { type Client, createClient } from '@mooring/sdk'
import { UsageError } from './failure.ts'
import { nearest } from './nearest.ts'
import { createOutput, type Output } from './output.ts'
import { findProfile } from './profile.ts'
import type { Screen } from './spinner.ts'

/** Where input comes from: a terminal, or whatever stands in its place. */
export interface Keyboard extends NodeJS.ReadableStream {
  isTTY?: boolean
}

/** The process a command runs in. */
export interface Host {
  env: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  stdin: Keyboard
  stdout: Screen
  stderr: Screen
  now: () => Date
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

export interface Context extends Host {
  output: Output
  /** The server, with the key to use. Throws where none is found. */
  client: Client
}

export interface Option {
  type: 'string' | 'boolean'
  short?: string
  multiple?: boolean
  /** What stands for its value in help: `file`. */
  value?: string
  help: string
}

type Options = Record<string, Option>
type Parsing<O extends Options> = { args: string[]; options: O; allowPositionals: true }
type Values<O extends Options> = ReturnType<typeof parseArgs<Parsing<O>>>['values']

export interface Command {
  /** Without `mooring`: `services create`. */
  name: string
  summary: string
  /** Names of what follows the command, all required: `['connection', 'url']`. */
  takes: readonly string[]
  /** Names of what may follow after that. */
  mayTake: readonly string[]
  /** Its own, without those every command has. */
  options: Options
  /** Whether it speaks to the server. */
  remote: boolean
  /** Further paragraphs of its help. */
  notes: readonly string[]
  examples: readonly [does: string, line: string][]
  /** The exit code; undefined leaves it to what runs on (a server). */
  run: (args: string[], host: Host) => Promise<number | undefined>
}

/** Commands under one word. */
export interface Group {
  name: string
  summary: string
  commands: readonly Command[]
}

interface Spec<O extends Options, A extends string, B extends string> {
  name: string
  summary: string
  takes?: readonly A[]
  mayTake?: readonly B[]
  options: O
  remote?: boolean
  notes?: readonly string[]
  examples: readonly [does: string, line: string][]
  run: (given: { values: Values<O>; argument: (name: A | B) => string }, context: Context) => Promise<number | void>
}

const commonOptions = {
  help: { type: 'boolean', short: 'h', help: 'Show this' },
  'no-color': { type: 'boolean', help: 'Print without colour (NO_COLOR works too)' },
} as const satisfies Options

const remoteOptions = {
  json: { type: 'boolean', help: "Print the API's own JSON" },
  url: { type: 'string', value: 'url', help: 'The server (MOORING_URL, else http://localhost:4280)' },
  'api-key-file': {
    type: 'string',
    value: 'file',
    help: 'File with the API key (MOORING_API_KEY, else the local owner key)',
  },
} as const satisfies Options

/** The options of every command; a command's own option of the same name goes before them (`call --json <data>`). */
export const generalOptions = (remote: boolean): typeof commonOptions | (typeof commonOptions & typeof remoteOptions) =>
  remote ? { ...commonOptions, ...remoteOptions } : commonOptions

/** A command. `run` answers with an exit code, or nothing for 0. */
export function command<const O extends Options, const A extends string = never, const B extends string = never>(
  spec: Spec<O, A, B>,
): Command {
  const { name, takes = [], mayTake = [], remote = true } = spec
  return {
    name,
    summary: spec.summary,
    takes,
    mayTake,
    options: spec.options,
    remote,
    notes: spec.notes ?? [],
    examples: spec.examples,
    async run(args, host) {
      const { values, positionals } = parse(name, args, { ...generalOptions(remote), ...spec.options })
      const given = new Map<string, string | undefined>(
        [...takes, ...mayTake].map((taken, index) => [taken, positionals[index]]),
      )
      for (const taken of takes) {
        const value = given.get(taken)
        if (value === undefined || value === '')
          throw new UsageError(`Name the ${taken}: ${usage({ name, takes, mayTake })}`)
        if (value === '.' || value === '..') throw new UsageError(`${value} cannot name a ${taken}.`)
      }
      const extra = positionals[given.size]
      if (extra !== undefined) throw new UsageError(`There is one word too many: ${extra}`)

      const text = (option: string): string | undefined => {
        const value: unknown = Reflect.get(values, option)
        return typeof value === 'string' ? value : undefined
      }
      const output = createOutput({
        ...host,
        json: Reflect.get(values, 'json') === true,
        noColor: Reflect.get(values, 'no-color') === true,
      })
      let client: Client | undefined
      const context: Context = {
        ...host,
        output,
        get client() {
          client ??= createClient({
            ...findProfile(
              { url: 'url' in spec.options ? undefined : text('url'), apiKeyFile: text('api-key-file') },
              host.env,
            ),
            userAgent: 'mooring-cli',
          })
          return client
        },
      }
      const code = await spec.run({ values, argument: (taken) => given.get(taken) ?? '' }, context)
      return typeof code === 'number' ? code : remote ? 0 : undefined
    },
  }
}

/** `mooring call [options] <connection> <url>`. */
export function usage({ name, takes, mayTake }: Pick<Command, 'name' | 'takes' | 'mayTake'>): string {
  const words = [...takes.map((taken) => `<${taken}>`), ...mayTake.map((taken) => `[${taken}]`)]
  return ['mooring', name, ...words, '[options]'].join(' ')
}

function parse<O extends Options>(
  name: string,
  args: string[],
  options: O,
): { values: Values<O>; positionals: string[] } {
  try {
    return parseArgs<Parsing<O>>({ args, options, allowPositionals: true })
  } catch (error) {
    if (!(error instanceof TypeError) || !('code' in error) || !String(error.code).startsWith('ERR_PARSE_ARGS_')) {
      throw error
    }
    const unknown = /^Unknown option '(-+)([^']*)'/.exec(error.message)
    if (unknown === null) throw new UsageError(error.message.replace(/\.?\s*$/, '.'), `See: mooring ${name} --help`)
    const [, dashes = '', word = ''] = unknown
    const meant = nearest(word, Object.keys(options))
    throw new UsageError(
      `There is no option ${dashes}${word}.`,
      meant === undefined ? `See: mooring ${name} --help` : `Did you mean --${meant}?`,
    )
  }
}
