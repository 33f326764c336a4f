import { expect, test } from 'vitest'
import { consoleFolder, firstViewBytes, firstViews } from '../build.ts'

const limit = 230 * 1024

test.each(Object.entries(firstViews))(
  'the first view of %s is at most 230 KiB of script and style',
  async (_, parts) => {
    const built = await consoleFolder(() => undefined)
    expect(firstViewBytes(built, parts)).toBeLessThanOrEqual(limit)
  },
)
