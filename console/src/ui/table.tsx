/** Tables that become stacked rows on a phone. */
import type { ReactNode } from 'react'
import { cn } from './class_names.ts'

interface TableProps {
  /** What the rows are. */
  label: string
  columns: readonly (string | { hidden: string })[]
  children: ReactNode
  className?: string
}

/** The columns' names; `hidden` ones are only read out. */
export function Table({ label, columns, children, className }: TableProps) {
  return (
    <table aria-label={label} className={cn('w-full text-left max-lg:block', className)}>
      <thead className="border-b border-line text-xs text-ink-3 max-lg:sr-only">
        <tr>
          {columns.map((column) => (
            <th
              key={typeof column === 'string' ? column : column.hidden}
              scope="col"
              className="h-9 px-2 font-medium whitespace-nowrap first:pl-4 last:pr-4"
            >
              {typeof column === 'string' ? column : <span className="sr-only">{column.hidden}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line max-lg:block">{children}</tbody>
    </table>
  )
}

/** On a phone: the first cell on top, the rest below each other, the actions at the end of the first line. */
export function Row({ children, dim = false }: { children: ReactNode; dim?: boolean }) {
  return (
    <tr
      className={cn(
        'max-lg:relative max-lg:flex max-lg:flex-col max-lg:gap-1 max-lg:px-4 max-lg:py-3',
        dim && 'text-ink-3',
      )}
    >
      {children}
    </tr>
  )
}

interface CellProps {
  /** The column's name, shown beside the value on a phone. Not for the first cell. */
  label?: string
  children: ReactNode
  className?: string
}

export function Cell({ label, children, className }: CellProps) {
  return (
    <td
      className={cn(
        'min-w-0 px-2 py-2.5 align-middle first:pl-4 last:pr-4 max-lg:flex max-lg:items-baseline max-lg:gap-2 max-lg:p-0 max-lg:first:pr-10 max-lg:first:pl-0 max-lg:last:pr-0',
        className,
      )}
    >
      {label !== undefined && (
        <span aria-hidden className="w-24 shrink-0 text-[13px] text-ink-3 lg:hidden">
          {label}
        </span>
      )}
      <div className="min-w-0">{children}</div>
    </td>
  )
}

/** Buttons or a menu at the end of a row. */
export function ActionCell({ children }: { children: ReactNode }) {
  return (
    <td className="w-0 px-2 py-1.5 text-right last:pr-4 max-lg:absolute max-lg:top-2 max-lg:right-2 max-lg:w-auto max-lg:p-0 max-lg:last:pr-0">
      <div className="flex items-center justify-end gap-1">{children}</div>
    </td>
  )
}
