/**
 * Looking for a text in names, whatever its case. Folding happens here and not in the engine: SQLite's LIKE knows the
 * case of ASCII only, PostgreSQL's depends on its locale.
 */
import { type RawBuilder, type SqlBool, sql } from 'kysely'

/** Texts that differ only in case become the same. */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

/** What the `search` column holds. */
export function searchText(name: string, linkName: string): string {
  return `${fold(name)}\n${fold(linkName)}`
}

/** True of rows whose `search` column holds the query, `%` and `_` taken as they are. */
export function matches(query: string): RawBuilder<SqlBool> {
  const literal = fold(query).replace(/[\\%_]/g, '\\$&')
  return sql<SqlBool>`search like ${`%${literal}%`} escape '\\'`
}

/**
 * The first text that sorts after all link names starting with this one: a range the index can answer, unlike LIKE.
 * `~` sorts after every character of a link name.
 */
export function afterPrefix(linkName: string): string {
  return `${linkName}~`
}
