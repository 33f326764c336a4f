/**
 * Passwords: argon2id (RFC 9106) in PHC form, which carries its parameters, so that they can be raised: an older hash is
 * replaced when its password is next known.
 */
import { argon2 as run, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { invalid, MooringError } from '../errors.ts'
import { common } from './common_passwords.ts'

const argon2 = promisify(run)

/** OWASP's second choice: 19 MiB, two passes, one lane. About 40 ms of one core. */
const current = { memory: 19_456, passes: 2, parallelism: 1 }
const tagLength = 32
/** Hashes made at once; each takes its memory and a thread of the pool that files use too. */
const atOnce = 2
/** More than this waiting is an attack or a fault. */
const waitingLimit = 50

export interface Passwords {
  hash: (password: string) => Promise<string>
  /** False too where there is no hash, after the same work. */
  verify: (password: string, hash: string | null) => Promise<boolean>
}

export function createPasswords(): Passwords {
  const waiting: (() => void)[] = []
  let running = 0
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) {
      if (waiting.length >= waitingLimit) {
        throw new MooringError('unavailable', {
          detail: 'Too many people sign in at this moment.',
          hint: 'Try again in a few seconds.',
          retryAfterSeconds: 5,
        })
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
  const derive = (password: string, salt: Uint8Array, parameters: typeof current): Promise<Buffer> =>
    inTurn(() => argon2('argon2id', { message: normal(password), nonce: salt, tagLength, ...parameters }))
  const noSalt = Buffer.alloc(16)

  return {
    async hash(password) {
      const salt = randomBytes(16)
      const { memory, passes, parallelism } = current
      const tag = await derive(password, salt, current)
      return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`
    },
    async verify(password, hash) {
      const known = hash === null ? undefined : read(hash)
      const tag = await derive(password, known?.salt ?? noSalt, known?.parameters ?? current)
      return known !== undefined && timingSafeEqual(tag, known.tag)
    },
  }
}

/** Whether a hash was made with less than is asked for now. */
export function outdated(hash: string): boolean {
  const parameters = read(hash)?.parameters
  return parameters === undefined || parameters.memory < current.memory || parameters.passes < current.passes
}

/** The contract says how long it is; this, what it may not be. Throws validation_failed. */
export function demandGoodPassword(password: string, { name, email }: { name: string; email: string }): void {
  const text = normal(password).toLowerCase()
  const refuse = (message: string): never => {
    throw invalid([{ path: 'password', code: 'too_weak', message }])
  }
  if ([name, email, email.split('@', 1)[0] ?? ''].some((own) => own !== '' && normal(own).toLowerCase() === text))
    refuse('Choose something other than your name or address.')
  if (new Set(text).size < 5) refuse('Choose one with more than four different characters.')
  if (common.has(text)) refuse('This one is among the first that are guessed; choose another.')
}

/** NIST SP 800-63B section 3.1.1.2: what looks the same is the same. */
function normal(text: string): string {
  return text.normalize('NFKC')
}

function read(hash: string): { parameters: typeof current; salt: Buffer; tag: Buffer } | undefined {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]{43})$/.exec(hash)
  if (match === null) return undefined
  const [memory, passes, parallelism] = match.slice(1, 4).map(Number)
  const [salt, tag] = match.slice(4).map((text) => Buffer.from(text, 'base64'))
  if (memory === undefined || passes === undefined || parallelism === undefined) return undefined
  return salt && tag && { parameters: { memory, passes, parallelism }, salt, tag }
}

/** As PHC strings write it: without padding. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}
