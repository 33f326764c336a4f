/**
 * Pages by key: a cursor holds where the last page ended, so that rows which come or go between two pages neither
 * repeat nor hide others.
 */
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { PageOf, PageRequest } from '../store.ts'

interface Place {
  /** created_at, the time of an event, or a sequence. */
  at: number
  /** The sequence of an event; '' where `at` alone is unique. */
  id: string
}

function toCursor({ at, id }: Place): string {
  return Buffer.from(`${at}.${id}`).toString('base64url')
}

/** Throws RangeError('cursor') where the text is not one that `toCursor` made. */
function fromCursor(cursor: string): Place {
  const match = cursor.length > 300 ? null : /^(-?\d{1,16})\.(.*)$/s.exec(Buffer.from(cursor, 'base64url').toString())
  const place = { at: Number(match?.[1]), id: match?.[2] ?? '' }
  if (!match || toCursor(place) !== cursor) throw new RangeError('cursor')
  return place
}

/** For lists ordered by created_at and id, both descending: true of rows after the cursor. */
function olderThan(cursor: string): RawBuilder<SqlBool> {
  const { at, id } = fromCursor(cursor)
  if (id === '') throw new RangeError('cursor')
  return sql<SqlBool>`(created_at, id) < (${at}, ${id})`
}

/** A query of rows that have created_at and id, as far as a page of them needs it. */
interface Rows<Row> {
  where(condition: RawBuilder<SqlBool>): Rows<Row>
  orderBy(order: RawBuilder<unknown>): Rows<Row>
  limit(count: number): Rows<Row>
  execute(): Promise<Row[]>
}

/** A page of a list, newest first. */
export async function newestFirst<Row extends { created_at: number; id: string }, T>(
  rows: Rows<Row>,
  page: PageRequest,
  toRecord: (row: Row) => T,
): Promise<PageOf<T>> {
  const from = page.cursor === undefined ? rows : rows.where(olderThan(page.cursor))
  const found = await from
    .orderBy(sql`created_at desc`)
    .orderBy(sql`id desc`)
    .limit(page.limit + 1)
    .execute()
  return pageOf(found, page, toRecord, (row) => ({ at: row.created_at, id: row.id }))
}

/** For events, ordered by time and sequence, both descending: true of those after the cursor. */
export function earlierThan(cursor: string): RawBuilder<SqlBool> {
  const { at, id } = fromCursor(cursor)
  if (!/^\d{1,15}$/.test(id)) throw new RangeError('cursor')
  return sql<SqlBool>`(events.at, events.sequence) < (${at}, ${Number(id)})`
}

/** For lists ordered by sequence alone. */
export function sequenceOf(cursor: string): number {
  const { at, id } = fromCursor(cursor)
  if (id !== '') throw new RangeError('cursor')
  return at
}

/** A page out of `limit + 1` rows: the one too many tells that there is a next page. */
export function pageOf<Row, T>(
  rows: Row[],
  page: PageRequest,
  toRecord: (row: Row) => T,
  placeOf: (row: Row) => Place,
): PageOf<T> {
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  const nextCursor = rows.length > page.limit && last !== undefined ? toCursor(placeOf(last)) : null
  return { items: shown.map(toRecord), nextCursor }
}
