import type { Client, Job } from '@mooring/sdk'
import { command } from '../../command.ts'
import { exitCode } from '../../exit_codes.ts'
import { Failure } from '../../failure.ts'
import { jobOptions, printBegun, printJob } from './job.ts'

const whichJob = {
  job: { type: 'string', value: 'id', help: 'Another than the newest rotation' },
} as const

async function idOf(given: string | undefined, client: Client): Promise<Job['id']> {
  if (given !== undefined) return given
  const { rotation } = await client.encryption.get()
  if (rotation !== null) return rotation.id
  throw new Failure('There has been no rotation yet.', {
    exitCode: exitCode.notFound,
    hint: 'Begin one: mooring encryption rotate',
  })
}

export const pauseEncryption = command({
  name: 'encryption pause',
  summary: 'Pause a rotation; it stays paused over restarts',
  options: whichJob,
  examples: [
    ['The one that runs', 'mooring encryption pause'],
    ['A verification', 'mooring encryption pause --job job_01'],
  ],
  async run({ values }, context) {
    const { client } = context
    printJob(await client.encryption.pause(await idOf(values.job, client)), context)
  },
})

export const resumeEncryption = command({
  name: 'encryption resume',
  summary: 'Go on with a paused rotation, or try one again that failed',
  options: { ...whichJob, ...jobOptions },
  examples: [
    ['And see it to its end', 'mooring encryption resume'],
    ['A verification', 'mooring encryption resume --job job_01'],
  ],
  async run({ values }, context) {
    const { client } = context
    const job = await client.encryption.resume(await idOf(values.job, client))
    return printBegun(job, values['no-wait'] !== true, context)
  },
})
