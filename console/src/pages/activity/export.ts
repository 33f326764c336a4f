import type { WorkspaceActivity } from '@mooring/sdk'
import { saveAs } from '../../ui/save_as.ts'

/** The rows that are loaded, as the API gives them. */
export function exportEntries(entries: readonly WorkspaceActivity[]): void {
  const text = `${JSON.stringify(entries, null, 2)}\n`
  saveAs(
    new Blob([text], { type: 'application/json' }),
    `mooring-activity-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.json`,
  )
}
