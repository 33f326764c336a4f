import { Link } from '@tanstack/react-router'
import type { Connection } from '@mooring/sdk'
import { cn } from '../../ui/class_names.ts'
import { useNow } from '../../ui/time.tsx'
import { isShown, type Show, tiles } from './filter.ts'

/** How many there are of each kind; each tile shows only those. */
export function StatusTiles({ connections, show }: { connections: readonly Connection[]; show: Show | undefined }) {
  const now = useNow()
  return (
    <nav aria-label="By status">
      <ul className="grid grid-cols-2 gap-2 sm:grid-cols-4">
        {tiles.map((tile) => {
          const count = connections.filter((connection) => isShown(connection, tile.show, now)).length
          const current = tile.show === show
          return (
            <li key={tile.label}>
              <Link
                to="/connections"
                search={({ query }) => ({
                  ...(query === undefined ? {} : { query }),
                  ...(tile.show === undefined ? {} : { show: tile.show }),
                })}
                replace
                activeOptions={{ exact: true }}
                className={cn(
                  'flex items-baseline justify-between gap-2 rounded-md border bg-card px-3 py-2 transition-colors',
                  current ? 'border-accent shadow-[inset_0_0_0_1px_var(--accent)]' : 'border-line hover:bg-hover',
                )}
              >
                <span className={cn('min-w-0', current ? 'font-medium' : 'text-ink-2')}>{tile.label}</span>
                <span
                  className={cn(
                    'text-base font-semibold tabular',
                    tile.show === 'attention' && count > 0 ? 'text-warn' : 'text-ink',
                  )}
                >
                  {count}
                </span>
              </Link>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
