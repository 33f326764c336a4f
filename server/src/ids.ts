/** Identifiers and other random words. */
import { hash, randomBytes } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** `prefix_` and 26 characters that rise with time: 48 bits of milliseconds, 80 random bits (as ULID does). */
export function newId(prefix: string, now: number): string {
  let time = ''
  for (let rest = now, digit = 0; digit < 10; digit++) {
    time = alphabet.charAt(rest % 32) + time
    rest = Math.floor(rest / 32)
  }
  let random = ''
  for (const byte of randomBytes(16)) random += alphabet.charAt(byte % 32)
  return `${prefix}_${time}${random}`
}

/** URL-safe base64 of this many random bytes. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}

/** What is stored of a random token in its place. Tokens of 128 bits and more need no salt and no slow hash. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'hex')
}
