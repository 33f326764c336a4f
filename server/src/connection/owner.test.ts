import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { leaseHolder } from './owner.ts'

const [space, pid] = leaseHolder().name.split('|')

test('every server has a name of its own, those of one process too, and none of them has ended', () => {
  const one = leaseHolder()
  const other = leaseHolder()
  expect(one.name).not.toBe(other.name)
  expect(one.hasEnded(other.name)).toBe(false)
  expect(one.hasEnded(one.name)).toBe(false)
})

test('a process that is gone has ended, one that runs has not', () => {
  const gone = spawnSync(process.execPath, ['--eval', '']).pid
  const holder = leaseHolder()
  expect(holder.hasEnded(`${space}|${gone}|x`)).toBe(true)
  expect(holder.hasEnded(`${space}|${process.ppid}|x`)).toBe(false)
})

test('an earlier process with the id of this one has ended', () => {
  expect(leaseHolder().hasEnded(`${space}|${pid}|of-an-earlier-start`)).toBe(true)
})

test('nothing is known of other machines, and of names that are none', () => {
  const holder = leaseHolder()
  for (const name of ['elsewhere/boot/pid:[1]|4194399|x', '', 'x', `${space}`, `${space}||x`, `${space}|-1|x`])
    expect(holder.hasEnded(name)).toBe(false)
})
