import { statSync } from 'node:fs'
import { join } from 'node:path'
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

test('sources that have not changed are not built again', async () => {
  const built = await consoleFolder(() => undefined)
  const builtAt = statSync(join(built, 'index.html')).mtimeMs
  const said: string[] = []
  expect(await consoleFolder((line) => said.push(line))).toBe(built)
  expect(said).toEqual([])
  expect(statSync(join(built, 'index.html')).mtimeMs).toBe(builtAt)
})
