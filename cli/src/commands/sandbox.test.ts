import { expect, test } from 'vitest'
import { mooring } from '../../test/mooring.ts'

test('the sandbox says what is there and runs until Ctrl-C', async () => {
  const ran = await mooring(['sandbox', '--port', '0'], {
    started: (child) => child.stderr?.once('data', () => child.kill('SIGINT')),
  })
  expect(ran).toMatchObject({ code: 0, stderr: '\nStop it with Ctrl-C.\n' })
  expect(ran.stdout).toMatch(/^The sandbox is at http:\/\/localhost:\d+\n/)
  expect(ran.stdout).toMatch(/sandbox_bearer +.+ +token=/)
})

test.each([
  ['--port', 'x'],
  ['--access-token-life', '0'],
])('%s %s is a mistake in the command line', async (...args) => {
  expect(await mooring(['sandbox', ...args])).toMatchObject({ code: 2, stdout: '' })
})
