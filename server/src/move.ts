/** `mooring migrate --to`: from the settings of the server that ran on SQLite to a database that the next one runs on. */
import { readConfig, ConfigError } from './config.ts'
import { parseDatabaseUrl } from './database_url.ts'
import { databasePath } from './start.ts'
import { move, type MoveProgress } from './storage/move.ts'

/** Gives how many rows of each table were moved. Throws an Error of one line where it cannot be done. */
export async function moveTo(
  environment: Record<string, string | undefined>,
  url: string,
  progress: (at: MoveProgress) => void,
): Promise<Record<string, number>> {
  const { MOORING_DATABASE_URL: _, MOORING_DATABASE_URL_FILE: __, ...rest } = environment
  const config = readConfig(rest)
  let target
  try {
    target = parseDatabaseUrl(url)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'it cannot be read'
    throw new ConfigError(`--to is not the URL of a PostgreSQL database: ${why}.`, { cause })
  }
  return move({ path: databasePath(config), target, trusted: config.ca, progress })
}
