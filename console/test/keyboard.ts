import type { Locator, Page } from 'playwright-core'

/** More stops than any page of ours has. */
const limit = 100

/** Presses Tab until this has the focus. Throws where it is not reached. */
export async function tabTo(page: Page, control: Locator): Promise<void> {
  await control.waitFor()
  for (let stop = 0; stop < limit; stop++) {
    await page.keyboard.press('Tab')
    if (await control.evaluate((element) => element === element.ownerDocument.activeElement)) return
  }
  throw new Error(`Tab does not reach ${String(control)}`)
}
