import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

/** Everything on SQLite but what is about PostgreSQL. */
const all = ['*/src/**/*.test.ts', '*/test/**/*.test.ts', 'scripts/**/*.test.ts']
const aboutPostgres = ['server/src/storage/postgres*.test.ts', 'server/test/postgres*.test.ts']

/** What is run on PostgreSQL as well: the store, and what keeps connections alive. */
const onBoth: string[] = [
  'server/test/accounts.test.ts',
  'server/test/alive.test.ts',
  'server/test/alive_killed.test.ts',
  'server/test/backup.test.ts',
  'server/test/connections.test.ts',
  'server/test/faults/faults.test.ts',
  'server/test/services.test.ts',
]

/** `MOORING_TEST_ENGINE=postgres npm test -- …` runs any test of the server on PostgreSQL. */
const onPostgres = process.env['MOORING_TEST_ENGINE'] === 'postgres' ? ['server/**/*.test.ts'] : onBoth

export default defineConfig({
  test: {
    // Processes rather than threads: native modules and process-wide state stay apart.
    pool: 'forks',
    // More than cores: whoever drives a browser or a server waits half of the time.
    maxWorkers: Math.max(3, Math.ceil(availableParallelism() * 0.75)),
    // Generous, since nothing here asserts a time: a busy machine starts processes slowly.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
    globals: false,
    // A secret or a time planted by one test must not reach the next.
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'sqlite',
          include: all,
          exclude: [...configDefaults.exclude, ...aboutPostgres],
          env: { MOORING_TEST_ENGINE: 'sqlite' },
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [...aboutPostgres, ...onPostgres],
          env: { MOORING_TEST_ENGINE: 'postgres' },
          globalSetup: 'server/test/postgres_setup.ts',
        },
      },
    ],
  },
})
