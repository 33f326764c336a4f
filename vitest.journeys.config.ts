import { defineConfig } from 'vitest/config'
import everything from './vitest.config.ts'

/** `npm run journeys`: all of them, in a real browser. */
export default defineConfig({
  test: { ...everything.test, include: ['console/test/journeys/*.test.ts'], exclude: [] },
})
