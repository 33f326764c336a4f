/** The console's files, where it is installed. */
import type { Log } from './log.ts'

/** What the console's package offers. */
interface Console {
  consoleFolder(progress: (line: string) => void): Promise<string>
}

/**
 * The folder of the built console, made first where its sources have changed; undefined where there is none, which is
 * logged and no reason not to serve.
 */
export async function findConsole(
  wanted: boolean,
  log: Pick<Log, 'info' | 'error'>,
  load: () => Promise<Console> = async () => import('@mooring/console'),
): Promise<string | undefined> {
  if (!wanted) return undefined
  const built = await load().catch(() => undefined)
  if (built === undefined) {
    log.info('the console is not installed')
    return undefined
  }
  try {
    return await built.consoleFolder((line) => process.stdout.write(`  ${line}\n`))
  } catch (error) {
    log.error({ err: error }, 'the console could not be built; the API is served without it')
    return undefined
  }
}
