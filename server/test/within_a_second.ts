import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'

/**
 * What one process changes is in force in all others after a second at most. Counted in turns rather than by the clock:
 * a machine that is busy keeps whoever looks waiting as long as those who are looked at.
 */
export async function withinASecond<T>(look: () => Promise<T>, wanted: T): Promise<void> {
  for (let turn = 0; turn < 40; turn++) {
    if (isDeepStrictEqual(await look(), wanted)) return
    await wait(25)
  }
  expect(await look()).toEqual(wanted)
}
