#!/usr/bin/env node
// JavaScript, so that a Node too old to run TypeScript still gets to this sentence.
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `mooring needs Node 24 or newer and this is ${process.version}: run npm ci, then npm run mooring.\n`,
  )
  process.exitCode = 1
} else {
  // Keeps what Node makes of the TypeScript, so that the next command starts in half the time. Not in the shared
  // temporary folder, where somebody else could leave code for us to run.
  module.enableCompileCache(join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mooring'))
  await import('../src/main.ts')
}
