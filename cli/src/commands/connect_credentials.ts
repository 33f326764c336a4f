/** Where the values of a prompt come from: options, stdin, or a person at the terminal. */
import type { PromptField } from '@mooring/sdk'
import { ask } from '../ask.ts'
import type { Host } from '../command.ts'
import { UsageError } from '../failure.ts'
import { readObject, readPairs } from '../input.ts'
import { plain } from '../output.ts'

interface Given {
  credential?: string[]
  'credentials-stdin'?: boolean
}

/** The values given on the command line, or undefined where none were. */
export async function givenCredentials(
  values: Given,
  { stdin }: Pick<Host, 'stdin'>,
): Promise<Record<string, unknown> | undefined> {
  if (values['credentials-stdin'] === true) {
    if (values.credential !== undefined) throw new UsageError('Use --credential or --credentials-stdin, not both.')
    return readObject('-', stdin)
  }
  return values.credential === undefined ? undefined : readPairs(values.credential, 'credential', stdin)
}

/** Asks for each field, secrets without showing them; fields that may stay empty are left out then. */
export async function askCredentials(
  fields: readonly PromptField[],
  connection: string,
  { stdin, stderr }: Pick<Host, 'stdin' | 'stderr'>,
): Promise<Record<string, string>> {
  if (!stdin.isTTY) {
    const keys = fields.map(({ key }) => key).join(', ')
    throw new UsageError(
      `${connection} needs ${keys}, and there is no terminal to ask at.`,
      `Pipe them in as JSON: … | mooring connect ${connection} --credentials-stdin`,
    )
  }
  const answers: [string, string][] = []
  for (const { key, label, secret, required, help } of fields) {
    if (help !== undefined) stderr.write(`${plain(help)}\n`)
    const question = `${plain(label)}${required ? '' : ' (optional)'}: `
    for (;;) {
      const answer = await ask(question, { input: stdin, output: stderr, secret })
      if (answer !== '') answers.push([key, answer])
      if (answer !== '' || !required) break
    }
  }
  return Object.fromEntries(answers)
}
