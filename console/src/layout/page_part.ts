import { MooringError } from '@mooring/sdk'
import { lazyRouteComponent } from '@tanstack/react-router'
import { client } from '../data/client.ts'

/** A page that is loaded when it is first opened. */
// oxlint-disable-next-line typescript/no-explicit-any -- as the router declares it.
export function page<Module extends Record<string, any>, Name extends keyof Module>(
  load: () => Promise<Module>,
  name: Name,
): ReturnType<typeof lazyRouteComponent<Module, Name>> {
  return lazyRouteComponent(async () => load().catch(explained), name)
}

/**
 * A script that cannot be loaded is gone where the server has a newer console by now: then the router loads the whole page
 * anew, once. Without a server that would only take away what is still on the screen.
 */
async function explained(failure: unknown): Promise<never> {
  try {
    await client.session.get()
  } catch (reason) {
    if (reason instanceof MooringError && reason.code === 'unreachable') throw reason
  }
  throw failure
}
