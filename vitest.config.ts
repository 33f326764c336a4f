import { configDefaults, defineConfig } from 'vitest/config'

/** People's journeys that hold by themselves; the others are run by `npm run journeys` until they do so together. */
const steadyJourneys = ['service_types']

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts', '*/test/**/*.test.ts', 'scripts/**/*.test.ts'],
    exclude: [...configDefaults.exclude, `console/test/journeys/!(${steadyJourneys.join('|')}).test.ts`],
    // Processes rather than threads: native modules and process-wide state stay apart.
    pool: 'forks',
    maxWorkers: 2,
    // Generous, since nothing here asserts a time: a busy machine starts processes slowly.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
    globals: false,
    // A secret or a time planted by one test must not reach the next.
    restoreMocks: true,
    unstubEnvs: true,
  },
})
