import { argon2Sync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MooringError } from '../errors.ts'
import { createPasswords, demandGoodPassword, outdated } from './password.ts'

const { hash, verify } = createPasswords()

describe('S-46 a password', () => {
  test('is kept as argon2id with its parameters and a salt of its own', async () => {
    const [one, two] = [await hash('a quiet harbour'), await hash('a quiet harbour')]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(one).not.toBe(two)
    expect(await verify('a quiet harbour', one)).toBe(true)
    expect(await verify('a quiet harbour', two)).toBe(true)
    expect(await verify('a quiet harbor', one)).toBe(false)
    expect(outdated(one)).toBe(false)
  })

  test('is the same however its letters are composed', async () => {
    expect(await verify('caf\u00e9 am hafen', await hash('cafe\u0301 am hafen'))).toBe(true)
  })

  test('is checked with the parameters of its hash, which are told to be outdated when they are lower', async () => {
    const old = oldHash('a quiet harbour')
    expect(await verify('a quiet harbour', old)).toBe(true)
    expect(await verify('a quiet harbor', old)).toBe(false)
    expect(outdated(old)).toBe(true)
  })

  test('is never right where there is no hash, or none that can be read', async () => {
    for (const broken of [null, '', 'plain', '$argon2id$v=19$m=0,t=0,p=0$$'])
      expect(await verify('a quiet harbour', broken)).toBe(false)
  })

  test('takes its turn when many are checked at once; too many are sent away', async () => {
    const kept = await hash('a quiet harbour')
    const tries = Array.from({ length: 60 }, () => verify('a quiet harbour', kept))
    const ended = await Promise.allSettled(tries)
    const failed = ended.filter((one) => one.status === 'rejected')
    expect(failed.length).toBe(8)
    for (const { reason } of failed) expect(reason).toBeInstanceOf(MooringError)
    expect(ended.filter((one) => one.status === 'fulfilled' && one.value)).toHaveLength(52)
    expect(await verify('a quiet harbour', kept)).toBe(true)
  })
})

function oldHash(password: string): string {
  const nonce = Buffer.from('sixteen bytes ok')
  const parameters = { message: password, nonce, parallelism: 1, tagLength: 32, memory: 64, passes: 1 }
  const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=64,t=1,p=1$${unpadded(nonce)}$${unpadded(argon2Sync('argon2id', parameters))}`
}

describe('a new password', () => {
  const ana = { name: 'Anastasia Example', email: 'anastasia.ex@example.com' }
  test.each([
    'Anastasia Example',
    'ANASTASIA.EX@example.com',
    'Anastasia.Ex',
    'password1234',
    'PassWord1234',
    'qwertyuiop123',
    'abababababab',
    '111111111111111111',
  ])('is not %s', (password) => {
    expect(() => demandGoodPassword(password, ana)).toThrow(/password: /)
  })

  test.each(['a quiet harbour', 'correct horse battery', 'Ünïcödé wörds', 'password1234 and more'])(
    'may be %s',
    (password) => {
      expect(() => demandGoodPassword(password, ana)).not.toThrow()
    },
  )
})
