import { defineConfig } from 'vitest/config'
import everything from './vitest.config.ts'

const { projects: _, ...shared } = everything.test ?? {}

/** `npm run journeys`: all of them, in a real browser. */
export default defineConfig({
  test: { ...shared, include: ['console/test/journeys/*.test.ts'] },
})
