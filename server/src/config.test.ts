import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError, readConfig, settings } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'mooring-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function refusal(environment: Record<string, string>): string {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'accepted'
}

const secret = 'mk_0123456789_0123456789_0123456789'
const key = Buffer.alloc(32, 7).toString('base64')

describe('settings', () => {
  test('have the documented defaults', () => {
    expect(readConfig({})).toMatchObject({
      port: 4280,
      host: '127.0.0.1',
      publicUrl: null,
      dataDir: resolve('data'),
      keys: null,
      bootstrapApiKey: null,
      egressAllow: { networks: [], endpoints: new Set() },
      ca: null,
      returnOrigins: [],
      logLevel: 'info',
      workers: 1,
      sandboxPort: 4281,
    })
  })

  test('an empty value counts as unset', () => {
    expect(readConfig({ MOORING_PORT: '', MOORING_KEYS: '', MOORING_KEYS_FILE: '' })).toMatchObject({
      port: 4280,
      keys: null,
    })
  })

  test('the sandbox is off in production, and on or off where somebody said so', () => {
    expect(readConfig({ NODE_ENV: 'production' }).sandboxPort).toBeNull()
    expect(readConfig({ NODE_ENV: 'production', MOORING_SANDBOX: 'on', MOORING_SANDBOX_PORT: '99' }).sandboxPort).toBe(
      99,
    )
    expect(readConfig({ MOORING_SANDBOX: 'off' }).sandboxPort).toBeNull()
  })

  test('S-43 every secret has a twin that names a file; the value itself comes first', () => {
    const path = file('key', `${secret}\n`)
    expect(readConfig({ MOORING_BOOTSTRAP_API_KEY_FILE: path }).bootstrapApiKey).toBe(secret)
    expect(
      readConfig({ MOORING_BOOTSTRAP_API_KEY_FILE: path, MOORING_BOOTSTRAP_API_KEY: `${secret}_` }).bootstrapApiKey,
    ).toBe(`${secret}_`)
    expect(readConfig({ MOORING_KEYS_FILE: file('keys', `a:${key}\n`) }).keys?.[0].id).toBe('a')
    expect(Object.entries(settings).filter(([, one]) => 'secret' in one)).toHaveLength(4)
  })

  test('S-43 a plain setting has no such twin', () => {
    expect(readConfig({ MOORING_PORT_FILE: '/nowhere' }).port).toBe(4280)
  })

  test('an identity provider needs its issuer and a client id', () => {
    const issuer = 'https://id.example.com/tenant'
    expect(() => readConfig({ MOORING_OIDC_ISSUER: issuer })).toThrow(/CLIENT_ID is not; it takes the client id/)
    expect(() => readConfig({ MOORING_OIDC_CLIENT_ID: 'mooring' })).toThrow(/MOORING_OIDC_ISSUER is not/)
    const both = { MOORING_OIDC_ISSUER: issuer, MOORING_OIDC_CLIENT_ID: 'mooring' }
    const oidc = { issuer, clientId: 'mooring', clientSecret: null, name: 'id.example.com', role: null }
    expect(readConfig(both).oidc).toEqual(oidc)
    expect(readConfig({}).oidc).toBeNull()
  })

  // Every setting is in this table: what it must not hold, and how the line shows that.
  const wrong: Record<keyof typeof settings, [value: string, shown: string][]> = {
    MOORING_PORT: [
      ['65536', '"65536"'],
      ['-1', '"-1"'],
      ['80a', '"80a"'],
      ['1e3', '"1e3"'],
      [' 80', '" 80"'],
    ],
    MOORING_REQUESTS_PER_KEY: [['-1', '"-1"']],
    MOORING_CALLS_PER_KEY: [['1.5', '"1.5"']],
    MOORING_REQUESTS_PER_ADDRESS: [['many', '"many"']],
    MOORING_CALLS_PER_CONNECTION: [['1000001', '"1000001"']],
    MOORING_HOST: [
      ['a b', '"a b"'],
      ['http://x', '"http://x"'],
      ['two\nlines', String.raw`"two\nlines"`],
    ],
    MOORING_PUBLIC_URL: [
      ['mooring.example.com', '"mooring.example.com"'],
      ['ftp://x', '"ftp://x"'],
      ['https://x/path', '"https://x/path"'],
      ['https://x?y=z', '"https://x?y=z"'],
      ['https://user:hidden@x', '"https://***@x"'],
    ],
    MOORING_DATA_DIR: [],
    MOORING_DATABASE_URL: [
      ['mysql://user:hidden@db/x', '(24 characters, not shown) (not a postgres:// URL'],
      ['postgres://user:hidden/x', '(24 characters, not shown) (it names no user)'],
      ['postgres://user:hidden@db', '"postgres://user:***@db" (it names no database)'],
      ['postgres://user:hid/den@db/x', '"postgres://user:***@db/x" ('],
      ['postgres://user:hid?den@db/x', '"postgres://user:***@db/x" (of parameters there are host, port,'],
      ['postgres://user:hid%den@db/x', '"postgres://user:***@db/x" (a % in it begins no'],
      ['postgres://user:hidden@db:0/x', '"postgres://user:***@db:0/x" (a port in it is none)'],
      ['postgres://user:hidden@a:b:c/x', '"postgres://user:***@a:b:c/x" (a host in it is none)'],
      ['postgres://db/x?user=u&password=hidden&sslmode=no', '(49 characters, not shown) (sslmode is one of disable,'],
      [
        'postgres://u@db/x?password=hidden&sslmode=no',
        '"postgres://u@db/x?password=***&sslmode=no" (sslmode is one of',
      ],
      ['postgres://u@db/x?sslrootcert=/nowhere', '"postgres://u@db/x?sslrootcert=/nowhere" (sslrootcert names a file'],
      ['postgres://u@a,b/x?target_session_attrs=standby', '"postgres://u@a,b/x?target_session_attrs=standby" (target_'],
    ],
    MOORING_DATABASE_CONNECTIONS: [
      ['1', '"1"'],
      ['101', '"101"'],
    ],
    MOORING_KEYS: [
      ['hidden', '(6 characters, not shown) (key 1 has no id'],
      [`a:${key},b:hidden`, '(55 characters, not shown) (key 2 has 4 bytes, not 32)'],
    ],
    MOORING_BOOTSTRAP_API_KEY: [
      ['hidden', '(6 characters, not shown)'],
      ['mk_hidden', '(9 characters, not shown)'],
      [`${secret} hidden`, '(42 characters, not shown)'],
    ],
    MOORING_EGRESS_ALLOW: [
      ['10.0.0.0/8,10.0.0.0/33', '"10.0.0.0/8,10.0.0.0/33" ("10.0.0.0/33" is neither'],
      ['db.internal', '"db.internal" ("db.internal" is neither'],
      ['*.internal:80', '"*.internal:80"'],
    ],
    MOORING_CA_FILE: [
      ['/nowhere/ca.pem', '"/nowhere/ca.pem"'],
      [file('empty.pem', ''), '"'],
      [file('broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'), '"'],
    ],
    MOORING_RETURN_ORIGINS: [['https://a.example,b.example', '"https://a.example,b.example"']],
    MOORING_TRUSTED_PROXIES: [
      ['proxy.internal', '"proxy.internal"'],
      ['10.0.0.0/33', '"10.0.0.0/33"'],
      ['10.0.0.0/8/8', '"10.0.0.0/8/8"'],
    ],
    MOORING_OIDC_ISSUER: [
      ['id.example.com', '"id.example.com"'],
      ['https://id.example.com?x=y', '"https://id.example.com?x=y"'],
      ['https://user:hidden@id.example.com', '"https://***@id.example.com"'],
    ],
    MOORING_OIDC_CLIENT_ID: [],
    MOORING_OIDC_CLIENT_SECRET: [],
    MOORING_OIDC_NAME: [['n'.repeat(51), `"${'n'.repeat(51)}"`]],
    MOORING_OIDC_ROLE: [
      ['owner', '"owner"'],
      ['invoke', '"invoke"'],
    ],
    MOORING_LOG_LEVEL: [
      ['loud', '"loud"'],
      ['INFO', '"INFO"'],
    ],
    MOORING_WORKERS: [
      ['0', '"0"'],
      ['65', '"65"'],
      ['auto', '"auto"'],
    ],
    MOORING_CONSOLE: [['yes', '"yes"']],
    MOORING_SANDBOX: [['true', '"true"']],
    MOORING_SANDBOX_PORT: [['0', '"0"']],
  }
  const cases = Object.entries(wrong).flatMap(([name, values]) =>
    values.map(([value, shown]) => ({ name, value, shown })),
  )

  test.each(cases)('a wrong $name gets one line with $shown and what it takes', ({ name, value, shown }) => {
    const line = refusal({ MOORING_SANDBOX: 'off', [name]: value })
    const takes = Object.entries(settings).find(([one]) => one === name)?.[1].takes
    expect(line.startsWith(`${name} is ${shown}`), line).toBe(true)
    expect(line.endsWith(`; it takes ${takes}.`), line).toBe(true)
    expect(line).not.toMatch(/\n|hidden/)
  })

  test('a wrong value in a file names the file, and does not show it', () => {
    const path = file('wrong', 'hidden')
    expect(refusal({ MOORING_KEYS_FILE: path })).toBe(
      `MOORING_KEYS_FILE is ${JSON.stringify(path)}, and what it holds is (6 characters, not shown) (key 1 has no id of 1 to 32 letters, digits, - and _ before a colon); it takes ${settings.MOORING_KEYS.takes}.`,
    )
    expect(refusal({ MOORING_KEYS_FILE: '/nowhere' })).toBe(
      'MOORING_KEYS_FILE is "/nowhere"; it takes the path of a readable file.',
    )
  })
})
