import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { curlFor } from './curl.ts'

const origin = 'http://localhost:4280'

/** What a shell makes of it: the arguments that curl would get. */
function argumentsOf(command: string): string[] {
  const shown = command.replace(/^curl/, String.raw`printf '%s\0'`)
  const output = execFileSync('sh', ['-c', shown], { env: { MOORING_API_KEY: 'the-key' }, encoding: 'utf8' })
  return output.split('\0').slice(0, -1)
}

test('a plain call is one address and one key', () => {
  expect(curlFor({ origin, connection: 'crm', method: 'GET', target: '/me' })).toBe(
    'curl http://localhost:4280/v1/proxy/crm/me \\\n  -H "Authorization: Bearer $MOORING_API_KEY"',
  )
})

test('what is typed reaches curl as it is, whatever a shell would make of it', () => {
  const nasty = `it's $(touch /tmp/x) \`id\` "$HOME" \\ & ; | > é\nsecond line`
  const call = { origin, connection: 'crm', method: 'POST', target: `items?q=${encodeURIComponent(nasty)}&a=b` }
  expect(argumentsOf(curlFor({ ...call, headers: [['X-Note', "it's $HOME"]], body: nasty, user: "o'neill" }))).toEqual([
    '-X',
    'POST',
    `${origin}/v1/proxy/crm/${call.target}`,
    '-H',
    'Authorization: Bearer the-key',
    '-H',
    "Mooring-User: o'neill",
    '-H',
    "X-Note: it's $HOME",
    '--data-raw',
    nasty,
  ])
})

test('a whole URL stays whole behind the connection', () => {
  const [address] = argumentsOf(
    curlFor({ origin, connection: 'crm', method: 'GET', target: 'https://a.example/b?c=1' }),
  )
  expect(address).toBe(`${origin}/v1/proxy/crm/https://a.example/b?c=1`)
})
