/** Identifiers and other random words. */
import { hash, randomBytes, randomFillSync } from 'node:crypto'

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

/**
 * Makes request ids: `req_` and 16 characters, no secrets. Random bytes are taken from the system for many at once, since
 * asking for each costs more than all else of it.
 */
export function requestIds(): () => string {
  const length = 12
  const stock = Buffer.alloc(length * 256)
  let at = stock.length
  return () => {
    if (at === stock.length) {
      randomFillSync(stock)
      at = 0
    }
    const id = `req_${stock.toString('base64url', at, at + length)}`
    at += length
    return id
  }
}

/** What is stored of a random token in its place. Tokens of 128 bits and more need no salt and no slow hash. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'hex')
}
