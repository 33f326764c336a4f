/** The keys that seal what is stored, and the jobs that rotate and prove them. For owners and admins. */
import type { Encryption, Job } from '@mooring/contract'
import { everyItem, type Page } from './pages.ts'
import type { CallOptions, Query, Transport } from './transport.ts'

export interface EncryptionClient {
  /** Keys by id and fingerprint, what each seals, and the newest rotation and verification. */
  get(options?: CallOptions): Promise<Encryption>
  /** Begins to seal everything with a new key. Throws `job_running` where one has not ended. */
  rotate(options?: CallOptions): Promise<Job>
  /** Begins to open every sealed value, changing nothing. Throws `job_running` where one has not ended. */
  verify(options?: CallOptions): Promise<Job>
  job(id: string, options?: CallOptions): Promise<Job>
  /** One page of jobs, newest first. */
  jobs(query?: Query<'listJobs'>, options?: CallOptions): Promise<Page<Job>>
  /** Every job, page after page. */
  allJobs(query?: Query<'listJobs'>, options?: CallOptions): AsyncIterable<Job>
  pause(id: string, options?: CallOptions): Promise<Job>
  /** Goes on with a job that is paused, or tries one again that failed. */
  resume(id: string, options?: CallOptions): Promise<Job>
}

export function createEncryption({ call }: Transport): EncryptionClient {
  const jobs: EncryptionClient['jobs'] = (query, options) => call('listJobs', {}, { ...options, query })
  return {
    get: (options) => call('getEncryption', {}, options),
    rotate: (options) => call('rotateKeys', {}, options),
    verify: (options) => call('verifyKeys', {}, options),
    job: (id, options) => call('getJob', { id }, options),
    jobs,
    allJobs: (query, options) => everyItem((cursor) => jobs({ ...query, cursor }, options), query?.cursor),
    pause: (id, options) => call('pauseJob', { id }, options),
    resume: (id, options) => call('resumeJob', { id }, options),
  }
}
