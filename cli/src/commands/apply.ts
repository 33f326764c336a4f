import { ask } from '../ask.ts'
import { command, type Context } from '../command.ts'
import type { Plan, Step } from '../definitions/plan.ts'
import { printPlan, printWrong } from '../definitions/print.ts'
import type { Entry } from '../definitions/read.ts'
import { counted } from '../definitions/words.ts'
import { exitCodeOf } from '../exit_codes.ts'
import { Failure, UsageError } from '../failure.ts'
import { plain } from '../output.ts'
import { MooringError } from '@mooring/sdk'

export const applyDefinitions = command({
  name: 'apply',
  summary: 'Make services and connections what files of definitions say',
  takes: ['files'],
  options: {
    yes: { type: 'boolean', short: 'y', help: 'Do not ask' },
    prune: { type: 'boolean', help: 'Delete what no file names; connections are revoked' },
    'replace-secrets': { type: 'boolean', help: 'Also write secrets that are set already' },
  },
  notes: [
    'Takes a folder, a file, or - for stdin. Nothing is changed where any file is wrong. Applying twice changes nothing the second time: a secret that is set stays, unless --replace-secrets is given.',
    'References: ${env:NAME} takes a value from the environment, ${prompt:Label} asks for it. A secret that the environment lacks is asked for as well, where there is a terminal.',
  ],
  examples: [
    ['Look, then say yes', 'mooring apply definitions'],
    ['In a script', 'BOOKS_CLIENT_SECRET=… mooring apply definitions --yes'],
  ],
  async run({ argument, values }, context) {
    const { client, output, stdin, stderr, env } = context
    // Loaded here alone, so that other commands start fast.
    const { makePlan, readEntries, readHeld } = await import('../definitions/index.ts')
    const place = argument('files')
    const { entries, wrong } = await readEntries(place, stdin)
    const held = await readHeld(client)
    const settings = { prune: values.prune === true, replaceSecrets: values['replace-secrets'] === true }
    const answers = new Map<Entry, Map<string, string>>()
    const planned = async (): Promise<Plan> => {
      const plan = await makePlan(entries, held, client, { env, answers, ...settings })
      plan.wrong.unshift(...wrong)
      refuse(plan, context)
      return plan
    }
    let plan = await planned()
    if (await askSecrets(plan, answers, context)) plan = await planned()
    const doing = plan.steps.filter(({ action }) => action !== 'keep')
    if (!output.json) printPlan(output, plan)
    if (doing.length > 0 && values.yes !== true) {
      if (stdin.isTTY !== true || place === '-') throw new UsageError('There is nobody to ask: say --yes.')
      const answer = await ask('Apply this? (yes/no) ', { input: stdin, output: stderr, secret: false })
      if (!/^y(?:es)?$/i.test(answer.trim())) throw new Failure('Nothing was changed.')
    }
    const done: Step[] = []
    for (const step of doing) {
      try {
        await step.run(client)
        done.push(step)
      } catch (error) {
        throw failed(error, step, done, doing)
      }
    }
    if (output.json) output.printJson({ done: done.map(({ action, kind, linkName }) => ({ action, kind, linkName })) })
    else output.note(done.length === 0 ? 'Nothing to do.' : `Done: ${counted(done.length, 'change')}.`)
  },
})

/** Throws where any file is wrong, with every mistake told. */
function refuse({ wrong }: Plan, { output }: Context): void {
  if (wrong.length === 0) return
  printWrong(output, wrong)
  throw new Failure(`${counted(wrong.length, 'mistake')}: nothing was changed.`)
}

/** Secrets that are needed and not known, each once. True where there were any. Throws where nobody can be asked. */
async function askSecrets(
  { steps }: Plan,
  answers: Map<Entry, Map<string, string>>,
  { stdin, stderr, output }: Context,
): Promise<boolean> {
  const needed = steps.flatMap(({ entry, secrets, linkName }) =>
    entry === undefined ? [] : secrets.flatMap(({ unset }) => unset.map((each) => ({ entry, linkName, ...each }))),
  )
  if (needed.length === 0) return false
  if (stdin.isTTY !== true) {
    printWrong(
      output,
      needed.map(({ entry, path, name, asked }) => ({
        where: entry.at(path),
        path,
        message: asked ? `There is no terminal to ask for ${name} at.` : `The environment has no ${name}.`,
      })),
    )
    throw new Failure(`${counted(needed.length, 'secret')} missing: nothing was changed.`)
  }
  for (const { entry, linkName, path, name } of needed) {
    const question = `${plain(linkName)}, ${plain(path)} (${plain(name)}): `
    const answer = await ask(question, { input: stdin, output: stderr, secret: true })
    if (answer === '') throw new Failure('Nothing was entered, and nothing was changed.')
    const own = answers.get(entry) ?? new Map<string, string>()
    answers.set(entry, own.set(`${path} ${name}`, answer))
  }
  return true
}

/** What was done stays done, and a second run goes on from there. */
function failed(error: unknown, at: Step, done: Step[], doing: Step[]): Failure {
  const names = (steps: Step[]): string => steps.map(({ kind, linkName }) => `${kind} ${linkName}`).join(', ')
  const fields = error instanceof MooringError ? error.errors.map(({ path, message }) => `${path}: ${message}`) : []
  const says = [error instanceof Error ? error.message : 'unknown reason', ...fields.slice(0, 5)].join(' ')
  const left = doing.slice(done.length)
  return new Failure(`${at.kind} ${at.linkName} could not be changed: ${says}`, {
    exitCode: exitCodeOf(error),
    hint: `Done before: ${done.length === 0 ? 'nothing' : names(done)}. Not done: ${names(left)}. Run it again when that is mended: what is done is not done twice.`,
    cause: error,
  })
}
