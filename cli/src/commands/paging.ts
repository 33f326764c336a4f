/** Lists, a page at a time. */
import type { Page } from '@mooring/sdk'
import { UsageError } from '../failure.ts'
import type { Output } from '../output.ts'

export const pageOptions = {
  limit: { type: 'string', short: 'n', value: 'number', help: 'At most this many, 1 to 100 (50)' },
  cursor: { type: 'string', value: 'cursor', help: 'Go on after an earlier page' },
} as const

export function pageQuery(values: { limit?: string; cursor?: string }): { limit?: number; cursor?: string } {
  const limit = values.limit === undefined ? undefined : Number(values.limit)
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= 100)) {
    throw new UsageError('--limit takes a whole number from 1 to 100.')
  }
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(values.cursor === undefined ? {} : { cursor: values.cursor }),
  }
}

interface Shown<T> {
  headings: string[]
  row: (item: T) => string[]
  /** Said where there is nothing to show. */
  none: string
}

/** A page as JSON or as a table, with how to see the next. */
export function printPage<T>(output: Output, page: Page<T>, { headings, row, none }: Shown<T>): void {
  if (output.json) {
    output.printJson(page)
    return
  }
  if (page.items.length === 0) output.note(none)
  output.table(headings, page.items.map(row))
  if (page.nextCursor !== null) output.note(`More: --cursor ${page.nextCursor}`, 'dim')
}
