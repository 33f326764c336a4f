import { describe, expect, test } from 'vitest'
import { table } from './report.ts'
import { alternate, find, median } from './row.ts'

const about = { what: 'Calls', unit: 'calls/s', kind: 'ratio', aim: { atLeast: 0.9 } } as const

describe('a row', () => {
  test('compares within each round, so that a machine that slows down changes no ratio', () => {
    const { comparison, ours, reference } = find(about, [
      { ours: 90, reference: 100 },
      { ours: 45, reference: 50 },
      { ours: 16, reference: 20 },
    ])
    expect(comparison).toEqual({ kind: 'ratio', median: 0.9, lowest: 0.8, highest: 0.9 })
    expect([ours, reference]).toEqual([45, 50])
  })

  test('takes the mean of the two in the middle as the median of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  test('lets each of the two begin every second round', async () => {
    const order: string[] = []
    const play = (name: string) => async (): Promise<string> => {
      order.push(name)
      return name
    }
    const results = await alternate(3, play('ours'), play('reference'))
    expect(order).toEqual(['ours', 'reference', 'reference', 'ours', 'ours', 'reference'])
    expect(results).toEqual(Array.from({ length: 3 }, () => ({ ours: 'ours', reference: 'reference' })))
  })

  test('says in the table whether the aim was reached, a difference with its sign', () => {
    const lines = table([
      find(about, [{ ours: 80, reference: 100 }]),
      find({ what: 'Latency', unit: 'ms', kind: 'difference', aim: { atMost: 0.3 } }, [{ ours: 0.5, reference: 0.3 }]),
    ]).split('\n')
    expect(lines[2]).toMatch(/^Calls +80 calls\/s +100 calls\/s +0\.80 +0\.80 \.\. 0\.80 +>= 0\.90 +missed$/)
    expect(lines[3]).toMatch(/^Latency .* \+0\.200 .* <= 0\.3 ms +reached$/)
  })
})
