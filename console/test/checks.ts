/** What must be true after every journey, and of every page in every state. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'
import { openBrowsers, type World } from './world.ts'

/** What each page showed when a test failed, beside the other screenshots. */
const failures = join(import.meta.dirname, '../../screenshots/failures')

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return
  const pages = [...openBrowsers].flatMap((browser) => browser.contexts()).flatMap((context) => context.pages())
  const name = task.name.replaceAll(/\W+/g, '_').slice(0, 60)
  for (const [n, page] of pages.entries())
    await page.screenshot({ path: join(failures, `${name}_${n}.png`), timeout: 5000 }).catch(() => undefined)
})

const colourRules = ['color-contrast', 'link-in-text-block']
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** No violation of WCAG 2.2 AA as far as axe sees, in light and in dark. */
export async function checksAccessible(page: Page, state: string): Promise<void> {
  // Behind another window a page draws nothing, and new colours do not arrive.
  await page.bringToFront()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // The new colours are there with the next frame.
    await page.evaluate(
      async () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    )
    // Without frames to look into; otherwise a page is opened for each look. Only contrast depends on the scheme.
    const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
    const { violations } = await (colorScheme === 'light' ? axe.withTags(rules) : axe.withRules(colourRules)).analyze()
    const told = violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
    )
    expect(told, `${state}, ${colorScheme}`).toEqual([])
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: 'reduce' })
}

/** No planted secret in the page, in what the browser was sent or in the log; no error, no policy report. */
export async function checksClean(world: World, page: Page): Promise<void> {
  expect(world.needles.planted()).toBeGreaterThan(0)
  expect(world.needles.foundIn(await page.content()), 'in the page').toEqual([])
  expect(world.needles.foundIn(world.output()), 'in the log').toEqual([])
  expect(world.faults()).toEqual([])
}

/** Of what becomes true sooner or later; a busy machine takes its time. */
export function checksSoon<T>(look: () => T | Promise<T>) {
  return expect.poll(look, { timeout: 20_000 })
}
