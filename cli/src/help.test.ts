import { describe, expect, test } from 'vitest'
import { mooringHere as mooring } from '../test/mooring.ts'
import packageFile from '../package.json' with { type: 'json' }
import { allCommands, commandNames } from './commands/index.ts'
import { exitCodeMeanings } from './exit_codes.ts'
import { nearest } from './nearest.ts'

const commands = await allCommands()
const all = commands.flatMap((entry) => ('commands' in entry ? [...entry.commands] : [entry]))
const groups = commands.filter((entry) => 'commands' in entry)

test('each command is found by its own name', () => {
  expect(commands.map(({ name }) => name)).toEqual(commandNames)
})

describe.concurrent('help', () => {
  test.each(all)(
    'of $name shows usage, every option and two examples',
    async ({ name, takes, mayTake, options, examples }) => {
      const { code, stdout, stderr } = await mooring([...name.split(' '), '--help'])
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toContain(
        `  mooring ${[name, ...takes.map((word) => `<${word}>`), ...mayTake.map((word) => `[${word}]`)].join(' ')} [options]\n`,
      )
      for (const option of ['help', ...Object.keys(options)]) expect(stdout).toContain(`--${option}`)
      expect(examples.length).toBeGreaterThanOrEqual(2)
      for (const [does, line] of examples) expect(stdout).toContain(`  # ${does}\n  ${line}`)
      expect(stdout).not.toContain('\u001b')
    },
  )

  test.each(groups)('of $name lists its commands', async (group) => {
    const { code, stdout } = await mooring([group.name, '-h'])
    expect(code).toBe(0)
    for (const { name, summary } of 'commands' in group ? group.commands : []) {
      expect(stdout).toMatch(new RegExp(`  ${name.slice(group.name.length + 1)}( <\\w+>)* +${RegExp.escape(summary)}`))
    }
  })

  test('says what every exit code means', async () => {
    const { code, stdout } = await mooring(['--help'])
    expect(code).toBe(0)
    for (const [number, meaning] of exitCodeMeanings)
      expect(stdout).toMatch(new RegExp(`  ${number} +${RegExp.escape(meaning)}`))
    for (const { name } of commands) expect(stdout).toContain(`  ${name} `)
  })

  test('is the same by `mooring help`', async () => {
    const [one, other] = await Promise.all([
      mooring(['help', 'services', 'create']),
      mooring(['services', 'create', '--help']),
    ])
    expect(one).toEqual(other)
  })

  test('tells that --credential stays in the shell history', async () => {
    expect((await mooring(['connect', '--help'])).stdout).toContain('stays in the shell history')
  })

  test('the version is that of the package', async () => {
    expect(await mooring(['--version'])).toMatchObject({ code: 0, stdout: `${packageFile.version}\n` })
  })
})

describe.concurrent('a mistake in the command line ends with 2 and names the nearest', () => {
  test.each([
    [['servcies', 'list'], 'Did you mean mooring services?'],
    [['services', 'lst'], 'Did you mean mooring services list?'],
    [['xyzzy'], 'See: mooring --help'],
    [['services'], 'See: mooring services --help'],
    [['help', 'conect'], 'Did you mean mooring connect?'],
    [['services', 'list', '--stge', 'draft'], 'Did you mean --stage?'],
    [['services', 'list', '--zzzzzz'], 'See: mooring services list --help'],
    [['services', 'list', '--stage'], 'See: mooring services list --help'],
    [['services', 'show'], 'Name the service: mooring services show <service>'],
    [['services', 'show', '..'], '.. cannot name a service.'],
    [['services', 'show', 'a', 'b'], 'There is one word too many: b'],
    [['call', 'books'], 'Name the url or path'],
    [['whoami', '--url', 'localhost:4280'], "The server's URL is not one"],
    [['connections', 'list', '--limit', '0'], '--limit takes'],
  ])('%j', async (args, says) => {
    const { code, stdout, stderr } = await mooring(args, { env: { MOORING_API_KEY: 'mk_x' } })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(says)
  })

  test('no command at all shows the overview', async () => {
    expect(await mooring([])).toMatchObject({ code: 2, stdout: expect.stringContaining('Commands:') })
  })
})

describe('nearest', () => {
  const words = ['services', 'connections', 'connect', 'credentials', 'call', 'keys']
  test.each([
    ['service', 'services'],
    ['conections', 'connections'],
    ['con', 'connections'],
    ['kesy', 'keys'],
    ['clal', 'call'],
    ['zebra', undefined],
    ['k', undefined],
  ])('%s → %s', (word, expected) => {
    expect(nearest(word, words)).toBe(expected)
  })
})
