/** What runs the packages elsewhere (image, compose file, unit), as far as it can be judged without a daemon. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

const unit = read('packaging/mooring.service')
/** The words of a setting; a unit may give one several times. */
const words = (name: string): string[] =>
  lines(unit)
    .filter((line) => line.startsWith(`${name}=`))
    .flatMap((line) => line.slice(name.length + 1).split(' '))

/** The program that `npm run pack` puts into the server's package. */
const program = 'mooring-server'

/** A stop lets calls finish for 30 seconds, and what is not stored yet after that. */
const longestStop = 40

test('git and the build of the image leave out the same files, secrets among them', () => {
  const ignored = lines(read('.gitignore')).map((line) => {
    const name = line.replace(/\/$/, '')
    return name.startsWith('/') ? name.slice(1) : `**/${name}`
  })
  expect(ignored).toContain('**/secrets')
  expect(lines(read('.dockerignore'))).toEqual(expect.arrayContaining(ignored))
})

test('the image serves as another user than root, from a stage that has neither sources nor archives', () => {
  const served =
    read('Dockerfile')
      .split(/^FROM /m)
      .at(-1) ?? ''
  expect(lines(served).filter((line) => line.startsWith('COPY'))).toEqual(['COPY --from=installed /app /app'])
  expect(served).toMatch(/^USER node$/m)
  expect(served).toContain(`CMD ["${program}"]`)
})

describe('the compose file', () => {
  const Compose = z.object({
    services: z.object({
      mooring: z.object({
        environment: z.record(z.string(), z.string()),
        secrets: z.array(z.string()),
        stop_grace_period: z.string(),
      }),
    }),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
  })
  const { services, secrets } = Compose.parse(parse(read('compose.yaml')))

  test('mounts every file that a setting names', () => {
    const named = Object.values(services.mooring.environment).filter((value) => value.startsWith('/run/secrets/'))
    expect(named.map((path) => path.slice('/run/secrets/'.length)).sort()).toEqual(services.mooring.secrets.toSorted())
    expect(Object.values(secrets).filter(({ file }) => !file.startsWith('secrets/'))).toEqual([])
  })

  test('waits for a stop', () => {
    expect(Number.parseInt(services.mooring.stop_grace_period, 10)).toBeGreaterThan(longestStop)
  })
})

describe('the unit', () => {
  test('starts the packed program, waits for a stop, and never gives up', () => {
    expect(words('ExecStart')).toEqual([`/opt/mooring/node_modules/.bin/${program}`])
    expect(Number(words('TimeoutStopSec')[0])).toBeGreaterThan(longestStop)
    expect(words('StartLimitIntervalSec')).toEqual(['0'])
  })

  test('lets Node compile, and the server learn the addresses of its machine', () => {
    expect(words('RestrictAddressFamilies')).toContain('AF_NETLINK')
    expect(words('MemoryDenyWriteExecute')).toEqual([])
    expect(words('ProcSubset')).toEqual([])
  })

  test.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)(
    'holds nothing that systemd does not know',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'mooring-unit-'))
      try {
        const path = join(folder, 'mooring.service')
        // The package is not installed here.
        writeFileSync(path, unit.replace(/^ExecStart=.*$/m, `ExecStart=${process.execPath}`))
        const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
        // Of the machine's other units it complains too.
        expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('mooring.service'))).toEqual([])
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )
})
