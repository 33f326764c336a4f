import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StoreAwayError } from '../store.ts'
import { createTurns } from './postgres_turns.ts'

/** Work that ends when it is told to. */
function work(name: string, said: string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const run = (): Promise<string> => {
    said.push(`${name} begins`)
    return promise
  }
  return { run, end: () => resolve(name), fail: () => reject(new Error(name)) }
}

test('go one by one in the order of asking, whatever becomes of each', async () => {
  const turns = createTurns()
  const said: string[] = []
  const [a, b, c] = [work('a', said), work('b', said), work('c', said)]
  expect(turns.taken()).toBe(false)
  const [first, second, third] = [a, b, c].map(({ run }) => turns.take(run, 60_000))
  await setImmediate()
  expect([said, turns.taken()]).toEqual([['a begins'], true])
  a.fail()
  await expect(first).rejects.toThrow('a')
  await setImmediate()
  expect(said).toEqual(['a begins', 'b begins'])
  b.end()
  c.end()
  expect(await Promise.all([second, third])).toEqual(['b', 'c'])
  expect([said, turns.taken()]).toEqual([['a begins', 'b begins', 'c begins'], false])
})

test('are given up by who waits too long, without whoever is behind going first', async () => {
  const turns = createTurns()
  const said: string[] = []
  const [a, b, c] = [work('a', said), work('b', said), work('c', said)]
  const first = turns.take(a.run, 60_000)
  const second = turns.take(b.run, 1)
  const third = turns.take(c.run, 60_000)
  await expect(second).rejects.toThrow(StoreAwayError)
  await setImmediate()
  expect(said).toEqual(['a begins'])
  a.end()
  c.end()
  expect([await first, await third]).toEqual(['a', 'c'])
  expect(said).toEqual(['a begins', 'c begins'])
})
