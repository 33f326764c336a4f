import type { FormField, Service } from '@mooring/sdk'
import { lazy, Suspense, useState } from 'react'
import { Button } from '../../ui/button.tsx'

const ReplaceDialog = lazy(() =>
  import('./replace_dialog.tsx').then(({ ReplaceDialog }) => ({ default: ReplaceDialog })),
)

/** "Replace Client Secret": the one thing about how a ready service authenticates that can still change. */
export function ReplaceSecret({ field, service }: { field: FormField; service: Service }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        Replace {field.title}
      </Button>
      <Suspense>{open && <ReplaceDialog field={field} service={service} onClose={() => setOpen(false)} />}</Suspense>
    </>
  )
}
