import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

/** Everything on SQLite but what is about PostgreSQL. */
const all = ['*/src/**/*.test.ts', '*/test/**/*.test.ts', 'scripts/**/*.test.ts']
const aboutPostgres = ['server/src/storage/postgres*.test.ts', 'server/test/postgres*.test.ts']

/** What is run on PostgreSQL as well, beside the store's suite and what is about several servers there. */
const onBoth = [
  'server/test/backup.test.ts',
  'server/test/connections.test.ts',
  'server/test/services.test.ts',
  'console/test/journeys/whole_way.test.ts',
]

/** What holds on either engine: all tests of the server, and what people do in a browser. */
const everywhere = ['server/**/*.test.ts', 'console/test/journeys/*.test.ts']

/** Databases that go away and standbys that take their place: minutes, most of them waiting. */
const long = ['server/test/postgres_outage.test.ts']

/**
 * `MOORING_TEST_ENGINE=postgres npm test -- …` runs any of those on PostgreSQL; `npm run unit:postgres` runs all of them,
 * the long ones too.
 */
const everything = process.env['MOORING_TEST_ENGINE'] === 'postgres'

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
          include: everything ? everywhere : [...aboutPostgres, ...onBoth],
          exclude: [...configDefaults.exclude, ...(everything ? [] : long)],
          env: { MOORING_TEST_ENGINE: 'postgres' },
          globalSetup: 'server/test/postgres_setup.ts',
        },
      },
    ],
  },
})
