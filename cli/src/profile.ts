/** Which server to speak to, and with which key. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { exitCode } from './exit_codes.ts'
import { Failure, UsageError } from './failure.ts'

export interface Profile {
  url: string
  apiKey: string
}

export interface ProfileFlags {
  url?: string | undefined
  apiKeyFile?: string | undefined
}

export const defaultUrl = 'http://localhost:4280'

/**
 * URL: `--url`, `MOORING_URL`, else the local server. Key: `--api-key-file`, `MOORING_API_KEY`, else the owner key
 * that a local installation keeps in its data directory; that one is only ever sent to this machine.
 */
export function findProfile(flags: ProfileFlags, env: NodeJS.ProcessEnv): Profile {
  const url = checkUrl(flags.url ?? (env['MOORING_URL'] || defaultUrl))
  if (flags.apiKeyFile !== undefined) return { url: url.href, apiKey: readKey(flags.apiKeyFile) }
  const fromEnv = env['MOORING_API_KEY']?.trim()
  if (fromEnv) return { url: url.href, apiKey: checkKey(fromEnv, 'MOORING_API_KEY') }
  if (!isThisMachine(url)) {
    throw noKey(`No API key for ${url.origin}.`, 'Set MOORING_API_KEY, or pass --api-key-file <file>.')
  }
  const file = resolve(env['MOORING_DATA_DIR'] || './data', 'owner.key')
  try {
    return { url: url.href, apiKey: readKey(file) }
  } catch (error) {
    if (!(error instanceof Failure) || !isMissing(error.cause)) throw error
    throw noKey(
      'No API key found.',
      `Set MOORING_API_KEY, pass --api-key-file <file>, or run this where the server keeps its data (looked for ${file}).`,
    )
  }
}

function checkUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`The server's URL is not one: ${text}`, `Write it whole, such as ${defaultUrl}.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('The server’s URL holds a user name or password; the API key is all it needs.')
  }
  return url
}

function readKey(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new Failure(`Cannot read the API key in ${file} (${reason(cause)}).`, {
      exitCode: exitCode.notAllowed,
      cause,
    })
  }
  return checkKey(text, file)
}

function checkKey(key: string, where: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key
  throw noKey(`${where} does not hold an API key.`, 'It should be one line that starts with mk_.')
}

const noKey = (message: string, hint: string): Failure => new Failure(message, { exitCode: exitCode.notAllowed, hint })

function isThisMachine({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** `ENOENT` and the like, else the message. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
