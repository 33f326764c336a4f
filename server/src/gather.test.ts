import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gather, type Written } from './gather.ts'

const all = (items: number[]): Written<string>[] =>
  items.map((item) => (item < 0 ? { ok: false, error: new Error(`no ${item}`) } : { ok: true, result: `done ${item}` }))

test('what comes at once, and while a write is under way, is written together and in order', async () => {
  const writes: number[][] = []
  const add = gather(async (items: number[]) => {
    writes.push(items)
    await wait(5)
    return all(items)
  })
  const first = [add(1), add(2), add(3)]
  await wait(2)
  const second = [add(4), add(5)]
  expect(await Promise.all([...first, ...second])).toEqual(['done 1', 'done 2', 'done 3', 'done 4', 'done 5'])
  expect(writes).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
})

test('one that fails fails alone; a write that throws fails for all of it, and the next goes on', async () => {
  let broken = false
  const add = gather(async (items: number[]) => {
    if (broken) throw new Error('away')
    return all(items)
  })
  expect(await Promise.allSettled([add(1), add(-2), add(3)])).toMatchObject([
    { value: 'done 1' },
    { reason: new Error('no -2') },
    { value: 'done 3' },
  ])
  broken = true
  expect(await Promise.allSettled([add(1), add(2)])).toMatchObject([
    { reason: new Error('away') },
    { reason: new Error('away') },
  ])
  broken = false
  expect(await add(7)).toBe('done 7')
})

test('a write has no more items than it may', async () => {
  const sizes: number[] = []
  const add = gather(async (items: number[]) => {
    sizes.push(items.length)
    return all(items)
  }, 2)
  await Promise.all([1, 2, 3, 4, 5].map(add))
  expect(sizes).toEqual([2, 2, 1])
})
