import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const program = join(import.meta.dirname, 'child.ts')

/** A process of its own that does one of the works of `child.ts`. `said`: what it has told so far. */
export function startChild(...args: string[]): { child: ChildProcess; said: string[]; ended: Promise<unknown[]> } {
  const child = fork(program, args, { execArgv: [], stdio: 'inherit' })
  const said: string[] = []
  child.on('message', (message: string) => said.push(message))
  return { child, said, ended: once(child, 'exit') }
}
