import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts', '*/test/**/*.test.ts', 'scripts/**/*.test.ts'],
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
  },
})
