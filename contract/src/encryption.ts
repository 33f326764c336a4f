/** The keys at rest, and the work that rotates and proves them. Keys are told by id and fingerprint, never shown. */
import { z } from 'zod'

export const JobState = z.enum(['running', 'paused', 'done', 'failed'])
export type JobState = z.infer<typeof JobState>

/** A stored value that does not open: where it is. */
export const JobFailure = z
  .object({
    /** Table, column and id of the row. */
    table: z.string(),
    field: z.string(),
    row: z.string(),
    /** Link names of what it belongs to, where that is known. */
    service: z.string().nullable(),
    connection: z.string().nullable(),
    detail: z.string(),
  })
  .meta({ id: 'JobFailure' })
export type JobFailure = z.infer<typeof JobFailure>

export const Job = z
  .object({
    id: z.string(),
    kind: z.enum(['key_rotation', 'key_verification']),
    state: JobState,
    /** Values that are done with, of `total`; those that do not open are counted in `failed`. */
    done: z.int(),
    total: z.int(),
    failed: z.int(),
    /** The first hundred of them. */
    failures: z.array(JobFailure),
    /** What became of it, or why it stopped; empty while there is nothing to say. */
    detail: z.string(),
    startedBy: z.string(),
    startedAt: z.string(),
    updatedAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'Job' })
export type Job = z.infer<typeof Job>

export const RootKey = z
  .object({
    id: z.string(),
    fingerprint: z.string(),
    /** True of the first one in the keyring, which seals new data keys. */
    seals: z.boolean(),
    /** How many data keys are sealed with it. */
    dataKeys: z.int(),
    /** True where nothing is sealed with it any more, so that it can leave the keyring. */
    removable: z.boolean(),
  })
  .meta({ id: 'RootKey' })
export type RootKey = z.infer<typeof RootKey>

export const DataKey = z
  .object({
    id: z.string(),
    /** null where its root key is not in this process's keyring. */
    fingerprint: z.string().nullable(),
    workspace: z.string(),
    rootKey: z.string(),
    /** True of the one that seals what is stored from now on. */
    active: z.boolean(),
    /** How many stored values are sealed with it. */
    values: z.int(),
    createdAt: z.string(),
  })
  .meta({ id: 'DataKey' })
export type DataKey = z.infer<typeof DataKey>

export const Encryption = z
  .object({
    /** Where the root keys come from: `setting` is MOORING_KEYS, `file` the generated file in the data folder. */
    source: z.enum(['setting', 'file']),
    rootKeys: z.array(RootKey),
    /** Newest first. */
    dataKeys: z.array(DataKey),
    /** How many values are stored sealed. */
    values: z.int(),
    /** The newest of each, whatever its state. */
    rotation: Job.nullable(),
    verification: Job.nullable(),
  })
  .meta({ id: 'Encryption' })
export type Encryption = z.infer<typeof Encryption>
