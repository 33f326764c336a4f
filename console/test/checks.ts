/** What must be true after every journey, and of every page in every state. */
import axe from 'axe-core'
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

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** Of these alone it matters which colours there are. */
const colourRules = ['color-contrast', 'link-in-text-block']

/** No violation of WCAG 2.2 AA as far as axe sees, in light and in dark. */
export async function checksAccessible(page: Page, state: string): Promise<void> {
  // Behind another window a page draws nothing, and new colours do not arrive.
  await page.bringToFront()
  // Half a megabyte of script, and half of the cost of a look: once for each document.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(`${axe.source};undefined`)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await violations(page, colorScheme), `${state}, ${colorScheme}`).toEqual([])
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: 'reduce' })
}

async function violations(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  const runOnly: axe.RunOnly =
    colorScheme === 'light' ? { type: 'tag', values: rules } : { type: 'rule', values: colourRules }
  return page.evaluate(async (only) => {
    // The new colours are there with the next frame.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const options: axe.RunOptions = { runOnly: only, resultTypes: ['violations'], iframes: false }
    const found = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, options)
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
    )
  }, runOnly)
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
