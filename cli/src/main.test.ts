import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mooring, mooringHere } from '../test/mooring.ts'

test.each([[['help']], [['services', 'create', '--help']], [['servcies']]])(
  'mooring %j as a process does what it does here',
  async (args) => {
    expect(await mooring(args)).toEqual(await mooringHere(args))
  },
)

test('a reader that has seen enough is no error', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../bin/mooring.js'), 'help'])
  child.stdout.destroy()
  const complaints: Buffer[] = []
  child.stderr.on('data', (piece: Buffer) => complaints.push(piece))
  const [code] = await once(child, 'close')
  expect([code, Buffer.concat(complaints).toString()]).toEqual([0, ''])
})
