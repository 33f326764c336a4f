import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts', '*/test/**/*.test.ts', 'scripts/**/*.test.ts'],
    // Processes rather than threads: native modules and process-wide state stay apart.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    globals: false,
    // A secret or a time planted by one test must not reach the next.
    restoreMocks: true,
    unstubEnvs: true,
  },
})
