/** A list of the API is given a page at a time. */
export interface Page<T> {
  items: T[]
  /** Asks for the next page; null on the last. */
  nextCursor: string | null
}

/** Every item of every page, asking for the next page when it is needed. */
export async function* everyItem<T>(
  get: (cursor: string | undefined) => Promise<Page<T>>,
  from?: string,
): AsyncGenerator<T, void, undefined> {
  for (let cursor = from; ;) {
    const page = await get(cursor)
    yield* page.items
    if (page.nextCursor === null) return
    cursor = page.nextCursor
  }
}
