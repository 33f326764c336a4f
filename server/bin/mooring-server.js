#!/usr/bin/env node
// JavaScript, so that a Node too old to run the rest still gets to this sentence.
import { homedir } from 'node:os'
import { join } from 'node:path'
import module from 'node:module'

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`mooring-server needs Node 24 or newer and this is ${process.version}.\n`)
  process.exitCode = 1
} else {
  // As the mooring command does: a second start is faster.
  module.enableCompileCache(join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mooring'))
  const { main } = await import('../src/main.ts')
  await main()
}
