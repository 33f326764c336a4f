import { type Attempt, type Connection, MooringError } from '@mooring/sdk'
import { NoAnswer } from '../ask.ts'
import { openBrowser } from '../browser.ts'
import { command, type Context } from '../command.ts'
import { exitCode, exitCodeFor } from '../exit_codes.ts'
import { Failure } from '../failure.ts'
import { plain } from '../output.ts'
import { relativeTime, statusWords } from '../words.ts'
import { diagnosisLines, stepLine } from './attempt.ts'
import { askCredentials, givenCredentials } from './connect_credentials.ts'
import { userOf, userOption } from './connections/user_option.ts'

/** Answers of a person's browser are looked for this often. */
const lookEveryMs = 1000

export const connect = command({
  name: 'connect',
  summary: 'Authorize a connection, making it where there is none',
  takes: ['service or connection'],
  options: {
    name: { type: 'string', value: 'name', help: 'Make a new connection of this name, whatever there is' },
    scopes: { type: 'string', value: 'a,b', multiple: true, help: 'Scopes to ask for, separated by commas' },
    ...userOption,
    'no-open': { type: 'boolean', help: 'Print the URL and open no browser' },
    credential: {
      type: 'string',
      value: 'key=value',
      multiple: true,
      help: 'A value of the credential; key=@file reads it',
    },
    'credentials-stdin': { type: 'boolean', help: 'Read the values as a JSON object from stdin' },
  },
  notes: [
    [
      'Where the provider asks a person, a browser opens and the command waits for the result. Everything else is',
      'asked for here, secrets without showing them.',
      'A --credential written on the command line stays in the shell history; key=@file, stdin and the prompt keep it out.',
    ].join('\n'),
  ],
  examples: [
    ['Connect a service in the browser', 'mooring connect sandbox_oauth2'],
    ['Give a token without a prompt', 'mooring connect sandbox_bearer --credential token=@token.txt'],
  ],
  async run({ argument, values }, context) {
    const { client, output, signal } = context
    const scopes = values.scopes?.flatMap((list) => list.split(',')).filter((scope) => scope !== '')
    const given = await givenCredentials(values, context)
    const { connection, made } = await findOrCreate(argument('service or connection'), context, {
      ...userOf(values),
      ...(scopes === undefined ? {} : { scopes }),
      ...(values.name === undefined ? {} : { name: values.name }),
    })
    const { linkName } = connection
    // Where no person is needed the server has authorized it with the making.
    if (made && connection.status === 'active' && given === undefined) return printResult(connection, context)

    const prompt = await client.connections.prompt(linkName)
    const credentials = given ?? (await promptFor(prompt, linkName, context))
    const begun = await output.spin(`Connecting ${linkName}`, () =>
      client.connections.authorize(
        linkName,
        { ...userOf(values), ...(credentials === undefined ? {} : { credentials }) },
        { signal },
      ),
    )
    if (begun.kind === 'done') return printResult(begun.connection, context)

    const { attempt, expiresAt } = begun
    const open = relativeTime(expiresAt, context.now()).replace(/^in /, 'for ')
    let authorizationUrl: string
    if (begun.kind === 'device') {
      authorizationUrl = begun.verificationUriComplete ?? begun.verificationUri
      output.note(
        `Enter this code (good ${open}):\n  ${plain(begun.userCode)}\nhere, on any device:\n  ${plain(begun.verificationUri)}`,
      )
    } else {
      authorizationUrl = begun.authorizationUrl
      output.note(`Authorize here (open ${open}):\n  ${authorizationUrl}`)
    }
    if (values['no-open'] !== true && (await openBrowser(authorizationUrl, context)))
      output.note('Opened in your browser.', 'dim')
    const ended = await waitFor(linkName, attempt, context)
    if (ended.state === 'succeeded') return printResult(await client.connections.get(linkName), context)
    return printFailure(ended, context)
  },
})

interface Wanted {
  name?: string
  scopes?: string[]
  user?: string
}

/**
 * The connection of this link name, with the scopes wanted; else, or where a name for a new one is given, a new one of
 * the service of this name.
 */
async function findOrCreate(
  name: string,
  { client, output }: Context,
  wanted: Wanted,
): Promise<{ connection: Connection; made: boolean }> {
  const { connections, services } = client
  const existing = wanted.name === undefined ? await orUndefined(connections.get(name)) : undefined
  if (existing !== undefined) {
    const connection =
      wanted.scopes === undefined ? existing : await connections.update(name, { scopes: wanted.scopes })
    return { connection, made: false }
  }
  const service = await orUndefined(services.get(name))
  if (service === undefined) {
    throw new Failure(
      `There is no ${wanted.name === undefined ? 'connection and no ' : ''}service called ${plain(name)}.`,
      {
        exitCode: exitCode.notFound,
        hint: 'See: mooring services list',
      },
    )
  }
  const made = await connections.create({
    // Under the name it was asked for by, so that the next command can use the same word.
    ...(wanted.name === undefined ? { name: service.name, linkName: service.linkName } : { name: wanted.name }),
    service: service.linkName,
    ...(wanted.scopes === undefined ? {} : { scopes: wanted.scopes }),
    ...(wanted.user === undefined ? {} : { authorizationLevel: 'per_user' }),
  })
  output.note(`Made the connection ${made.linkName} of ${service.linkName}.`)
  return { connection: made, made: true }
}

async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof MooringError && error.code === 'not_found') return undefined
    throw error
  }
}

type Prompt = Awaited<ReturnType<Context['client']['connections']['prompt']>>

async function promptFor(
  { redirects, fields }: Prompt,
  connection: string,
  context: Context,
): Promise<Record<string, string> | undefined> {
  if (redirects || fields.length === 0) return undefined
  try {
    return await askCredentials(fields, connection, context)
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    throw new Failure(`Stopped. ${connection} is not connected yet.`, { exitCode: exitCode.interrupted, cause: error })
  }
}

/** Waits for the browser's side of it, telling each step as it is reached. */
async function waitFor(connection: string, attempt: string, { client, output, signal }: Context): Promise<Attempt> {
  let told = 0
  return output.spin('Waiting for you to finish in the browser', (spinner) =>
    client.connections.waitForAttempt(connection, attempt, {
      signal,
      intervalMs: lookEveryMs,
      onLook({ steps }) {
        for (const step of steps.slice(told)) spinner.note(stepLine(step, output.styleNote))
        told = Math.max(told, steps.length)
      },
    }),
  )
}

function printResult(connection: Connection, { output }: Context): number {
  if (output.json) output.printJson(connection)
  else {
    const account = connection.account === null ? '' : ` as ${plain(connection.account)}`
    output.print(`${statusWords(connection, output.style)}: ${connection.linkName}${account}`)
    output.note(`Call it with: mooring call ${connection.linkName} <url or path>`)
  }
  return exitCode.ok
}

function printFailure(attempt: Attempt, { output }: Context): number {
  if (output.json) output.printJson(attempt)
  const lines =
    attempt.diagnosis === null
      ? [attempt.state === 'expired' ? 'Nobody finished in time. Run the same again.' : 'The provider refused.']
      : diagnosisLines(attempt.diagnosis)
  output.note(`✗ ${lines[0] ?? ''}`, 'red')
  for (const line of lines.slice(1)) output.note(`  ${line}`)
  return exitCodeFor(attempt.diagnosis?.code ?? '', exitCode.notAuthorized)
}
