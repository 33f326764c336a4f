import { Failure } from './failure.ts'

/** What is loaded only where it is needed, and need not be installed. Throws a Failure that says how to get it. */
export async function installed<T>(load: () => Promise<T>, whenMissing: string): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
      throw new Failure(whenMissing)
    throw error
  }
}

/** The server's code, which other commands start without. */
export async function installedServer() {
  return installed(
    async () => import('@mooring/server'),
    'The server is not installed here. Install it: npm install @mooring/server',
  )
}
