import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { keyFile, parseKeyring } from './keyring.ts'

const folder = mkdtempSync(join(tmpdir(), 'mooring-keyring-'))
afterAll(() => rmSync(folder, { recursive: true }))

const key = randomBytes(32)

describe('a keyring', () => {
  test('S-43 holds the keys in the order they are written', () => {
    const other = randomBytes(32)
    const text = ` new:${other.toString('base64')} ,\n old:${key.toString('base64url')},`
    expect(parseKeyring(text).map(({ id, bytes }) => [id, Buffer.from(bytes).toString('hex')])).toEqual([
      ['new', other.toString('hex')],
      ['old', key.toString('hex')],
    ])
  })

  test.each([
    ['', 'it holds no key'],
    [' , ', 'it holds no key'],
    [key.toString('base64'), 'key 1 has no id'],
    [`:${key.toString('base64')}`, 'key 1 has no id'],
    [`a b:${key.toString('base64')}`, 'key 1 has no id'],
    [`a:${key.toString('base64')},b:${key.toString('base64').slice(0, 40)}`, 'key 2 has 30 bytes, not 32'],
    [`a:${key.toString('hex')}`, 'key 1 has 48 bytes, not 32'],
    ['a:', 'key 1 is not written in base64'],
    [`a:${key.toString('base64').replace(/^./, '!')}`, 'key 1 is not written in base64'],
    [`a:${key.toString('base64')},a:${key.toString('base64')}`, 'two keys have the same id'],
  ])('that cannot be used is refused by what is wrong, without the key: case %#', (text, reason) => {
    expect(() => parseKeyring(text)).toThrow(reason)
    const told = (() => {
      try {
        return parseKeyring(text)
      } catch (error) {
        return String(error)
      }
    })()
    expect(told).not.toContain(key.toString('base64').slice(1, 20))
    expect(told).not.toContain(key.toString('hex').slice(0, 20))
  })
})

describe('the key file', () => {
  test('S-43 is made once, for its owner alone, and read from then on', () => {
    const path = join(folder, 'once.key')
    const [made] = keyFile(path, true)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const text = readFileSync(path, 'utf8')
    expect(Buffer.from(keyFile(path, true)[0].bytes)).toEqual(Buffer.from(made.bytes))
    expect(Buffer.from(keyFile(path, false)[0].bytes)).toEqual(Buffer.from(made.bytes))
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(readdirSync(folder).filter((name) => name.startsWith('once'))).toEqual(['once.key'])
  })

  test('S-42 is never made beside a database that is there', () => {
    const path = join(folder, 'missing.key')
    expect(() => keyFile(path, false)).toThrow(/missing\.key is missing/)
    expect(readdirSync(folder)).not.toContain('missing.key')
  })

  test('that was damaged is refused and left as it is', () => {
    const path = join(folder, 'damaged.key')
    writeFileSync(path, 'k1:short\n')
    chmodSync(path, 0o600)
    expect(() => keyFile(path, true)).toThrow(/damaged\.key cannot be used: key 1 has 3 bytes, not 32\./)
    expect(readFileSync(path, 'utf8')).toBe('k1:short\n')
  })
})
