/** What every list that comes in pages does the same. */
import { expect, test } from 'vitest'
import type { PageOf, PageRequest } from '../../store.ts'

export interface PagedList {
  /** Ready for `insert`: whatever the rows need to exist is there. */
  insert: (id: string, createdAt: number) => Promise<void>
  list: (page: PageRequest) => Promise<PageOf<{ id: string }>>
}

export function pageTests(use: () => Promise<PagedList>): void {
  test('comes newest first, rows of one moment by id', async () => {
    const { insert, list } = await use()
    for (const [id, at] of Object.entries({ p: 10, q: 30, r: 20, s: 20 })) await insert(id, at)
    const page = await list({ limit: 10 })
    expect(page).toEqual({ items: ['q', 's', 'r', 'p'].map((id) => expect.objectContaining({ id })), nextCursor: null })
  })

  test('sorts ids by their bytes, whatever the language of the database', async () => {
    const { insert, list } = await use()
    for (const id of ['Q', 'p', '_r', 's']) await insert(id, 10)
    const first = await list({ limit: 2 })
    const second = await list({ limit: 2, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['s', 'p', '_r', 'Q'])
  })

  test('continues where a page ended, without a repeat or a gap when rows come and go in between', async () => {
    const { insert, list } = await use()
    for (const [id, at] of Object.entries({ p: 10, q: 20, r: 20, s: 20, t: 30 })) await insert(id, at)
    const first = await list({ limit: 2 })
    expect(first.items.map(({ id }) => id)).toEqual(['t', 's'])
    await insert('u', 40)
    const second = await list({ limit: 2, cursor: first.nextCursor ?? '' })
    expect(second.items.map(({ id }) => id)).toEqual(['r', 'q'])
    const third = await list({ limit: 2, cursor: second.nextCursor ?? '' })
    expect(third.items.map(({ id }) => id)).toEqual(['p'])
    expect(third.nextCursor).toBeNull()
  })

  test('has no next page when the rows end with the page', async () => {
    const { insert, list } = await use()
    await insert('p', 10)
    await insert('q', 20)
    expect((await list({ limit: 2 })).nextCursor).toBeNull()
    expect((await list({ limit: 1 })).nextCursor).toMatch(/^[\w-]+$/)
  })

  test.each(['', 'nonsense', 'MTIz', 'MTIu', '!!', `${Buffer.from('20.q').toString('base64url')}=`, 'A'.repeat(400)])(
    'answers the cursor %j, which it never gave, with RangeError',
    async (cursor) => {
      const { list } = await use()
      await expect(list({ limit: 2, cursor })).rejects.toThrow(new RangeError('cursor'))
    },
  )
}
