/** Beginning, pausing and telling of jobs; `runner.ts` works on them. */
import type { Job } from '@mooring/contract'
import { actorOf, type Caller } from '../access/caller.ts'
import { MooringError, notFound } from '../errors.ts'
import { newId } from '../ids.ts'
import { type JobRecord, type PageOf, type PageRequest, type Store, TakenError } from '../store.ts'
import type { Vault } from '../vault/vault.ts'

export interface Jobs {
  /** Throws job_running where one of this kind is running or paused. */
  begin(caller: Caller, kind: JobRecord['kind']): Promise<Job>
  /** Throws not_found. */
  get(id: string): Promise<Job>
  list(page: PageRequest): Promise<PageOf<Job>>
  /** One that is not running stays as it is. Throws not_found. */
  pause(id: string): Promise<Job>
  /** One that is neither paused nor failed stays as it is. Throws not_found, job_running. */
  resume(id: string): Promise<Job>
}

export interface JobParts {
  store: Store
  vault: Vault
  now: () => number
  /** There is something to work on. */
  kick: () => void
}

const names: Record<JobRecord['kind'], string> = { key_rotation: 'rotation', key_verification: 'verification' }

export function createJobs({ store, vault, now, kick }: JobParts): Jobs {
  const find = async (id: string): Promise<JobRecord> => {
    const record = await store.jobs.find(id)
    if (record === undefined) throw notFound('job')
    return record
  }

  /** What `work` gives; where another job of the kind is in the way, says which. */
  const alone = async <T>(kind: JobRecord['kind'], work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof TakenError) || error.what !== 'job') throw error
      throw running(kind, await store.jobs.active(kind), error)
    }
  }

  return {
    async begin(caller, kind) {
      const at = now()
      const record = await alone(kind, () =>
        store.transaction(async (inside) => {
          const counts = await inside.sealed.count()
          const begun: JobRecord = {
            id: newId('job', at),
            kind,
            state: 'running',
            done: 0,
            total: counts.reduce((sum, { count }) => sum + count, 0),
            failed: 0,
            failures: [],
            cursor: null,
            detail: '',
            startedBy: actorOf(caller),
            leaseOwner: null,
            leaseUntil: null,
            createdAt: at,
            updatedAt: at,
            finishedAt: null,
          }
          await inside.jobs.insert(begun)
          if (kind === 'key_rotation') await addNewKeys(inside, vault, at)
          return begun
        }),
      )
      kick()
      return jobReply(record)
    },

    get: async (id) => jobReply(await find(id)),

    async list(page) {
      const { items, nextCursor } = await store.jobs.list(page)
      return { items: items.map(jobReply), nextCursor }
    },

    pause: async (id) => jobReply((await store.jobs.pause(id, now())) ?? (await find(id))),

    async resume(id) {
      const { kind } = await find(id)
      const resumed = await alone(kind, () => store.jobs.resume(id, now()))
      if (resumed !== undefined) kick()
      return jobReply(resumed ?? (await find(id)))
    },
  }
}

/** A new data key for each workspace, newer than any it has, whatever the clocks say. */
async function addNewKeys(inside: Store, vault: Vault, at: number): Promise<void> {
  const keys = await inside.dataKeys.list()
  for (const workspace of await inside.workspaces.list()) {
    const newest = keys.findLast((key) => key.workspaceId === workspace.id)?.createdAt ?? 0
    await inside.dataKeys.insert(vault.newDataKey(newId('dky', at), workspace.id, Math.max(at, newest + 1)))
  }
}

function running(kind: JobRecord['kind'], job: JobRecord | undefined, cause: unknown): MooringError {
  const which = job === undefined ? '' : `: ${job.id}, ${job.state}, ${job.done} of ${job.total} done`
  return new MooringError('job_running', {
    detail: `A ${names[kind]} has not ended${which}.`,
    hint:
      job === undefined
        ? 'Ask again.'
        : `Look at it with GET /v1/system/jobs/${job.id}${job.state === 'paused' ? `, go on with POST /v1/system/jobs/${job.id}/resume` : ''}.`,
    cause,
  })
}

export function jobReply(record: JobRecord): Job {
  const { id, kind, state, done, total, failed, failures, detail, startedBy } = record
  const instant = (at: number): string => new Date(at).toISOString()
  return {
    id,
    kind,
    state,
    done,
    total,
    failed,
    failures,
    detail,
    startedBy,
    startedAt: instant(record.createdAt),
    updatedAt: instant(record.updatedAt),
    finishedAt: record.finishedAt === null ? null : instant(record.finishedAt),
  }
}
