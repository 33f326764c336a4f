/** Following a job to its end, and what is said of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Job, MooringError } from '@mooring/sdk'
import type { Context } from '../../command.ts'
import { exitCode } from '../../exit_codes.ts'
import { plain } from '../../output.ts'
import { mark, relativeTime } from '../../words.ts'

const lookEveryMs = 500
/** A restart of the server is waited for; one that stays away is told of. */
const patienceMs = 60_000

export const jobOptions = {
  'no-wait': { type: 'boolean', help: 'Print the job and do not wait for its end' },
} as const

const doing: Record<Job['kind'], string> = {
  key_rotation: 'sealed with the new key',
  key_verification: 'opened',
}

const counted = (count: number): string => count.toLocaleString('en')

export function progressWords({ kind, done, failed, total }: Job): string {
  const failures = failed === 0 ? '' : `, ${counted(failed)} do not open`
  return `${counted(done)} of ${counted(total)} values ${doing[kind]}${failures}`
}

/** Waits until a job runs no more. Ctrl-C ends the waiting, never the job. */
export async function followJob(begun: Job, { client, output, signal }: Context): Promise<Job> {
  return output.spin(progressWords(begun), async (spinner) => {
    let heardAt = performance.now()
    for (let job = begun; ;) {
      if (job.state !== 'running') return job
      await sleep(lookEveryMs, undefined, { signal })
      try {
        job = await client.encryption.job(begun.id, { signal })
        heardAt = performance.now()
        spinner.say(progressWords(job))
      } catch (error) {
        const away = error instanceof MooringError && error.code === 'unreachable'
        if (!away || performance.now() - heardAt > patienceMs) throw error
        spinner.say(`${progressWords(job)}; the server does not answer at the moment`)
      }
    }
  })
}

/** What became of a job, and the exit code that says so. */
export function printJob(job: Job, { output, now }: Pick<Context, 'output' | 'now'>): number {
  const code = job.state === 'failed' ? exitCode.failure : exitCode.ok
  if (output.json) {
    output.printJson(job)
    return code
  }
  const { style } = output
  if (job.state === 'done') output.print(`${mark(true, style)} ${plain(job.detail)}`)
  else if (job.state === 'failed') output.print(`${mark(false, style)} ${plain(job.detail)}`)
  else output.print(`${style('yellow', job.state === 'paused' ? '! Paused' : '… Running')}: ${progressWords(job)}`)
  output.table(
    ['where', 'row', 'belongs to', 'what is wrong'],
    job.failures.map(({ table, field, row, service, connection, detail }) => [
      `${table}.${field}`,
      plain(row),
      connection === null ? (service === null ? '' : `service ${service}`) : `connection ${connection}`,
      plain(detail),
    ]),
  )
  if (job.failed > job.failures.length) output.note(`And ${counted(job.failed - job.failures.length)} more.`)
  output.note(`${job.id}, begun by ${plain(job.startedBy)} ${relativeTime(job.startedAt, now())}`, 'dim')
  return code
}

/** Prints a job that was begun or resumed, once it has ended unless nobody waits. */
export async function printBegun(job: Job, wait: boolean, context: Context): Promise<number> {
  return printJob(wait ? await followJob(job, context) : job, context)
}
