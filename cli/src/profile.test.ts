import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mooring } from '../test/mooring.ts'
import { apiKey, standIn } from '../test/stand_in.ts'
import { Failure } from './failure.ts'
import { findProfile } from './profile.ts'

function folderWith(file: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-profile-'))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, file), content)
  return folder
}

describe('the key', () => {
  test('is taken from the file named, before the environment', () => {
    const folder = folderWith('key', 'mk_file\n')
    const flags = { apiKeyFile: join(folder, 'key') }
    expect(findProfile(flags, { MOORING_API_KEY: 'mk_env' }).apiKey).toBe('mk_file')
    expect(findProfile({}, { MOORING_API_KEY: 'mk_env' }).apiKey).toBe('mk_env')
  })

  test('of a local installation is found in its data directory', async () => {
    await using server = await standIn()
    const cwd = folderWith('data/owner.key', `${apiKey}\n`)
    const ran = await mooring(['whoami', '--url', server.url], { cwd })
    expect([ran.code, ran.stderr]).toEqual([0, ''])
    const elsewhere = await mooring(['whoami', '--url', server.url], { env: { MOORING_DATA_DIR: join(cwd, 'data') } })
    expect(elsewhere.code).toBe(0)
  })

  test.each([
    'https://mooring.example.com',
    'http://localhost.example.com:4280',
    'http://10.0.0.1',
    'http://127.example.com',
  ])('of a local installation is not sent to %s', (url) => {
    const folder = folderWith('data/owner.key', 'mk_owner')
    expect(() => findProfile({ url }, { MOORING_DATA_DIR: join(folder, 'data') })).toThrow(/No API key for/)
  })

  test('that is none is refused without repeating it', () => {
    expect(() => findProfile({}, { MOORING_API_KEY: 'mk_a b' })).toThrow(Failure)
    expect(() => findProfile({}, { MOORING_API_KEY: 'mk_a b' })).toThrow(/^(?!.*mk_a)/s)
  })

  test('that is missing ends with 3 and the way to give one', async () => {
    const { code, stderr } = await mooring(['whoami'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^mooring: No API key found\.\nSet MOORING_API_KEY, pass --api-key-file/)
    expect((await mooring(['whoami', '--api-key-file', 'nowhere'])).stderr).toContain(
      'Cannot read the API key in nowhere',
    )
  })
})
