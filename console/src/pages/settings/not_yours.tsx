import type { ReactNode } from 'react'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'

/** A page that the role of whoever opened it does not reach: said plainly, not shown as an error. */
export function NotYours({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Page title={title} width="narrow">
      <Notice tone="info" title="Only owners and admins see this">
        {children}
      </Notice>
    </Page>
  )
}
