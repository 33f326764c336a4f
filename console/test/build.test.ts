import { expect, test } from 'vitest'
import { consoleFolder, firstViewBytes } from '../build.ts'

const limit = 230 * 1024

test.each(['connections/list', 'connections/pick_service', 'connections/overview', 'account/login'])(
  'the first view of %s is at most 230 KiB of script and style',
  async (page) => {
    const built = await consoleFolder(() => undefined)
    expect(firstViewBytes(built, `src/pages/${page}.tsx`)).toBeLessThanOrEqual(limit)
  },
)
