import { type Command, command } from '../../command.ts'
import { jobOptions, printBegun } from './job.ts'

/** The same under two names: where keys are, and where encryption is. */
const verifyAs = (name: string): Command =>
  command({
    name,
    summary: 'Prove that every sealed value opens; ends with 1 where one does not',
    options: jobOptions,
    notes: ['Nothing is changed. What does not open is named by its place, never by what it holds.'],
    examples: [
      ['After restoring a back-up', `mooring ${name}`],
      ['The rows that do not open', `mooring ${name} --json | jq '.failures[].row'`],
    ],
    async run({ values }, context) {
      return printBegun(await context.client.encryption.verify(), values['no-wait'] !== true, context)
    },
  })

export const verifyEncryption = verifyAs('encryption verify')
export const verifyKeys = verifyAs('keys verify')
