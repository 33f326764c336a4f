import { command } from '../command.ts'
import { planAsJson, printPlan, printWrong } from '../definitions/print.ts'
import { Failure } from '../failure.ts'
import { counted } from '../definitions/words.ts'

export const planDefinitions = command({
  name: 'plan',
  summary: 'Show what files of definitions would change here, and change nothing',
  takes: ['files'],
  options: {
    prune: { type: 'boolean', help: 'Also plan to delete what no file names' },
    'replace-secrets': { type: 'boolean', help: 'Also plan to write secrets that are set already' },
  },
  notes: ['Takes a folder, a file, or - for stdin. Every mistake is told at once, with file, line and field.'],
  examples: [
    ['A folder', 'mooring plan definitions'],
    ['For a script', "mooring plan definitions --json | jq -r '.steps[] | select(.reauthorize) | .linkName'"],
  ],
  async run({ argument, values }, { client, output, stdin, env }) {
    // Loaded here alone, so that other commands start fast.
    const { makePlan, readEntries, readHeld } = await import('../definitions/index.ts')
    const { entries, wrong } = await readEntries(argument('files'), stdin)
    const held = await readHeld(client)
    const options = { prune: values.prune === true, replaceSecrets: values['replace-secrets'] === true }
    const plan = await makePlan(entries, held, client, { env, answers: new Map(), ...options })
    plan.wrong.unshift(...wrong)
    if (output.json) output.printJson(planAsJson(plan))
    else {
      printPlan(output, plan)
      printWrong(output, plan.wrong)
    }
    if (plan.wrong.length > 0) throw new Failure(`${counted(plan.wrong.length, 'mistake')}: this cannot be applied.`)
  },
})
