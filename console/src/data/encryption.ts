import type { Encryption } from '@mooring/sdk'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'
import { queryClient } from './query_client.ts'

const isRunning = (encryption: Encryption | undefined): boolean =>
  encryption?.rotation?.state === 'running' || encryption?.verification?.state === 'running'

/** The keys that seal what is stored, with the newest jobs; for owners and admins. */
export const encryption = queryOptions({
  queryKey: ['keys', 'encryption'],
  queryFn: ({ signal }) => client.encryption.get({ signal }),
  // A job that runs is watched, over a restart of the server too.
  refetchInterval: ({ state }) => (isRunning(state.data) ? 1000 : 30_000),
})

/** Every job there was, newest first. */
export const pastJobs = infiniteQueryOptions({
  queryKey: ['keys', 'jobs'],
  queryFn: ({ pageParam, signal }) =>
    client.encryption.jobs({ limit: 10, ...(pageParam === '' ? {} : { cursor: pageParam }) }, { signal }),
  initialPageParam: '',
  getNextPageParam: ({ nextCursor }) => nextCursor,
})

export async function encryptionChanged(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ['keys'] })
}
